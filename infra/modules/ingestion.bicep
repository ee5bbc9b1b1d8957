// The way into the tables: a data collection rule with endpoints of its own, one stream a table, and the right to send to it.

@description('Name of the data collection rule.')
param name string

@description('Region; that of the workspace.')
param location string

@description('Tags of the resource.')
param tags object

@description('Resource id of the workspace that holds the tables.')
param workspaceId string

@description('Resource id of a data collection endpoint, for private link; empty: the rule\'s own endpoint.')
param dataCollectionEndpointId string

@description('Object id of the function\'s identity.')
param principalId string

@description('Whether the role is assigned here.')
param assignRoles bool

// Monitoring Metrics Publisher.
var publisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var destination = 'workspace'

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: name
  location: location
  tags: tags
  kind: 'Direct'
  properties: {
    description: 'Tags, record sets and changes of heartbeat-dns'
    dataCollectionEndpointId: empty(dataCollectionEndpointId) ? null : dataCollectionEndpointId
    streamDeclarations: {
      'Custom-TagData': {
        columns: [for column in loadJsonContent('../tables/TagData_CL.json'): {
          name: column.name
          type: column.type
        }]
      }
      'Custom-DNSData': {
        columns: [for column in loadJsonContent('../tables/DNSData_CL.json'): {
          name: column.name
          type: column.type
        }]
      }
      'Custom-DNSChange': {
        columns: [for column in loadJsonContent('../tables/DNSChange_CL.json'): {
          name: column.name
          type: column.type
        }]
      }
    }
    destinations: {
      logAnalytics: [
        {
          name: destination
          workspaceResourceId: workspaceId
        }
      ]
    }
    dataFlows: [
      {
        streams: ['Custom-TagData']
        destinations: [destination]
        transformKql: 'source'
        outputStream: 'Custom-TagData_CL'
      }
      {
        streams: ['Custom-DNSData']
        destinations: [destination]
        transformKql: 'source'
        outputStream: 'Custom-DNSData_CL'
      }
      {
        streams: ['Custom-DNSChange']
        destinations: [destination]
        transformKql: 'source'
        outputStream: 'Custom-DNSChange_CL'
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (assignRoles) {
  name: guid(rule.id, principalId, publisher)
  scope: rule
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the rule.')
output id string = rule.id

@description('Immutable id of the rule, dcr-….')
output immutableId string = rule.properties.immutableId

@description('Endpoint of the rule itself.')
output endpoint string = rule.properties.endpoints.logsIngestion
