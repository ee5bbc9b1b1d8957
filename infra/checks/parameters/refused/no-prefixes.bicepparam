// A private zone, and not which addresses may stand there.

using '../../../main.bicep'

param privateZoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/corp.example.com'
]
param policyNames = [
  '*.home.example.com'
]
