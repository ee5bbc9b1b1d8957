// A private zone whose records private endpoints keep.

using '../../../main.bicep'

param privateZoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net'
]
param policyNames = [
  '*.home.example.com'
]
param settings = {
  POLICY_PRIVATE_PREFIXES: '10.0.0.0/8'
}
