// Who the function is: one user-assigned identity, so that its rights outlive the function app and can be given before it.

@description('Name of the identity.')
param name string

@description('Region of the identity.')
param location string

@description('Tags of the resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id of the identity.')
output id string = identity.id

@description('Object id that roles are assigned to.')
output principalId string = identity.properties.principalId

@description('Client id that the program asks tokens with.')
output clientId string = identity.properties.clientId
