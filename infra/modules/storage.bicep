// What the Functions host keeps: its timer's lease, its keys, and the package. Reached by identity; shared keys are off.

@description('Name of the storage account.')
param name string

@description('Region of the storage account.')
param location string

@description('Tags of the resource.')
param tags object

@description('Object id of the function\'s identity.')
param principalId string

@description('Whether the role is assigned here.')
param assignRoles bool

var packageContainer = 'package'
// Storage Blob Data Owner: the least the host's lease, keys and package need.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'

resource storage 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  // checkov:skip=CKV_AZURE_35:the host has no network of its own unless a subnet is given; there are no keys, and the identity is the only reader
  // checkov:skip=CKV_AZURE_43:the name is made in main.bicep of small letters and digits; the check sees a parameter
  // checkov:skip=CKV_AZURE_206:it holds a lease and a package that can be deployed again; nothing is lost with it
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource container 'containers' = {
      name: packageContainer
      properties: {
        publicAccess: 'None'
      }
    }
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (assignRoles) {
  name: guid(storage.id, principalId, blobDataOwner)
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

@description('Resource id of the storage account.')
output id string = storage.id

@description('Endpoint of the blob service, with a slash at its end.')
output blobEndpoint string = storage.properties.primaryEndpoints.blob

@description('Endpoint of the queue service, with a slash at its end.')
output queueEndpoint string = storage.properties.primaryEndpoints.queue

@description('Endpoint of the table service, with a slash at its end.')
output tableEndpoint string = storage.properties.primaryEndpoints.table

@description('Address of the container that holds the package.')
output packageUrl string = '${storage.properties.primaryEndpoints.blob}${packageContainer}'
