// The right to deploy templates into the group of a zone, as APPLY_VIA=deployment does: a role of its own, assigned on the group.

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: DNS Zone Contributor, which holds them and every zone of the group.')
@allowed(['custom', 'builtin'])
param roles string

var deployments = loadJsonContent('../roles/deployments.json')
// DNS Zone Contributor.
var builtin = 'befefa01-2a29-4197-83a8-272ff33ce314'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(resourceGroup().id, principalId, deployments.name)
  properties: {
    roleName: '${deployments.name}, ${uniqueString(resourceGroup().id, principalId)}'
    description: deployments.description
    type: 'CustomRole'
    permissions: [
      {
        actions: deployments.actions
        notActions: []
        dataActions: deployments.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'deployments', roles)
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
