// A first deployment: copy this file, put your own ids in, and deploy it:
//   az deployment group create --resource-group rg-heartbeat-dns --parameters main.bicepparam

using 'main.bicep'

// The public zones whose names are kept right.
param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]

// The workspace that the machines send their heartbeats to. Leave it out for a new one.
param workspaceId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-example'

// Who may be managed.
param policyNames = [
  '*.home.example.com'
]

// Where the machines are; without this, the whole subscription that is deployed to.
param machineResourceGroupIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-edge'
]

// Look first. `apply` switches it on.
param mode = 'observe'
