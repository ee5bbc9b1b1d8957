// That the heartbeat rule holds for one machine, and, over private link, where its agent finds the rule. The agent's extension has to
// be on it.

@description('Name of the Arc machine, which lies in the resource group that this module is deployed to.')
param machineName string

@description('Resource id of the data collection rule.')
param ruleId string

@description('Resource id of the data collection endpoint that the agent is configured through; empty: the public one.')
param endpointId string

@description('What tells the installation from others, which may name the same machine.')
param installation string

resource machine 'Microsoft.HybridCompute/machines@2024-07-10' existing = {
  name: machineName
}

resource association 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: 'heartbeat-dns-${installation}'
  scope: machine
  properties: {
    description: 'Heartbeats for heartbeat-dns'
    dataCollectionRuleId: ruleId
  }
}

// A machine has one such association, and this is the only name that it can have.
resource endpointAssociation 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = if (!empty(endpointId)) {
  name: 'configurationAccessEndpoint'
  scope: machine
  properties: {
    description: 'Private link of heartbeat-dns'
    dataCollectionEndpointId: endpointId
  }
}
