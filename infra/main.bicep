// heartbeat-dns in one resource group: everything but the alert rule, which needs the function's key and therefore comes after
// the code (alert.bicep), and the role at management groups, which takes a deployment of its own there (management-group.bicep).
// What lies elsewhere (zones, machines, workspaces) is touched by role assignments only.

targetScope = 'resourceGroup'

@description('Region of all resources; one that offers Flex Consumption. With an existing workspace only what must stand beside it goes to the workspace\'s region.')
param location string = resourceGroup().location

@description('First part of all names; a data collection rule of kind Direct takes 30 characters, of which 14 stand behind it.')
@minLength(3)
@maxLength(16)
param name string = 'heartbeat-dns'

@description('Resource ids of the public DNS zones to manage. They may lie in other resource groups and subscriptions. At least one zone is needed, of either kind.')
param zoneIds array = []

@description('Resource ids of the private DNS zones to manage; one may have the name of a public zone. With settings: { POLICY_PRIVATE_PREFIXES: … }. Their links to networks are read, and never made or changed.')
param privateZoneIds array = []

@description('Names that may be managed: home.example.com is that name, *.dyn.example.com has * for one label or a part of one, * is every name but apexes and wildcards. Needed without a policy.')
param policyNames array = []

@description('The text of a policy file (docs/policy.md), as loadTextContent reads it; policyNames holds no longer then.')
param policy string = ''

@description('Resource id of the workspace that the machines send heartbeats to; empty: a new one.')
param workspaceId string = ''

@description('Resource ids of further workspaces whose heartbeats are read.')
param otherWorkspaceIds array = []

@description('Ids of the subscriptions whose machines are read. With no subscription, resource group or management group: this subscription.')
param machineSubscriptionIds array = []

@description('Resource ids of the resource groups whose machines are read; narrower than whole subscriptions.')
param machineResourceGroupIds array = []

@description('Names or resource ids of the management groups whose machines are read, those of subscriptions that join them later included. Their role is assigned by management-group.bicep.')
param machineManagementGroupIds array = []

@description('observe: say what would be done; apply: do it. The first deployment only observes.')
@allowed(['observe', 'apply'])
param mode string = 'observe'

@description('custom: roles with exactly the calls that are made; builtin: the nearest built-in roles, which allow more; none: assign nothing and print the lines for those who may.')
@allowed(['custom', 'builtin', 'none'])
param roles string = 'custom'

@description('Whether the role on the zones may delete record sets too. Nothing in the program deletes one today.')
param allowDelete bool = false

@description('Whether the alert rule of alert.bicep will be there. false: the timer alone finds what has drifted.')
param alertRule bool = true

@description('How often the alert rule of alert.bicep asks. Once a minute takes no other workspaces, since a rule that names them is refused then.')
@allowed(['PT1M', 'PT5M', 'PT10M', 'PT15M'])
param alertEvery string = 'PT5M'

@description('How often the timer ticks, as an NCRONTAB expression of six fields, in UTC.')
param collectorSchedule string = '0 */5 * * * *'

@description('How old the copy of tags and record sets may become, at most 12h.')
param snapshotEvery string = '30m'

@description('What the query reads: at least twice snapshotEvery and 15 minutes, at least an hour, and one of the spans that an alert rule takes. alert.bicep takes the same value. No complete sweep for as long is a fault of its own.')
@allowed(['PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H', 'PT6H', 'P1D', 'P2D'])
param queryTimespan string = 'PT2H'

@description('Further settings of the program by name, such as { POLICY_TTL: \'120\' }. They win over everything here.')
param settings object = {}

@description('Where changes are told (a webhook address with its secret); empty: nowhere.')
@secure()
param notifyUrl string = ''

@description('What is called after each good run (an address with its secret); empty: nothing.')
@secure()
param pingUrl string = ''

@description('How long rows of the custom tables can be queried, in days.')
@minValue(30)
@maxValue(730)
param retentionInDays int = 30

@description('Share of the host\'s telemetry that is kept, in percent.')
@minValue(1)
@maxValue(100)
param samplingPercentage int = 100

@description('Subnet for the function\'s outgoing calls, delegated to Microsoft.App/environments; empty: none.')
param functionSubnetId string = ''

