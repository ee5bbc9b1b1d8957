// Whom the alert rule calls: the function, with its own key. The key is read while this is deployed and leaves it nowhere else.

@description('Name of the action group.')
param name string

@description('Tags of the resource.')
param tags object

@description('Name of the function app, whose code is there already.')
param functionAppName string

@description('Object id of the app registration whose token the calls bring beside the key (docs/webhook-token.md); empty: none.')
param webhookObjectId string

@description('Identifier URI of that app registration.')
param webhookIdentifierUri string

@description('The tenant of that app registration.')
param webhookTenantId string

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = {
  name: functionAppName

  resource remediate 'functions' existing = {
    name: 'function-remediate'
  }
}

var address = 'https://${functionApp.properties.defaultHostName}/api/remediate?code=${functionApp::remediate.listKeys().default}'
var bringsToken = !empty(webhookObjectId)

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'Global'
  tags: tags
  properties: {
    groupShortName: 'dns repair'
    enabled: true
    // A receiver of the kind function brings no token; a webhook at the same address does.
    azureFunctionReceivers: bringsToken ? [] : [
      {
        name: 'function-remediate'
        functionAppResourceId: functionApp.id
        functionName: functionApp::remediate.name
        httpTriggerUrl: address
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: bringsToken ? [
      {
        name: 'function-remediate'
        serviceUri: address
        useCommonAlertSchema: true
        useAadAuth: true
        objectId: webhookObjectId
        identifierUri: webhookIdentifierUri
        tenantId: webhookTenantId
      }
    ] : []
  }
}

@description('Resource id of the action group.')
output id string = actionGroup.id
