// Where the Functions host writes its own log: Application Insights on the workspace, sampled, reached by identity only.

@description('Name of the component.')
param name string

@description('Region of the component.')
param location string

@description('Tags of the resource.')
param tags object

@description('Resource id of the workspace.')
param workspaceId string

@description('Share of the telemetry that is kept, in percent.')
@minValue(1)
@maxValue(100)
param samplingPercentage int

@description('Object id of the function\'s identity.')
param principalId string

@description('Whether the role is assigned here.')
param assignRoles bool

// Monitoring Metrics Publisher.
var publisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    SamplingPercentage: samplingPercentage
    WorkspaceResourceId: workspaceId
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (assignRoles) {
  name: guid(component.id, principalId, publisher)
  scope: component
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the component.')
output id string = component.id

@description('Connection string; it names the component and opens nothing, since local authentication is off.')
output connectionString string = component.properties.ConnectionString
