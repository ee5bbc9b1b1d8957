// The second stage: the alert rule that finds what has drifted and the action group that calls the function. It comes after the
// code, because a function has a key only once it is there. main.bicep prints the values that this takes.

targetScope = 'resourceGroup'

@description('First part of all names, as in main.bicep.')
@minLength(3)
@maxLength(16)
param name string = 'heartbeat-dns'

@description('Name of the function app.')
param functionAppName string

@description('Resource id of the function\'s identity.')
param identityId string

@description('Resource ids of the workspaces, the one with our tables first.')
@minLength(1)
param workspaceIds array

@description('Region of the first workspace.')
param location string

@description('How often the query runs; once a minute over one workspace only.')
@allowed(['PT1M', 'PT5M', 'PT10M', 'PT15M'])
param frequency string = 'PT5M'

@description('What the query reads, the same as in main.bicep.')
@allowed(['PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H', 'PT6H', 'P1D', 'P2D'])
param queryTimespan string = 'PT2H'

@description('Id of the installation, the output deployedOwnerId of main.bicep: the rule counts its rows alone; empty: the rows of all.')
param ownerId string = ''

@description('Tags of all resources.')
param tags object = {}

@description('Object id of the app registration whose token the calls bring beside the key (docs/webhook-token.md); empty: none. The function asks for it by its settings WEBHOOK_TENANT_ID, WEBHOOK_AUDIENCE and WEBHOOK_ROLE.')
param webhookObjectId string = ''

@description('Identifier URI of that app registration.')
param webhookIdentifierUri string = ''

@description('The tenant of that app registration.')
param webhookTenantId string = tenant().tenantId

module actionGroup 'modules/action-group.bicep' = {
  name: '${name}-action-group'
  params: {
    name: '${name}-repair'
    tags: tags
    functionAppName: functionAppName
    webhookObjectId: webhookObjectId
    webhookIdentifierUri: webhookIdentifierUri
    webhookTenantId: webhookTenantId
  }
}

module drift 'modules/drift-alert.bicep' = {
  name: '${name}-drift'
  params: {
    name: '${name}-drift'
    location: location
    tags: tags
    identityId: identityId
    workspaceIds: workspaceIds
    frequency: frequency
    queryTimespan: queryTimespan
    ownerId: ownerId
    actionGroupId: actionGroup.outputs.id
  }
}

@description('Resource id of the rule; the function listens to no other (ALERT_RULE_IDS).')
output alertRuleId string = drift.outputs.id
