// A name where the id of a zone is wanted.

using '../../../main.bicep'

param zoneIds = [
  'example.com'
]
param policyNames = [
  '*.home.example.com'
]
