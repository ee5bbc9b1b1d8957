// What `roles=none` leaves to the owners of the zones, machines and workspaces: the lines to run, made of the same role files.

@description('Object id of the function\'s identity.')
param principalId string

@description('Resource ids of the managed zones.')
param zoneIds array

@description('Resource ids of the subscriptions and resource groups whose machines are read.')
param machineScopes array

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

var machines = loadJsonContent('../roles/machines.json')
var records = loadJsonContent('../roles/records.json')
var release = loadJsonContent('../roles/release.json')
var logs = loadJsonContent('../roles/logs.json')

// Names of roles are unique in a tenant; another installation has another identity.
var suffix = uniqueString(principalId)
var machinesName = '${machines.name}, ${suffix}'
var recordsName = '${records.name}, ${suffix}'
var logsName = '${logs.name}, ${suffix}'

// A role can be defined on resource groups and subscriptions: the first five parts of an id, or all of a shorter one.
var zoneGroups = [for id in zoneIds: join(take(split(id, '/'), 5), '/')]
var workspaceGroups = [for id in workspaceIds: join(take(split(id, '/'), 5), '/')]

var definitions = [
  {
    Name: machinesName
    Description: machines.description
    Actions: machines.actions
    DataActions: machines.dataActions
    AssignableScopes: machineScopes
  }
  {
    Name: recordsName
    Description: records.description
    Actions: allowDelete ? concat(records.actions, release.actions) : records.actions
    DataActions: records.dataActions
    AssignableScopes: union(zoneGroups, [])
  }
  {
    Name: logsName
    Description: logs.description
    Actions: logs.actions
    DataActions: logs.dataActions
    AssignableScopes: union(workspaceGroups, [])
  }
]

var machineAssignments = [for scope in machineScopes: {
  role: machinesName
  scope: scope
}]
var recordAssignments = [for scope in zoneIds: {
  role: recordsName
  scope: scope
}]
var logAssignments = [for scope in workspaceIds: {
  role: logsName
  scope: scope
}]
var ownAssignments = [
  {
    role: 'Monitoring Metrics Publisher'
    scope: dataCollectionRuleId
  }
  {
    role: 'Monitoring Metrics Publisher'
    scope: insightsId
  }
  {
    role: 'Storage Blob Data Owner'
    scope: storageId
  }
]
var assignments = concat(machineAssignments, recordAssignments, logAssignments, ownAssignments)

var definitionLines = [for definition in definitions: 'az role definition create --role-definition \'${string(definition)}\'']
var assignmentLines = [for assignment in assignments: 'az role assignment create --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role \'${assignment.role}\' --scope \'${assignment.scope}\'']

@description('Lines for a shell with az: roles first, then their assignments.')
output lines array = concat(definitionLines, assignmentLines)