@description('Who is written to when the system itself does not work; with nobody, the alert is seen in the portal only.')
param alertEmails array = []

@description('Resource id of a subnet for a private endpoint to Azure Monitor, at least a /27; empty: no private link.')
param privateLinkSubnetId string = ''

@description('With private link: region of the network, in which the endpoint has to stand; empty: location.')
param privateLinkLocation string = ''

@description('With private link: whether the network still reaches what is not in the scope.')
@allowed(['Open', 'PrivateOnly'])
param privateLinkAccessMode string = 'Open'

@description('With private link: resource ids of the private zones for Azure Monitor that the network has already. Those that are missing are made.')
param privateLinkZoneIds array = []

@description('Resource ids of Arc machines that are to send heartbeats to the workspace; the agent has to be on them.')
param heartbeatMachineIds array = []

@description('Whether the workbook is there.')
param workbook bool = true

@description('Whether the query pack with the recipes is there.')
param queryPack bool = false

@description('Tags of all resources.')
param tags object = {}

var suffix = uniqueString(resourceGroup().id, name)

// What Azure would take, and what would then not work, is refused before anything is made.
var isCutOff = !empty(privateLinkSubnetId) && privateLinkAccessMode == 'PrivateOnly' && empty(functionSubnetId)
var isTooOften = alertRule && alertEvery == 'PT1M' && !empty(otherWorkspaceIds)
var isWithoutZone = empty(zoneIds) && empty(privateZoneIds)
var isWithoutPrefixes = !empty(privateZoneIds) && empty(string(settings.?POLICY_PRIVATE_PREFIXES ?? ''))
var resourceName = '${name}-${isCutOff ? fail('privateLinkAccessMode PrivateOnly closes the way that rows go: say functionSubnetId too (FUNCTION_SUBNET_ID), or Open') : isTooOften ? fail('alertEvery PT1M (ALERT_EVERY) takes no otherWorkspaceIds: a rule that reads several workspaces cannot ask once a minute') : isWithoutZone ? fail('no zone is said: zoneIds (DNS_ZONE_IDS), privateZoneIds (PRIVATE_ZONE_IDS), or both') : isWithoutPrefixes ? fail('privateZoneIds (PRIVATE_ZONE_IDS) takes settings: { POLICY_PRIVATE_PREFIXES: … }, which of a machine\'s own addresses may stand there') : suffix}'
var checkedZoneIds = [for id in zoneIds: '${id}${length(split(id, '/')) == 9 && contains(toLower(id), '/providers/microsoft.network/dnszones/') ? '' : fail('zoneIds (DNS_ZONE_IDS) holds ${id}, which is not the resource id of a public DNS zone')}']
var checkedPrivateZoneIds = [for id in privateZoneIds: '${id}${length(split(id, '/')) == 9 && contains(toLower(id), '/providers/microsoft.network/privatednszones/') ? '' : fail('privateZoneIds (PRIVATE_ZONE_IDS) holds ${id}, which is not the resource id of a private DNS zone')}${contains(toLower('.${last(split(id, '/'))}.'), '.privatelink.') ? fail('privateZoneIds (PRIVATE_ZONE_IDS) holds ${id}, whose records belong to private endpoints') : ''}']

// What is named twice is one.
var zones = union(checkedZoneIds, [])
var privateZones = union(checkedPrivateZoneIds, [])
var furtherWorkspaceIds = union(otherWorkspaceIds, [])
var machineGroupIds = union(machineResourceGroupIds, [])
var heartbeatMachines = union(heartbeatMachineIds, [])

// A deployment's name in another group or subscription knows whose it is: two installations may deploy at once, and one at a
// subscription can never change its region.
var here = uniqueString(resourceGroup().id)

var assignRoles = roles != 'none'
// The kind of role of the modules that are left out with `none`.
var kindOfRole = roles == 'builtin' ? 'builtin' : 'custom'

var workspaceName = resourceName
var workspaceOf = empty(workspaceId) ? resourceId('Microsoft.OperationalInsights/workspaces', workspaceName) : workspaceId
var workspaceIds = concat([workspaceOf], furtherWorkspaceIds)
var workspaceParts = split(workspaceOf, '/')

