// What makes an Arc machine beat: a data collection rule that sends something to the workspace. The agent sends a heartbeat a
// minute to every workspace that one of its rules names, whatever else the rule collects; here that is one counter in half an
// hour, since a rule must collect something. Heartbeats themselves are not billed.

@description('Name of the data collection rule.')
param name string

@description('Region; that of the workspace.')
param location string

@description('Tags of the resource.')
param tags object

@description('Resource id of the workspace that the machines beat into.')
param workspaceId string

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: name
  location: location
  tags: tags
  properties: {
    description: 'Heartbeats of Arc machines for heartbeat-dns'
    dataSources: {
      performanceCounters: [
        {
          name: 'uptime'
          streams: [
            'Microsoft-Perf'
          ]
          samplingFrequencyInSeconds: 1800
          counterSpecifiers: [
            '\\System\\System Up Time'
          ]
        }
      ]
    }
    destinations: {
      logAnalytics: [
        {
          name: 'workspace'
          workspaceResourceId: workspaceId
        }
      ]
    }
    dataFlows: [
      {
        streams: [
          'Microsoft-Perf'
        ]
        destinations: [
          'workspace'
        ]
      }
    ]
  }
}

@description('Resource id of the rule.')
output id string = rule.id
