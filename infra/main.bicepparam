// Parameters out of the environment, for infra/deploy.sh and for azd. To keep them in a file instead, begin with
// main.example.bicepparam.

using 'main.bicep'

param name = readEnvironmentVariable('HEARTBEAT_DNS_NAME', 'heartbeat-dns')
param zoneIds = split(readEnvironmentVariable('DNS_ZONE_IDS', ''), ',')
param workspaceId = readEnvironmentVariable('WORKSPACE_ID', '')
param policyNames = split(readEnvironmentVariable('POLICY_NAMES', ''), ',')
param mode = readEnvironmentVariable('MODE', 'observe')
param roles = readEnvironmentVariable('ROLES', 'custom')
param alertRule = bool(readEnvironmentVariable('ALERT_RULE', 'true'))
param machineSubscriptionIds = empty(readEnvironmentVariable('MACHINE_SUBSCRIPTION_IDS', '')) ? [] : split(readEnvironmentVariable('MACHINE_SUBSCRIPTION_IDS', ''), ',')
param machineResourceGroupIds = empty(readEnvironmentVariable('MACHINE_RESOURCE_GROUP_IDS', '')) ? [] : split(readEnvironmentVariable('MACHINE_RESOURCE_GROUP_IDS', ''), ',')
param notifyUrl = readEnvironmentVariable('NOTIFY_URL', '')
param pingUrl = readEnvironmentVariable('PING_URL', '')
