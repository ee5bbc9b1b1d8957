// Parameters out of the environment, for infra/deploy.sh and for azd. To keep them in a file instead: main.example.bicepparam.
// An empty variable is a value here; the scripts take empty ones away. Blanks in lists do not matter.

using 'main.bicep'

param name = readEnvironmentVariable('HEARTBEAT_DNS_NAME', 'heartbeat-dns')
param zoneIds = split(replace(readEnvironmentVariable('DNS_ZONE_IDS', ''), ' ', ''), ',')
param policyNames = split(replace(readEnvironmentVariable('POLICY_NAMES', ''), ' ', ''), ',')
param workspaceId = readEnvironmentVariable('WORKSPACE_ID', '') == 'new' ? '' : readEnvironmentVariable('WORKSPACE_ID', '')
param otherWorkspaceIds = empty(readEnvironmentVariable('OTHER_WORKSPACE_IDS', '')) ? [] : split(replace(readEnvironmentVariable('OTHER_WORKSPACE_IDS', ''), ' ', ''), ',')
param machineSubscriptionIds = empty(readEnvironmentVariable('MACHINE_SUBSCRIPTION_IDS', '')) ? [] : split(replace(readEnvironmentVariable('MACHINE_SUBSCRIPTION_IDS', ''), ' ', ''), ',')
param machineResourceGroupIds = empty(readEnvironmentVariable('MACHINE_RESOURCE_GROUP_IDS', '')) ? [] : split(replace(readEnvironmentVariable('MACHINE_RESOURCE_GROUP_IDS', ''), ' ', ''), ',')
param mode = readEnvironmentVariable('MODE', 'observe')
param roles = readEnvironmentVariable('ROLES', 'custom')
param allowDelete = contains(['true', 'yes', 'on', '1'], toLower(readEnvironmentVariable('ALLOW_DELETE', 'false')))
param alertRule = contains(['true', 'yes', 'on', '1'], toLower(readEnvironmentVariable('ALERT_RULE', 'true')))
param collectorSchedule = readEnvironmentVariable('COLLECTOR_SCHEDULE', '0 */5 * * * *')
param snapshotEvery = readEnvironmentVariable('SNAPSHOT_EVERY', '30m')
param queryTimespan = readEnvironmentVariable('QUERY_TIMESPAN', 'PT2H')
// The scripts make it of all other settings that are given, or were changed.
param settings = json(readEnvironmentVariable('HEARTBEAT_DNS_SETTINGS', '{}'))
param notifyUrl = readEnvironmentVariable('NOTIFY_URL', '')
param pingUrl = readEnvironmentVariable('PING_URL', '')
param retentionInDays = int(readEnvironmentVariable('RETENTION_IN_DAYS', '30'))
param samplingPercentage = int(readEnvironmentVariable('SAMPLING_PERCENTAGE', '100'))
param functionSubnetId = readEnvironmentVariable('FUNCTION_SUBNET_ID', '')
param alertEmails = empty(readEnvironmentVariable('ALERT_EMAILS', '')) ? [] : split(replace(readEnvironmentVariable('ALERT_EMAILS', ''), ' ', ''), ',')
param privateLinkSubnetId = readEnvironmentVariable('PRIVATE_LINK_SUBNET_ID', '')
param privateLinkLocation = readEnvironmentVariable('PRIVATE_LINK_LOCATION', '')
param privateLinkAccessMode = readEnvironmentVariable('PRIVATE_LINK_ACCESS_MODE', 'Open')
param heartbeatMachineIds = empty(readEnvironmentVariable('HEARTBEAT_MACHINE_IDS', '')) ? [] : split(replace(readEnvironmentVariable('HEARTBEAT_MACHINE_IDS', ''), ' ', ''), ',')
param workbook = contains(['true', 'yes', 'on', '1'], toLower(readEnvironmentVariable('WORKBOOK', 'true')))
param queryPack = contains(['true', 'yes', 'on', '1'], toLower(readEnvironmentVariable('QUERY_PACK', 'false')))
param tags = json(readEnvironmentVariable('TAGS', '{}'))