var thisSubscription = empty(machineSubscriptionIds) && empty(machineGroupIds) && empty(machineManagementGroupIds)
var machineSubscriptions = thisSubscription ? [subscription().subscriptionId] : union(machineSubscriptionIds, [])
var subscriptionsOfGroups = [for id in machineGroupIds: split(id, '/')[2]]
var subscriptionScopes = [for id in machineSubscriptions: '/subscriptions/${id}']
var managementGroupScopes = [for id in machineManagementGroupIds: startsWith(id, '/') ? id : '/providers/Microsoft.Management/managementGroups/${id}']

// A setting wins over the parameter of its name, for the alerts too.
var timespan = settings.?QUERY_TIMESPAN ?? queryTimespan

// The kinds of machines, as the program reads them; unless somebody chose others, Arc alone.
var targets = split(replace(toLower(string(settings.?TARGETS ?? 'arc')), ' ', ''), ',')

// Who the installation is in its marks and rows, as the program takes it: OWNER_ID, else LOGS_DCR_RULE_ID.
// Deployments reach into the whole group of a zone, so their right is given only where they are made.
var deploys = toLower(string(settings.?APPLY_VIA ?? '')) == 'deployment'
var zonesOfBothKinds = union(zones, privateZones)
var groupsOfZones = [for id in zonesOfBothKinds: toLower(join(take(split(id, '/'), 5), '/'))]
var zoneGroupIds = union(groupsOfZones, [])
// What a private zone hides is told by all names of the public one of its name.
var privateZoneNames = [for id in privateZones: toLower(split(id, '/')[8])]
var chosenOwner = string(settings.?OWNER_ID ?? '')
var chosenRule = string(settings.?LOGS_DCR_RULE_ID ?? '')
var ownerId = !empty(chosenOwner) ? chosenOwner : (!empty(chosenRule) ? chosenRule : ingestion.outputs.immutableId)

// Known before the rule exists, so that the function can be told which rule it may listen to.
var alertRuleId = resourceId('Microsoft.Insights/scheduledQueryRules', '${name}-drift')

module identity 'modules/identity.bicep' = {
  name: '${name}-identity'
  params: {
    name: resourceName
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: '${name}-storage'
  params: {
    name: take('hbdns${suffix}', 24)
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    assignRoles: assignRoles
  }
}

module workspace 'modules/workspace.bicep' = if (empty(workspaceId)) {
  name: '${name}-workspace'
  params: {
    name: workspaceName
    location: location
    tags: tags
  }
}

// Read where they lie: without roles to assign nothing is deployed there.
resource otherWorkspaces 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = [for id in furtherWorkspaceIds: {
  name: split(id, '/')[8]
  scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
}]

module tables 'modules/tables.bicep' = {
  name: '${name}-tables-${here}'
  scope: resourceGroup(workspaceParts[2], workspaceParts[4])
  params: {
    workspaceName: workspaceParts[8]
    retentionInDays: retentionInDays
  }
  dependsOn: [
    workspace
  ]
}

module ingestion 'modules/ingestion.bicep' = {
  name: '${name}-ingestion'
  params: {
    name: resourceName
    location: tables.outputs.location
    tags: tags
    workspaceId: workspaceOf
    dataCollectionEndpointId: endpointId
    principalId: identity.outputs.principalId
    assignRoles: assignRoles
  }
}

module insights 'modules/app-insights.bicep' = {
  name: '${name}-insights'
  params: {
    name: resourceName
    location: location
    tags: tags
    workspaceId: workspaceOf
    samplingPercentage: samplingPercentage
    principalId: identity.outputs.principalId
    assignRoles: assignRoles
  }
  dependsOn: [
    workspace
  ]
}

module ownWorkspaceAccess 'modules/workspace-access.bicep' = if (assignRoles) {
  name: '${name}-logs-${here}'
  scope: resourceGroup(workspaceParts[2], workspaceParts[4])
  params: {
    workspaceName: workspaceParts[8]
    principalId: identity.outputs.principalId
    roles: kindOfRole
  }
  dependsOn: [
    workspace
  ]
}

module otherWorkspaceAccess 'modules/workspace-access.bicep' = [
  for id in furtherWorkspaceIds: if (assignRoles) {
    name: '${name}-logs-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      workspaceName: split(id, '/')[8]
      principalId: identity.outputs.principalId
      roles: kindOfRole
    }
  }
]

