// The right to read the machines of one subscription and their tags.

targetScope = 'subscription'

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: Reader.')
@allowed(['custom', 'builtin'])
param roles string

@description('Whether the policy file has a management group as scope, for which the groups above each subscription are read.')
param managementGroupClaims bool = false

@description('Kinds of machines that can have names, as in TARGETS: arc, vm. With vm it is read too which addresses are their own.')
param targets array

var machines = loadJsonContent('../roles/machines.json')
var ofVirtualMachines = contains(targets, 'vm')
var machineActions = union(ofVirtualMachines && !contains(targets, 'arc') ? [] : machines.actions, ofVirtualMachines ? machines.actionsOfVirtualMachines : [])
// Reader.
var builtin = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(subscription().id, principalId, machines.name)
  properties: {
    roleName: '${machines.name}, ${uniqueString(subscription().id, principalId)}'
    description: machines.description
    type: 'CustomRole'
    permissions: [
      {
        actions: union(machineActions, managementGroupClaims ? machines.actionsOfManagementGroups : [])
        notActions: []
        dataActions: machines.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, machines.name, roles)
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
