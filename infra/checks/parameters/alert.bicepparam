// The second stage, with two workspaces.

using '../../alert.bicep'

param functionAppName = 'heartbeat-dns-abcdefghijklm'
param identityId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-heartbeat-dns/providers/Microsoft.ManagedIdentity/userAssignedIdentities/heartbeat-dns-abcdefghijklm'
param workspaceIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-example'
  '/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-monitor2/providers/Microsoft.OperationalInsights/workspaces/law-2'
]
param location = 'westeurope'
param frequency = 'PT5M'
param queryTimespan = 'PT2H'
param ownerId = 'dcr-00000000000000000000000000000001'