module recordsRole 'modules/role-records.bicep' = [
  for id in zones: if (assignRoles) {
    name: '${name}-records-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      zoneName: split(id, '/')[8]
      principalId: identity.outputs.principalId
      roles: kindOfRole
      allowDelete: allowDelete
      hasPrivateTwin: contains(privateZoneNames, toLower(split(id, '/')[8]))
    }
  }
]

module privateRecordsRole 'modules/role-private-records.bicep' = [
  for id in privateZones: if (assignRoles) {
    name: '${name}-records-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      zoneName: split(id, '/')[8]
      principalId: identity.outputs.principalId
      roles: kindOfRole
      allowDelete: allowDelete
    }
  }
]

module deploymentsRole 'modules/role-deployments.bicep' = [
  for id in zoneGroupIds: if (assignRoles && deploys) {
    name: '${name}-deployments-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      principalId: identity.outputs.principalId
      roles: kindOfRole
    }
  }
]

module subscriptionMachinesRole 'modules/role-machines-subscription.bicep' = [
  for id in machineSubscriptions: if (assignRoles) {
    name: '${name}-machines-${uniqueString(id, resourceGroup().id, resourceGroup().location)}'
    scope: subscription(id)
    params: {
      principalId: identity.outputs.principalId
      roles: kindOfRole
      targets: targets
      managementGroupClaims: contains(toLower(policy), 'microsoft.management/managementgroups')
    }
  }
]

module groupMachinesRole 'modules/role-machines-group.bicep' = [
  for id in machineGroupIds: if (assignRoles) {
    name: '${name}-machines-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      principalId: identity.outputs.principalId
      roles: kindOfRole
      targets: targets
    }
  }
]

module privateLink 'modules/private-link.bicep' = if (!empty(privateLinkSubnetId)) {
  name: '${name}-private-link'
  params: {
    name: resourceName
    location: tables.outputs.location
    networkLocation: empty(privateLinkLocation) ? location : privateLinkLocation
    tags: tags
    workspaceIds: workspaceIds
    insightsId: insights.outputs.id
    subnetId: privateLinkSubnetId
    networkId: join(take(split(privateLinkSubnetId, '/'), 9), '/')
    accessMode: privateLinkAccessMode
    existingZoneIds: privateLinkZoneIds
  }
}

// Over private link the agents are configured, and rows go, through the data collection endpoint; else rows go through the rule's own.
var endpointId = empty(privateLinkSubnetId) ? '' : privateLink.?outputs.dataCollectionEndpointId ?? ''
var ingestionEndpoint = empty(privateLinkSubnetId) ? ingestion.outputs.endpoint : privateLink.?outputs.ingestionEndpoint ?? ''

module heartbeatRule 'modules/heartbeat-rule.bicep' = if (!empty(heartbeatMachines)) {
  name: '${name}-heartbeat-rule'
  params: {
    name: '${name}-heartbeats'
    location: tables.outputs.location
    tags: tags
    workspaceId: workspaceOf
  }
}

module heartbeatAssociations 'modules/heartbeat-association.bicep' = [
  for id in heartbeatMachines: {
    name: '${name}-heartbeats-${uniqueString(id, resourceGroup().id)}'
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      machineName: split(id, '/')[8]
      ruleId: heartbeatRule.?outputs.id ?? ''
      endpointId: endpointId
      installation: suffix
    }
  }
]

module health 'modules/health-alert.bicep' = {
  name: '${name}-health'
  params: {
    name: name
    location: tables.outputs.location
    tags: tags
    identityId: identity.outputs.id
    workspaceIds: workspaceIds
    queryTimespan: timespan
    ownerId: ownerId
    emails: alertEmails
  }
  dependsOn: [
    ownWorkspaceAccess
  ]
}

module workbookModule 'modules/workbook.bicep' = if (workbook) {
  name: '${name}-workbook'
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: workspaceOf
    ownerId: ownerId
  }
  dependsOn: [
    tables
  ]
}

