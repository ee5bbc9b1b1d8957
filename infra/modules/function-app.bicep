// The function app: a Flex Consumption plan without always-ready instances, and every setting that the program reads.

@description('Name of the function app; its address is NAME.azurewebsites.net.')
param name string

@description('Name of the plan.')
param planName string

@description('Region; one that offers Flex Consumption.')
param location string

@description('Tags of the resources.')
param tags object

@description('Resource id of the function\'s identity.')
param identityId string

@description('Client id of the function\'s identity.')
param clientId string

@description('Address of the container that holds the package.')
param packageUrl string

@description('Endpoint of the blob service.')
param blobEndpoint string

@description('Endpoint of the queue service.')
param queueEndpoint string

@description('Endpoint of the table service.')
param tableEndpoint string

@description('Connection string of Application Insights; it opens nothing by itself.')
param insightsConnectionString string

@description('Subnet for outgoing calls, delegated to Microsoft.App/environments; empty: none.')
param subnetId string

@description('Settings of the program that depend on this deployment, by name.')
param deployed object

@description('Customer id of the workspace that holds our tables.')
param workspaceCustomerId string

@description('Customer ids of the other workspaces whose heartbeats are read.')
param otherWorkspaceCustomerIds array

@description('Settings of the program that a person chose, by name. They win over all others.')
param chosen object

@description('Where changes are told, with its secret in it; empty: nowhere.')
@secure()
param notifyUrl string

@description('What is called after each good run, with its secret in it; empty: nothing.')
@secure()
param pingUrl string

// What the Functions host reads. The storage by identity, address by address: the form with an account name knows the public
// cloud only. Telemetry by identity, since the component takes no keys.
var hostSettings = {
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
}

// What the program reads, one a line, with the values that hold unless somebody chose others. An empty value is no value.
var settings = {
  DNS_ZONES: ''
  PRIVATE_ZONES: ''
  LOGS_WORKSPACE_IDS: ''
  LOGS_INGESTION_ENDPOINT: ''
  LOGS_DCR_RULE_ID: ''
  POLICY_NAMES: ''
  POLICY_FILE: ''
  HOSTNAME_TEMPLATE: ''
  MODE: 'observe'
  RECONCILE_ON: 'alert,timer'
  COLLECTOR_SCHEDULE: '0 */5 * * * *'
  SNAPSHOT_EVERY: '30m'
  QUERY_TIMESPAN: 'PT2H'
  SUBSCRIPTIONS: ''
  HOSTNAME_TAG: 'DNSHostName'
  TARGETS: 'arc'
  OWNER_ID: ''
  REPLY_WITHIN: '8s'
  RUN_DEADLINE: '4m'
  COLLECT_DEADLINE: '4m'
  ALERT_RULE_IDS: ''
  WEBHOOK_TENANT_ID: ''
  WEBHOOK_AUDIENCE: ''
  WEBHOOK_ROLE: ''
  WEBHOOK_CALLER: ''
  APPLY_VIA: 'record-set'
  VERIFY: 'auto'
  DNS_VERIFY_SERVERS: ''
  NOTIFY_FORMAT: ''
  QUOTA_SHARE: '0.8'
  MOVES: 'off'
  POLICY_RECORD_TYPES: 'A'
  POLICY_ALLOW_PREFIXES: ''
  POLICY_DENY_PREFIXES: ''
  POLICY_PRIVATE_PREFIXES: ''
  POLICY_PRIVATE_MULTI: 'skip'
  POLICY_PRIVATE_TTL: '60'
  POLICY_EXPECT_PREFIXES: ''
  POLICY_MIN_BEATS: '2'
  POLICY_MIN_SPAN: '45s'
  POLICY_MAX_HEARTBEAT_AGE: '15m'
  POLICY_UNSEEN: '10m'
  POLICY_FLAP_HOLD: '45m'
  POLICY_CLAIM_DORMANT: '24h'
  POLICY_CREATE: 'true'
  POLICY_ORPHANS: 'keep'
  POLICY_ORPHAN_GRACE: '168h'
  POLICY_ADOPT: 'seen'
  POLICY_TTL: '60'
  POLICY_TTL_MAX: ''
  POLICY_MAX_SOURCES: '3'
  POLICY_MAX_MOVE_PERCENT: '30'
  POLICY_SURGE_HOLD: '15m'
  POLICY_MAX_SILENT_PERCENT: '50'
  AZURE_CLOUD: environment().name
  AZURE_AUTHORITY_HOST: environment().authentication.loginEndpoint
  AZURE_TENANT_ID: tenant().tenantId
  AZURE_CLIENT_ID: clientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  ARM_ENDPOINT: environment().resourceManager
  LOGS_QUERY_ENDPOINT: ''
  HTTPS_PROXY: ''
  HTTP_PROXY: ''
  NO_PROXY: ''
  SSL_CERT_FILE: ''
  LOG_LEVEL: 'info'
  LOG_FORMAT: 'json'
}

var workspaces = {
  LOGS_WORKSPACE_IDS: join(concat([workspaceCustomerId], otherWorkspaceCustomerIds), ',')
}

var secrets = {
  NOTIFY_URL: notifyUrl
  PING_URL: pingUrl
}

var all = union(hostSettings, settings, deployed, workspaces, secrets, chosen)

// Lists of one or none: an empty value must not reach the host either, to which it would be a value (SSL_CERT_FILE, HTTPS_PROXY).
// A number, or true and false, is its text: in a file of parameters one forgets the quotes.
var appSettings = [for setting in items(all): empty(string(setting.value)) ? [] : [{ name: setting.key, value: string(setting.value) }]]

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  // checkov:skip=CKV_AZURE_225:a run that is missed is done by the next; zones would double the price of a plan that costs nothing
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  // checkov:skip=CKV_AZURE_78:Flex Consumption has no FTP, and refuses the property that would switch it off
  // checkov:skip=CKV_AZURE_222:an action group calls from public addresses; the function key guards the function
  // checkov:skip=CKV_AZURE_17:an action group has no client certificate to show
  // checkov:skip=CKV_AZURE_212:Flex Consumption has no minimum of instances but always-ready ones, which would be paid day and night
  // checkov:skip=CKV_AZURE_213:health checks need a plan with instances of its own; the alert on the system itself watches the result
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    // The action group calls from public addresses.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    // Flex Consumption refuses much of what other plans take, ftpsState among it: tests/it/infra/flex.rs has the list.
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      appSettings: flatten(appSettings)
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 512
        maximumInstanceCount: 40
      }
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Resource id of the function app.')
output id string = site.id

@description('Name of the function app.')
output name string = site.name

@description('Host name of the function app.')
output hostName string = site.properties.defaultHostName
