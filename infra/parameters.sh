# shellcheck shell=sh
# What a deployment can be told in the environment: variable, parameter of main.bicep, kind, and the setting of the function app
# that has the same value. Read by earlier.sh; main.bicepparam hands them on.

deployment_parameters() {
    cat << END
DNS_ZONE_IDS zoneIds list DNS_ZONES
PRIVATE_ZONE_IDS privateZoneIds list PRIVATE_ZONES
POLICY_NAMES policyNames list POLICY_NAMES
WORKSPACE_ID workspaceId text -
OTHER_WORKSPACE_IDS otherWorkspaceIds list -
MACHINE_SUBSCRIPTION_IDS machineSubscriptionIds list -
MACHINE_RESOURCE_GROUP_IDS machineResourceGroupIds list -
MACHINE_MANAGEMENT_GROUP_IDS machineManagementGroupIds list -
MODE mode text MODE
ROLES roles text -
ALLOW_DELETE allowDelete bool -
ALERT_RULE alertRule bool -
ALERT_EVERY alertEvery text -
COLLECTOR_SCHEDULE collectorSchedule text COLLECTOR_SCHEDULE
SNAPSHOT_EVERY snapshotEvery text SNAPSHOT_EVERY
QUERY_TIMESPAN queryTimespan text QUERY_TIMESPAN
NOTIFY_URL notifyUrl secret NOTIFY_URL
PING_URL pingUrl secret PING_URL
RETENTION_IN_DAYS retentionInDays number -
SAMPLING_PERCENTAGE samplingPercentage number -
FUNCTION_SUBNET_ID functionSubnetId text -
ALERT_EMAILS alertEmails list -
PRIVATE_LINK_SUBNET_ID privateLinkSubnetId text -
PRIVATE_LINK_LOCATION privateLinkLocation text -
PRIVATE_LINK_ACCESS_MODE privateLinkAccessMode text -
PRIVATE_LINK_ZONE_IDS privateLinkZoneIds list -
HEARTBEAT_MACHINE_IDS heartbeatMachineIds list -
WORKBOOK workbook bool -
QUERY_PACK queryPack bool -
TAGS tags object -
END
}

# Settings that follow from the deployment; whoever changes one of these by hand gets it back with the next one.
decided_settings='POLICY_FILE LOGS_WORKSPACE_IDS LOGS_INGESTION_ENDPOINT LOGS_DCR_RULE_ID SUBSCRIPTIONS ALERT_RULE_IDS'

# Settings whose names mean something to other programs too: here they are not taken out of the environment.
# shellcheck disable=SC2034
common_settings='AZURE_TOKEN_CREDENTIALS HTTPS_PROXY HTTP_PROXY NO_PROXY SSL_CERT_FILE LOG_LEVEL LOG_FORMAT LOGS_QUERY_ENDPOINT'

# The other settings of the program with their defaults, NAME=default, as function-app.bicep has them.
other_settings() {
    sed -n "/^var settings = {/,/^}/s/^  \([A-Z_]*\): '\(.*\)'\$/\1=\2/p" infra/modules/function-app.bicep |
        while IFS='=' read -r setting default; do
            case " $decided_settings $(deployment_parameters | cut -d ' ' -f 4 | tr '\n' ' ') " in
                *" $setting "*) ;;
                *) echo "$setting=$default" ;;
            esac
        done
}
