// One page to look at: the fleet, what has drifted, what was changed and how soon, what was left alone, what is nobody's any more.

@description('Name that it is shown under; another installation in the same group has another.')
param name string

@description('Region of the workbook.')
param location string

@description('Tags of the resource.')
param tags object

@description('Resource id of the workspace that holds our tables.')
param workspaceId string

@description('Id of the installation (the program\'s OWNER_ID), whose rows alone the tiles count; empty: the rows of all.')
param ownerId string

// The id as a verbatim text of a query holds it, in which a quote is written twice and nothing else means more than itself.
var installation = replace(ownerId, '"', '""')

var head = '''
# heartbeat-dns

Names follow the heartbeats of tagged machines. *Drifted now* repairs itself within minutes; what stays there is held, and
*Left alone* says why. `heartbeat-dns plan` says more about a single name.
'''

// What the query reads is its own affair (two hours, as the alert) or the reader's (the period above).
var twoHours = {
  durationMs: 7200000
}
var workspaceType = 'microsoft.operationalinsights/workspaces'

var tiles = [
  {
    name: 'fleet'
    title: 'Fleet: who is tagged, who is heard'
    query: loadTextContent('../workbook/fleet.kql')
    period: ''
    visualization: 'table'
  }
  {
    name: 'drift'
    title: 'Drifted now'
    query: '${trim(loadTextContent('../kql/mismatch.kql'))}\n| where Actionable\n| project Name = DNSHostName_s, Type = RecordType_s, Side = iff(ZoneId_s contains "/privateDnsZones/", "private", "public"), Reported = ComputerIP, InDNS = DNSIP_s, Since = FirstBeat, Machine = _ResourceId'
    period: ''
    visualization: 'table'
  }
  {
    name: 'changes'
    title: 'Changes by outcome'
    query: loadTextContent('../workbook/changes.kql')
    period: 'Period'
    visualization: 'barchart'
  }
  {
    name: 'time-to-truth'
    title: 'Time to truth: 99 % within 5 minutes'
    query: loadTextContent('../workbook/time-to-truth.kql')
    period: 'Period'
    visualization: 'table'
  }
  {
    name: 'skips'
    title: 'Left alone, by reason'
    query: loadTextContent('../workbook/skips.kql')
    period: 'Period'
    visualization: 'table'
  }
  {
    name: 'orphans'
    title: 'Orphans: our mark, and no machine that claims the name'
    query: loadTextContent('../workbook/orphans.kql')
    period: ''
    visualization: 'table'
  }
]

var tileItems = [for tile in tiles: {
  type: 3
  name: tile.name
  content: {
    version: 'KqlItem/1.0'
    query: replace(tile.query, 'let Installation = "";', 'let Installation = @"${installation}";')
    size: 0
    title: tile.title
    noDataMessage: 'Nothing'
    timeContext: twoHours
    timeContextFromParameter: empty(tile.period) ? null : tile.period
    queryType: 0
    resourceType: workspaceType
    crossComponentResources: [
      workspaceId
    ]
    visualization: tile.visualization
  }
}]

var headItems = [
  {
    type: 1
    name: 'head'
    content: {
      json: head
    }
  }
  {
    type: 9
    name: 'period'
    content: {
      version: 'KqlParameterItem/1.0'
      style: 'pills'
      queryType: 0
      resourceType: workspaceType
      parameters: [
        {
          id: guid(workspaceId, 'period')
          version: 'KqlParameterItem/1.0'
          name: 'Period'
          type: 4
          isRequired: true
          value: {
            durationMs: 604800000
          }
          typeSettings: {
            selectableValues: [
              {
                durationMs: 86400000
              }
              {
                durationMs: 604800000
              }
              {
                durationMs: 2592000000
              }
            ]
            allowCustom: true
          }
        }
      ]
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2022-04-01' = {
  name: guid(resourceGroup().id, name)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: name
    category: 'workbook'
    version: '1.0'
    sourceId: workspaceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat(headItems, tileItems)
      fallbackResourceIds: [
        workspaceId
      ]
    })
  }
}

@description('Resource id of the workbook.')
output id string = workbook.id
