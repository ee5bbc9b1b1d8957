// The right to keep the record sets of one private zone: a role of its own, assigned on the zone and nowhere above it. Links to
// networks are read, and never made or changed.

@description('Name of the private zone, which lies in the resource group that this module is deployed to.')
param zoneName string

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: Private DNS Zone Contributor.')
@allowed(['custom', 'builtin'])
param roles string

@description('Whether record sets may also be deleted. Nothing in the program deletes one today.')
param allowDelete bool

var records = loadJsonContent('../roles/private-records.json')
var release = loadJsonContent('../roles/private-release.json')
// Private DNS Zone Contributor.
var builtin = 'b12aa53e-6015-4669-85d0-8515ebb3ae7f'

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (roles == 'custom') {
  name: guid(zone.id, principalId, records.name)
  properties: {
    roleName: '${records.name}, ${zoneName} ${uniqueString(zone.id, principalId)}'
    description: records.description
    type: 'CustomRole'
    permissions: [
      {
        actions: allowDelete ? concat(records.actions, release.actions) : records.actions
        notActions: []
        dataActions: records.dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [
      resourceGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(zone.id, principalId, roles)
  scope: zone
  properties: {
    roleDefinitionId: roles == 'custom' ? role.id : subscriptionResourceId('Microsoft.Authorization/roleDefinitions', builtin)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
