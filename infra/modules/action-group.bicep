// Whom the alert rule calls: the function, with its own key. The key is read while this is deployed and leaves it nowhere else.

@description('Name of the action group.')
param name string

@description('Tags of the resource.')
param tags object

@description('Name of the function app, whose code is there already.')
param functionAppName string

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName

  resource remediate 'functions' existing = {
    name: 'function-remediate'
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'Global'
  tags: tags
  properties: {
    groupShortName: 'dns repair'
    enabled: true
    azureFunctionReceivers: [
      {
        name: 'function-remediate'
        functionAppResourceId: functionApp.id
        functionName: functionApp::remediate.name
        httpTriggerUrl: 'https://${functionApp.properties.defaultHostName}/api/remediate?code=${functionApp::remediate.listKeys().default}'
        useCommonAlertSchema: true
      }
    ]
  }
}

@description('Resource id of the action group.')
output id string = actionGroup.id
