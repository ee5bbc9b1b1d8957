// The right to query one workspace.

@description('Name of the workspace, which lies in the resource group that this module is deployed to.')
param workspaceName string

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role for the tables that are read; builtin: Log Analytics Reader.')
@allowed(['custom', 'builtin'])
param roles string

var logs = loadJsonContent('../roles/logs.json')
// Log Analytics Reader.
var builtin = '73c42c96-874c-492b-b04d-ab87d138a893'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(workspace.id, principalId, logs.name)
  properties: {
    roleName: '${logs.name}, ${uniqueString(workspace.id, principalId)}'
    description: logs.description
    type: 'CustomRole'
    permissions: [
      {
        actions: logs.actions
        notActions: []
        dataActions: logs.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, principalId, roles)
  scope: workspace
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
