// The right to keep the record sets of one zone: a role of its own, assigned on the zone and nowhere above it.

@description('Name of the zone, which lies in the resource group that this module is deployed to.')
param zoneName string

@description('Object id of the function\'s identity.')
param principalId string

@description('custom: a role with exactly the calls that are made; builtin: DNS Zone Contributor.')
@allowed(['custom', 'builtin'])
param roles string

@description('Whether record sets may also be deleted. Nothing in the program deletes one today.')
param allowDelete bool

@description('Whether a private zone of the same name is managed too: what that hides is told by all names of this one.')
param hasPrivateTwin bool

var records = loadJsonContent('../roles/records.json')
var release = loadJsonContent('../roles/release.json')
var reading = hasPrivateTwin ? concat(records.actions, records.actionsOfPrivateTwins) : records.actions
// DNS Zone Contributor.
var builtin = 'befefa01-2a29-4197-83a8-272ff33ce314'

resource zone 'Microsoft.Network/dnsZones@2018-05-01' existing = {
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
        actions: allowDelete ? concat(reading, release.actions) : reading
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