module queryPackModule 'modules/query-pack.bicep' = if (queryPack) {
  name: '${name}-query-pack'
  params: {
    name: '${name}-recipes'
    location: location
    tags: tags
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: '${name}-function-app'
  params: {
    name: resourceName
    planName: resourceName
    location: location
    tags: tags
    identityId: identity.outputs.id
    clientId: identity.outputs.clientId
    packageUrl: storage.outputs.packageUrl
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    insightsConnectionString: insights.outputs.connectionString
    subnetId: functionSubnetId
    deployed: {
      DNS_ZONES: join(zones, ',')
      PRIVATE_ZONES: join(privateZones, ',')
      LOGS_INGESTION_ENDPOINT: ingestionEndpoint
      LOGS_DCR_RULE_ID: ingestion.outputs.immutableId
      POLICY_NAMES: empty(policy) ? join(policyNames, ',') : ''
      // A value with a line break is the text itself, not a path.
      POLICY_FILE: empty(policy) ? '' : '${policy}\n'
      MODE: mode
      COLLECTOR_SCHEDULE: collectorSchedule
      SNAPSHOT_EVERY: snapshotEvery
      QUERY_TIMESPAN: queryTimespan
      SUBSCRIPTIONS: empty(machineManagementGroupIds) ? join(union(machineSubscriptions, subscriptionsOfGroups), ',') : ''
      ALERT_RULE_IDS: alertRule ? alertRuleId : ''
    }
    chosen: settings
    workspaceCustomerId: tables.outputs.customerId
    otherWorkspaceCustomerIds: [for (id, i) in furtherWorkspaceIds: otherWorkspaces[i].properties.customerId]
    notifyUrl: notifyUrl
    pingUrl: pingUrl
  }
}

module roleCommands 'modules/role-commands.bicep' = {
  name: '${name}-role-commands'
  params: {
    principalId: identity.outputs.principalId
    zoneIds: zones
    privateZoneIds: privateZones
    machineScopes: concat(subscriptionScopes, machineGroupIds)
    managementGroupScopes: managementGroupScopes
    targets: targets
    workspaceIds: workspaceIds
    dataCollectionRuleId: ingestion.outputs.id
    storageId: storage.outputs.id
    insightsId: insights.outputs.id
    allowDelete: allowDelete
    deploys: deploys
  }
}

@description('Name of the function app, for the deployment of the code and for alert.bicep.')
output functionAppName string = functionApp.outputs.name

@description('Resource group of the function app.')
output resourceGroupName string = resourceGroup().name

@description('Resource id of the function\'s identity, for alert.bicep.')
output identityId string = identity.outputs.id

@description('Object id of the function\'s identity, which roles are assigned to.')
output principalId string = identity.outputs.principalId

@description('What the query reads, for alert.bicep.')
output deployedQueryTimespan string = timespan

@description('Id of the installation, for alert.bicep.')
output deployedOwnerId string = ownerId

@description('First part of all names, for alert.bicep.')
output deployedName string = name

@description('Whether the function waits or acts.')
output deployedMode string = mode

@description('Who assigns the roles.')
output deployedRoles string = roles

@description('Kinds of machines that can have names, for management-group.bicep.')
output deployedTargets string = join(targets, ',')

@description('Whether alert.bicep is to follow.')
output deployedAlertRule bool = alertRule

@description('How often the rule asks, for alert.bicep.')
output deployedAlertEvery string = alertEvery

@description('The tenant whose tokens the function asks for, for alert.bicep; empty: it asks for none.')
output deployedWebhookTenantId string = string(settings.?WEBHOOK_TENANT_ID ?? '')

@description('For whom those tokens are: names of the app registration, by which alert.bicep is told of it.')
output deployedWebhookAudience string = string(settings.?WEBHOOK_AUDIENCE ?? '')

@description('Resource ids of the management groups at which management-group.bicep is to follow.')
output managementGroupIds array = managementGroupScopes

@description('Resource ids of the workspaces, the one with our tables first, for alert.bicep.')
output workspaceIds array = workspaceIds

@description('Region of the first workspace, for alert.bicep.')
output workspaceLocation string = tables.outputs.location

@description('Endpoint that the program sends rows to (LOGS_INGESTION_ENDPOINT).')
output logsIngestionEndpoint string = ingestionEndpoint

@description('Immutable id of the data collection rule (LOGS_DCR_RULE_ID).')
output dataCollectionRuleImmutableId string = ingestion.outputs.immutableId

@description('With roles=none: the lines to run for those who may assign roles. Otherwise empty.')
output roleCommands array = assignRoles ? [] : roleCommands.outputs.lines
