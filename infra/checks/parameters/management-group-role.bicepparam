// The role at one management group.

using '../../management-group.bicep'

param principalId = '00000000-0000-0000-0000-0000000000a1'
param roles = 'custom'
