// The sources' queries as a query pack, repaired where the originals are wrong: each says at its top what it answers and what was
// repaired.

@description('Name of the query pack.')
param name string

@description('Region of the query pack.')
param location string

@description('Tags of the resource.')
param tags object

var recipes = [
  {
    title: 'Names that drifted'
    body: loadTextContent('../recipes/01-names-that-drifted.kql')
  }
  {
    title: 'Machines heard within 15 minutes'
    body: loadTextContent('../recipes/02-heard-in-15-minutes.kql')
  }
  {
    title: 'Machines heard within 5 minutes'
    body: loadTextContent('../recipes/03-heard-in-5-minutes.kql')
  }
  {
    title: 'Access keys older than 90 days'
    body: loadTextContent('../recipes/04-keys-older-than-90-days.kql')
  }
  {
    title: 'Access keys created per day'
    body: loadTextContent('../recipes/05-keys-created-per-day.kql')
  }
  {
    title: 'Public addresses, whose and where'
    body: loadTextContent('../recipes/06-public-addresses.kql')
  }
  {
    title: 'Routes of a resource group'
    body: loadTextContent('../recipes/07-routes-of-a-group.kql')
  }
  {
    title: 'Bytes by peer'
    body: loadTextContent('../recipes/08-bytes-by-peer.kql')
  }
  {
    title: 'Bytes by peer and place'
    body: loadTextContent('../recipes/09-bytes-by-peer-and-place.kql')
  }
  {
    title: 'Bytes by port and day'
    body: loadTextContent('../recipes/10-bytes-by-port-and-day.kql')
  }
  {
    title: 'Load balancer: bytes by source'
    body: loadTextContent('../recipes/11-load-balancer-by-source.kql')
  }
  {
    title: 'Load balancer: bytes by source and day'
    body: loadTextContent('../recipes/12-load-balancer-by-source-and-day.kql')
  }
  {
    title: 'Load balancer: bytes by destination and day'
    body: loadTextContent('../recipes/13-load-balancer-by-destination-and-day.kql')
  }
  {
    title: 'Bytes between subnets'
    body: loadTextContent('../recipes/14-bytes-between-subnets.kql')
  }
  {
    title: 'Bytes between address ranges'
    body: loadTextContent('../recipes/15-bytes-between-prefixes.kql')
  }
  {
    title: 'Bytes between address ranges by day'
    body: loadTextContent('../recipes/16-bytes-between-prefixes-and-day.kql')
  }
  {
    title: 'ExpressRoute: bytes by network and day'
    body: loadTextContent('../recipes/17-circuit-by-network-and-day.kql')
  }
  {
    title: 'Between a site and Azure, by who began'
    body: loadTextContent('../recipes/18-site-and-azure.kql')
  }
  {
    title: 'Who still talks to an address that a name has left'
    body: loadTextContent('../recipes/19-who-still-talks-to-an-old-address.kql')
  }
]

resource pack 'Microsoft.OperationalInsights/queryPacks@2023-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {}
}

resource queries 'Microsoft.OperationalInsights/queryPacks/queries@2023-09-01' = [for recipe in recipes: {
  parent: pack
  name: guid(pack.id, recipe.title)
  properties: {
    displayName: recipe.title
    body: recipe.body
    tags: {
      labels: [
        'heartbeat-dns'
      ]
    }
  }
}]

@description('Resource id of the query pack.')
output id string = pack.id
