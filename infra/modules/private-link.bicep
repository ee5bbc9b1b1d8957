// For networks that reach Azure Monitor privately: a private link scope with the workspace and a data collection endpoint in it,
// an endpoint in the network, and the five zones that lead to it, as far as the network has none of that name: it takes each once.
// One scope serves a whole network: it changes where all workspaces are found from there.

@description('First part of all names.')
param name string

@description('Region of the data collection endpoint; that of the workspace.')
param location string

@description('Region of the private endpoint; that of the network.')
param networkLocation string

@description('Tags of the resources.')
param tags object

@description('Resource ids of the workspaces.')
param workspaceIds array

@description('Resource id of Application Insights.')
param insightsId string

@description('Resource id of the subnet that the endpoint stands in, at least a /27.')
param subnetId string

@description('Resource id of the network that the zones are linked to.')
param networkId string

@description('Open: what is not in the scope can still be reached; PrivateOnly: it cannot.')
@allowed(['Open', 'PrivateOnly'])
param accessMode string

@description('Resource ids of those of the five zones that are linked to the network already.')
param existingZoneIds array

var zoneNames = {
  monitor: 'privatelink.monitor.azure.com'
  oms: 'privatelink.oms.opinsights.azure.com'
  ods: 'privatelink.ods.opinsights.azure.com'
  agentsvc: 'privatelink.agentsvc.azure-automation.net'
  blob: 'privatelink.blob.${environment().suffixes.storage}'
}
// The second label of a name says what the zone is for, in every cloud.
var purposes = ['monitor', 'oms', 'ods', 'agentsvc', 'blob']
var existingPurposes = [for id in existingZoneIds: toLower(split(split(id, '/')[8], '.')[1])]
// Lists of one or none.
var missingPurposes = [for purpose in purposes: contains(existingPurposes, purpose) ? [] : [purpose]]
var ownPurposes = flatten(missingPurposes)

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = {
  name: name
  location: location
  tags: tags
  properties: {
    networkAcls: {
      publicNetworkAccess: accessMode == 'PrivateOnly' ? 'Disabled' : 'Enabled'
    }
  }
}

resource scope 'Microsoft.Insights/privateLinkScopes@2021-09-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    accessModeSettings: {
      ingestionAccessMode: accessMode
      queryAccessMode: accessMode
    }
  }

  resource endpointInScope 'scopedResources' = {
    name: 'endpoint'
    properties: {
      linkedResourceId: endpoint.id
    }
  }

  resource insightsInScope 'scopedResources' = {
    name: 'insights'
    properties: {
      linkedResourceId: insightsId
    }
  }
}

resource workspacesInScope 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = [for id in workspaceIds: {
  parent: scope
  name: 'workspace-${uniqueString(id)}'
  properties: {
    linkedResourceId: id
  }
}]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for purpose in ownPurposes: {
  name: zoneNames[purpose]
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (purpose, i) in ownPurposes: {
  parent: zones[i]
  name: name
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    // What stands in none of our zones is still found: other storage accounts have private endpoints of their own elsewhere.
    resolutionPolicy: 'NxDomainRedirect'
    virtualNetwork: {
      id: networkId
    }
  }
}]

resource privateEndpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: networkLocation
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: 'azuremonitor'
        properties: {
          privateLinkServiceId: scope.id
          groupIds: [
            'azuremonitor'
          ]
        }
      }
    ]
  }

  resource zoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [for purpose in purposes: {
        name: replace(zoneNames[purpose], '.', '-')
        properties: {
          privateDnsZoneId: contains(existingPurposes, purpose) ? existingZoneIds[indexOf(existingPurposes, purpose)] : resourceId('Microsoft.Network/privateDnsZones', zoneNames[purpose])
        }
      }]
    }
    dependsOn: [
      zones
    ]
  }
  // The addresses are known only once everything is in the scope.
  dependsOn: [
    workspacesInScope
    scope::endpointInScope
    scope::insightsInScope
  ]
}

@description('Resource id of the data collection endpoint, for the rule that takes our rows.')
output dataCollectionEndpointId string = endpoint.id

@description('Where rows are sent through the data collection endpoint.')
output ingestionEndpoint string = endpoint.properties.logsIngestion.endpoint
