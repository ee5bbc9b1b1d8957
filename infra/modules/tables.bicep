// The three custom tables, on the Analytics plan: the query joins them and feeds an alert. Their columns stand in ../tables.

@description('Name of the workspace.')
param workspaceName string

@description('How long rows can be queried, in days. The program itself looks back 30 days at most.')
@minValue(4)
@maxValue(730)
param retentionInDays int

var schemas = [
  {
    name: 'TagData_CL'
    columns: loadJsonContent('../tables/TagData_CL.json')
  }
  {
    name: 'DNSData_CL'
    columns: loadJsonContent('../tables/DNSData_CL.json')
  }
  {
    name: 'DNSChange_CL'
    columns: loadJsonContent('../tables/DNSChange_CL.json')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

// One after the other: a workspace refuses two changes of its schema at once.
@batchSize(1)
resource tables 'Microsoft.OperationalInsights/workspaces/tables@2022-10-01' = [
  for schema in schemas: {
    parent: workspace
    name: schema.name
    properties: {
      plan: 'Analytics'
      retentionInDays: retentionInDays
      totalRetentionInDays: retentionInDays
      schema: {
        name: schema.name
        columns: [for column in schema.columns: {
          name: column.name
          // The Tables API spells the type with a capital T, the data collection rule without.
          type: column.type == 'datetime' ? 'dateTime' : column.type
          description: column.description
        }]
      }
    }
  }
]

@description('Customer id of the workspace.')
output customerId string = workspace.properties.customerId

@description('Region of the workspace; a data collection rule has to stand in the same.')
output location string = workspace.location
