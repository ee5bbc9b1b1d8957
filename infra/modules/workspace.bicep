// A workspace of our own, for those who have none yet. It takes no shared keys.

@description('Name of the workspace.')
param name string

@description('Region of the workspace.')
param location string

@description('Tags of the resource.')
param tags object

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

@description('Resource id of the workspace.')
output id string = workspace.id
