// A rule over two workspaces, every minute.

using '../../../main.bicep'

param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
]
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-example'
param otherWorkspaceIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-monitor2/providers/Microsoft.OperationalInsights/workspaces/law-2'
]
param alertEvery = 'PT1M'
