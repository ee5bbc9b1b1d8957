// The alert that finds what has drifted: the program's own query and one line more. Stateless and without dimensions, so that
// it calls once an evaluation for as long as anything is wrong, whatever number of names that is. A rule takes one scope, which is
// the workspace with our tables; heartbeats of others come in where the query reads its own.

@description('Name of the rule.')
param name string

@description('Region; that of the workspace.')
param location string

@description('Tags of the resource.')
param tags object

@description('Resource id of the identity that the query runs as; it may query the workspaces.')
param identityId string

@description('Resource ids of the workspaces, the one with our tables first.')
param workspaceIds array

@description('How often the query runs, and the window of one evaluation.')
@allowed(['PT1M', 'PT5M', 'PT10M', 'PT15M'])
param frequency string

@description('What the query reads, the program\'s QUERY_TIMESPAN; a rule takes these spans and no others.')
@allowed(['PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H', 'PT6H', 'P1D', 'P2D'])
param queryTimespan string

@description('Id of the installation (the program\'s OWNER_ID), whose rows alone the query counts; empty: the rows of all.')
param ownerId string

@description('Resource id of the action group that calls the function.')
param actionGroupId string

// The id as a verbatim text of a query holds it, in which a quote is written twice and nothing else means more than itself.
var installation = replace(ownerId, '"', '""')
var ownRows = replace(trim(loadTextContent('../kql/mismatch.kql')), 'let Installation = "";', 'let Installation = @"${installation}";')
var otherHeartbeats = [for id in skip(workspaceIds, 1): 'workspace("${id}").Heartbeat']
var heartbeats = join(concat(['union Heartbeat'], otherHeartbeats), ', ')
var heard = replace(ownRows, 'let Hour = Heartbeat', 'let Hour = ${heartbeats}')
var mismatch = length(workspaceIds) == 1 ? ownRows : replace(heard, 'let Listing = Heartbeat', 'let Listing = ${heartbeats}')

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: name
  location: location
  tags: tags
  kind: 'LogAlert'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    displayName: 'DNS names drifted (repairs itself)'
    description: 'Names that no longer point where their machines\' heartbeats come from. The function is told and repairs them; nobody has to do anything.'
    severity: 4
    enabled: true
    scopes: [workspaceIds[0]]
    evaluationFrequency: frequency
    windowSize: frequency
    overrideQueryTimeRange: queryTimespan
    autoMitigate: false
    // The tables are empty, or not even there, when the rule is made.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: '${mismatch}\n| where Actionable'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

@description('Resource id of the rule.')
output id string = rule.id
