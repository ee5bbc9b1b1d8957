// That the heartbeat rule holds for one machine. The agent's extension has to be on it.

@description('Name of the Arc machine, which lies in the resource group that this module is deployed to.')
param machineName string

@description('Resource id of the data collection rule.')
param ruleId string

resource machine 'Microsoft.HybridCompute/machines@2024-07-10' existing = {
  name: machineName
}

resource association 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: 'heartbeat-dns'
  scope: machine
  properties: {
    description: 'Heartbeats for heartbeat-dns'
    dataCollectionRuleId: ruleId
  }
}
