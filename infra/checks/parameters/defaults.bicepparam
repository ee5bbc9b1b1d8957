// What nobody has to say is left out.

using '../../main.bicep'

param zoneIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com'
]
param policyNames = [
  '*.home.example.com'
]
