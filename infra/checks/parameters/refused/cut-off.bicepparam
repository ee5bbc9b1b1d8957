// Nothing but the private link is let through, and the function is not behind it.

using '../../../main.bicep'

param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
]
param privateLinkSubnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/pe'
param privateLinkAccessMode = 'PrivateOnly'
