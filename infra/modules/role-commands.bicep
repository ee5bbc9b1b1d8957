// What `roles=none` leaves to the owners of the zones, machines and workspaces: the lines to run, made of the same role files. An
// identity can be given a role at a place once only, so a built-in role is assigned under the name that the modules give it: whoever
// lets the template assign the roles later meets what is there, not a refusal.

@description('Object id of the function\'s identity.')
param principalId string

@description('Resource ids of the managed public zones.')
param zoneIds array

@description('Resource ids of the managed private zones.')
param privateZoneIds array

@description('Resource ids of the subscriptions and resource groups whose machines are read.')
param machineScopes array

@description('Resource ids of the management groups whose machines are read.')
param managementGroupScopes array

@description('Resource ids of all workspaces that are queried.')
param workspaceIds array

@description('Resource id of the data collection rule.')
param dataCollectionRuleId string

@description('Resource id of the storage account of the Functions host.')
param storageId string

@description('Resource id of Application Insights.')
param insightsId string

@description('Whether the role on the zones may delete record sets too.')
param allowDelete bool

@description('Whether templates are deployed into the groups of the zones, as APPLY_VIA=deployment does.')
param deploys bool

@description('Kinds of machines that can have names, as in TARGETS: arc, vm. With vm it is read too which addresses are their own.')
param targets array

var machines = loadJsonContent('../roles/machines.json')
var ofVirtualMachines = contains(targets, 'vm')
var machineActions = union(ofVirtualMachines && !contains(targets, 'arc') ? [] : machines.actions, ofVirtualMachines ? machines.actionsOfVirtualMachines : [])
var records = loadJsonContent('../roles/records.json')
var release = loadJsonContent('../roles/release.json')
var privateRecords = loadJsonContent('../roles/private-records.json')
var privateRelease = loadJsonContent('../roles/private-release.json')
var logs = loadJsonContent('../roles/logs.json')
var deployments = loadJsonContent('../roles/deployments.json')

// Names of roles are unique in a tenant; another installation has another identity.
var suffix = uniqueString(principalId)
var machinesName = '${machines.name}, ${suffix}'
var recordsName = '${records.name}, ${suffix}'
var twinsName = '${records.name} of private twins, ${suffix}'
var privateRecordsName = '${privateRecords.name}, ${suffix}'
var logsName = '${logs.name}, ${suffix}'
var deploymentsName = '${deployments.name}, ${suffix}'

// Monitoring Metrics Publisher, and Storage Blob Data Owner, as in ingestion.bicep, app-insights.bicep and storage.bicep.
var publisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

// A role can be defined on resource groups and subscriptions: the first five parts of an id, or all of a shorter one.
var zoneGroups = [for id in zoneIds: join(take(split(id, '/'), 5), '/')]
var privateZoneGroups = [for id in privateZoneIds: join(take(split(id, '/'), 5), '/')]

// The public zones beside which a private one of the same name is managed.
var privateZoneNames = [for id in privateZoneIds: toLower(split(id, '/')[8])]
var twinIds = filter(zoneIds, id => contains(privateZoneNames, toLower(split(id, '/')[8])))
var twinGroups = [for id in twinIds: join(take(split(id, '/'), 5), '/')]
var workspaceGroups = [for id in workspaceIds: join(take(split(id, '/'), 5), '/')]

