// Machines of whole management groups: the program reads every subscription that it sees.

using '../../main.bicep'

param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
]
param machineManagementGroupIds = [
  'mg-edge'
]
param alertEvery = 'PT1M'
