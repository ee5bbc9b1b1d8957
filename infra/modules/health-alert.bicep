// The one alert for people: the system itself does not work. Stateful, so that it speaks once and says when it is over; split by
// the kind of fault, so that what stands does not hide what is new. A rule takes one scope, which is the workspace with our
// tables; heartbeats of others come in where the query reads its own.

@description('First part of all names.')
param name string

@description('Region; that of the workspace.')
param location string

@description('Tags of the resources.')
param tags object

@description('Resource id of the identity that the query runs as; it may query the workspaces.')
param identityId string

@description('Resource ids of the workspaces, the one with our tables first.')
param workspaceIds array

@description('What the repair\'s query reads: rows that are older are as good as none, so that is how old a sweep may become.')
@allowed(['PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H', 'PT6H', 'P1D', 'P2D'])
param queryTimespan string

@description('Id of the installation (the program\'s OWNER_ID), whose rows alone the query counts; empty: the rows of all.')
param ownerId string

@description('Addresses that are written to; with none, the alert is seen in the portal only.')
param emails array

// The id as a verbatim text of a query holds it, in which a quote is written twice and nothing else means more than itself.
var installation = replace(ownerId, '"', '""')
// PT2H is 2h in a query, P1D is 1d.
var tooOld = toLower(replace(replace(queryTimespan, 'T', ''), 'P', ''))
var looksBack = replace(trim(loadTextContent('../kql/health.kql')), 'let TooOld = 2h;', 'let TooOld = ${tooOld};')
var ownRows = replace(looksBack, 'let Installation = "";', 'let Installation = @"${installation}";')
var otherHeartbeats = [for id in skip(workspaceIds, 1): 'workspace("${id}").Heartbeat']
var heartbeats = join(concat(['union Heartbeat'], otherHeartbeats), ', ')
var silent = replace(ownRows, 'let Silent = Heartbeat', 'let Silent = ${heartbeats}')
var query = length(workspaceIds) == 1 ? ownRows : replace(silent, 'let Alternating = Heartbeat', 'let Alternating = ${heartbeats}')

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: '${name}-people'
  location: 'Global'
  tags: tags
  properties: {
    groupShortName: 'dns people'
    enabled: true
    emailReceivers: [for email in emails: {
      name: email
      emailAddress: email
      useCommonAlertSchema: true
    }]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${name}-health'
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
    displayName: 'heartbeat-dns does not work as it should'
    description: 'No complete sweep for too long, a brake that stands, changes that fail or wait, a machine with two addresses, or no heartbeats: the rows of the result say what to do.'
    severity: 2
    enabled: true
    scopes: [workspaceIds[0]]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    overrideQueryTimeRange: startsWith(queryTimespan, 'PT') ? 'P1D' : 'P2D'
    autoMitigate: true
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'Fault'
              operator: 'Include'
              values: ['*']
            }
          ]
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(emails) ? [] : [actionGroup.id]
    }
  }
}

@description('Resource id of the rule.')
output id string = rule.id
