// The right to read the machines of one management group and their tags, subscriptions that join it later included. A deployment of its
// own, at the group: a template of a resource group cannot reach above its subscription.

targetScope = 'managementGroup'

@description('Object id of the function\'s identity, the output principalId of main.bicep.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: Reader.')
@allowed(['custom', 'builtin'])
param roles string = 'custom'

@description('Whether the policy file has a management group as scope, for which the groups above each subscription are read.')
param managementGroupClaims bool = false

@description('Kinds of machines that can have names, as in TARGETS: arc, vm. With vm it is read too which addresses are their own.')
param targets string = 'arc'

var machines = loadJsonContent('roles/machines.json')
var kinds = split(targets, ',')
var ofVirtualMachines = contains(kinds, 'vm')
var machineActions = union(ofVirtualMachines && !contains(kinds, 'arc') ? [] : machines.actions, ofVirtualMachines ? machines.actionsOfVirtualMachines : [])
// Reader.
var builtin = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(managementGroup().id, principalId, machines.name)
  properties: {
    roleName: '${machines.name}, ${uniqueString(managementGroup().id, principalId)}'
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
      managementGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principalId, machines.name, roles)
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : tenantResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
