// The right to read the machines of one resource group and their tags.

targetScope = 'resourceGroup'

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: Reader.')
@allowed(['custom', 'builtin'])
param roles string

@description('Kinds of machines that can have names, as in TARGETS: arc, vm. With vm it is read too which addresses are their own.')
param targets array

var machines = loadJsonContent('../roles/machines.json')
var ofVirtualMachines = contains(targets, 'vm')
var machineActions = union(ofVirtualMachines && !contains(targets, 'arc') ? [] : machines.actions, ofVirtualMachines ? machines.actionsOfVirtualMachines : [])
// Reader.
var builtin = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(resourceGroup().id, principalId, machines.name)
  properties: {
    roleName: '${machines.name}, ${uniqueString(resourceGroup().id, principalId)}'
    description: machines.description
    type: 'CustomRole'
    permissions: [
      {
        actions: machineActions
        notActions: []
        dataActions: machines.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, machines.name, roles)
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
