// Private zones without a public one, one of them said twice, in groups that templates are deployed into.

using '../../main.bicep'

param privateZoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/corp.example.com'
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com'
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/corp.example.com'
]
param policyNames = [
  '*.home.example.com'
]
param settings = {
  POLICY_PRIVATE_PREFIXES: '10.0.0.0/8;corp.example.com=10.1.0.0/16'
  APPLY_VIA: 'deployment'
}