var machineDefinitions = empty(machineScopes) ? [] : [
  {
    Name: machinesName
    Description: machines.description
    Actions: machineActions
    DataActions: machines.dataActions
    AssignableScopes: machineScopes
  }
]
// A role can be defined on one management group only.
var groupDefinitions = [for scope in managementGroupScopes: {
  Name: '${machinesName} ${split(scope, '/')[4]}'
  Description: machines.description
  Actions: machineActions
  DataActions: machines.dataActions
  AssignableScopes: [
    scope
  ]
}]
var recordDefinitions = empty(zoneIds) ? [] : [
  {
    Name: recordsName
    Description: records.description
    Actions: allowDelete ? concat(records.actions, release.actions) : records.actions
    DataActions: records.dataActions
    AssignableScopes: union(zoneGroups, [])
  }
]
var twinDefinitions = empty(twinIds) ? [] : [
  {
    Name: twinsName
    Description: 'Read the names of a zone that a private zone of the same name may hide'
    Actions: records.actionsOfPrivateTwins
    DataActions: records.dataActions
    AssignableScopes: union(twinGroups, [])
  }
]
var privateRecordDefinitions = empty(privateZoneIds) ? [] : [
  {
    Name: privateRecordsName
    Description: privateRecords.description
    Actions: allowDelete ? concat(privateRecords.actions, privateRelease.actions) : privateRecords.actions
    DataActions: privateRecords.dataActions
    AssignableScopes: union(privateZoneGroups, [])
  }
]
var zoneDefinitions = concat(recordDefinitions, twinDefinitions, privateRecordDefinitions)
var logDefinitions = [
  {
    Name: logsName
    Description: logs.description
    Actions: logs.actions
    DataActions: logs.dataActions
    AssignableScopes: union(workspaceGroups, [])
  }
]

// In lower case, so that a group that is spelled in two ways is one.
var zonesOfBothKinds = concat(zoneIds, privateZoneIds)
var lowerZoneGroups = [for id in zonesOfBothKinds: toLower(join(take(split(id, '/'), 5), '/'))]
var deploymentGroups = union(lowerZoneGroups, [])
var deploymentDefinitions = deploys ? [
  {
    Name: deploymentsName
    Description: deployments.description
    Actions: deployments.actions
    DataActions: deployments.dataActions
    AssignableScopes: deploymentGroups
  }
] : []

var definitions = concat(machineDefinitions, groupDefinitions, zoneDefinitions, logDefinitions, deploymentDefinitions)

var machineAssignments = [for scope in machineScopes: {
  name: guid(scope, principalId, machinesName)
  role: machinesName
  scope: scope
}]
var groupAssignments = [for scope in managementGroupScopes: {
  name: guid(scope, principalId, machinesName)
  role: '${machinesName} ${split(scope, '/')[4]}'
  scope: scope
}]
var recordAssignments = [for scope in zoneIds: {
  name: guid(scope, principalId, recordsName)
  role: recordsName
  scope: scope
}]
var twinAssignments = [for scope in twinIds: {
  name: guid(scope, principalId, twinsName)
  role: twinsName
  scope: scope
}]
var privateRecordAssignments = [for scope in privateZoneIds: {
  name: guid(scope, principalId, privateRecordsName)
  role: privateRecordsName
  scope: scope
}]
var deploymentAssignments = [for scope in (deploys ? deploymentGroups : []): {
  name: guid(scope, principalId, deploymentsName)
  role: deploymentsName
  scope: scope
}]
var logAssignments = [for scope in workspaceIds: {
  name: guid(scope, principalId, logsName)
  role: logsName
  scope: scope
}]
var ownAssignments = [
  {
    name: guid(dataCollectionRuleId, principalId, publisher)
    role: 'Monitoring Metrics Publisher'
    scope: dataCollectionRuleId
  }
  {
    name: guid(insightsId, principalId, publisher)
    role: 'Monitoring Metrics Publisher'
    scope: insightsId
  }
  {
    name: guid(storageId, principalId, blobDataOwner)
    role: 'Storage Blob Data Owner'
    scope: storageId
  }
]
var assignments = concat(machineAssignments, groupAssignments, recordAssignments, twinAssignments, privateRecordAssignments, deploymentAssignments, logAssignments, ownAssignments)

var definitionLines = [for definition in definitions: 'az role definition create --role-definition \'${string(definition)}\'']
var assignmentLines = [for assignment in assignments: 'az role assignment create --name ${assignment.name} --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role \'${assignment.role}\' --scope \'${assignment.scope}\'']

@description('Lines for a shell with az: roles first, then their assignments.')
output lines array = concat(definitionLines, assignmentLines)
