// All that can be switched on, with two workspaces, behind a private link that lets nothing else through.

using '../../main.bicep'

param name = 'heartbeat-dns'
param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/dyn.example.net'
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param privateZoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
  'nas.dyn.example.net'
]
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-example'
param otherWorkspaceIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-monitor2/providers/Microsoft.OperationalInsights/workspaces/law-2'
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-monitor2/providers/Microsoft.OperationalInsights/workspaces/law-2'
]
param machineSubscriptionIds = [
  '00000000-0000-0000-0000-000000000003'
]
param machineResourceGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-edge'
]
param mode = 'apply'
param roles = 'builtin'
param allowDelete = true
param alertEvery = 'PT10M'
param queryTimespan = 'PT4H'
param settings = {
  POLICY_TTL: 120
  POLICY_CREATE: false
  HOSTNAME_TAG: 'name'
  OWNER_ID: 'house "one"'
  POLICY_PRIVATE_PREFIXES: '10.0.0.0/8'
}
param notifyUrl = 'https://hooks.example.com/placeholder'
param retentionInDays = 90
param functionSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/functions'
param alertEmails = [
  'a@example.com'
  'b@example.com'
]
param privateLinkSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/pe'
param privateLinkLocation = 'northeurope'
param privateLinkAccessMode = 'PrivateOnly'
param heartbeatMachineIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas'
]
param workbook = true
param queryPack = true
param tags = {
  owner: 'me'
}
