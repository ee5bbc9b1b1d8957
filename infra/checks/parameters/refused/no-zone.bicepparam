// No zone of either kind.

using '../../../main.bicep'

param policyNames = [
  '*.home.example.com'
]
