// Roles are left to the owners, whose lines are printed; the timer alone repairs.

using '../../main.bicep'

param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param privateZoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
]
param roles = 'none'
param alertRule = false
param settings = {
  POLICY_PRIVATE_PREFIXES: '10.0.0.0/8'
}
param machineManagementGroupIds = [
  'mg-edge'
  '/providers/Microsoft.Management/managementGroups/mg-shops'
]
