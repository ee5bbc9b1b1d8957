#!/bin/sh
# What `az` prints and does in the tests: it keeps its arguments and its environment, answers with the desk's files, and fails as often
# as told. There are two subscriptions, sub-1 and sub-2; what lies in the second stands in files that end in `.sub-2`.
echo "$*" >> "$DESK/log"
env > "$DESK/environment"
subscription=
words_before=
for word; do
    [ "$words_before" != --subscription ] || subscription=$word
    words_before=$word
done
end=
[ "$subscription" != sub-2 ] || end=.sub-2

case "$*" in
"account show"*tenantId*) echo tenant-1 ;;
"account show"*)
    printf '%s\n%s\n%s\n' "${subscription:-sub-1}" 'Team one' me@example.com
    ;;
"account list"*) printf 'sub-1\nsub-2\n' ;;
"group exists"*) if [ -f "$DESK/group" ]; then echo true; else echo false; fi ;;
"group show"*) cat "$DESK/group" ;;
*outputs.functionAppName*) echo heartbeat-dns-abcdefghijklm ;;
*outputs.identityId*) echo /id/1 ;;
*outputs.principalId*) echo principal-1 ;;
*outputs.workspaceLocation*) echo westeurope ;;
*outputs.workspaceIds*) echo '["/ws/1"]' ;;
*outputs.roleCommands*) echo 'az role assignment create --role x' ;;
*outputs.managementGroupIds*) printf '%s' "${MACHINE_MANAGEMENT_GROUP_IDS:-}" | tr ',' '\n' ;;
*outputs.deployedName*) echo "${HEARTBEAT_DNS_NAME:-heartbeat-dns}" ;;
*outputs.deployedMode*) echo "${MODE:-observe}" ;;
*outputs.deployedRoles*) echo "${ROLES:-custom}" ;;
*outputs.deployedTargets*) echo "${TARGETS:-arc}" ;;
*outputs.deployedAlertRule*) echo "${ALERT_RULE:-true}" ;;
*outputs.deployedAlertEvery*) echo "${ALERT_EVERY:-PT5M}" ;;
*outputs.deployedWebhook*)
    setting=WEBHOOK_AUDIENCE
    case "$*" in *TenantId*) setting=WEBHOOK_TENANT_ID ;; esac
    printf '%s' "${HEARTBEAT_DNS_SETTINGS:-}" | sed -n "s/.*\"$setting\":\"\([^\"]*\)\".*/\1/p"
    ;;
"ad app show"*) cat "$DESK/registration" || exit 3 ;;
*outputs.deployedOwnerId*) echo "${OWNER:-dcr-1}" ;;
*outputs.deployedQueryTimespan*) echo "${QUERY_TIMESPAN:-PT2H}" ;;
"deployment group what-if"*)
    if [ -f "$DESK/what-if" ]; then cat "$DESK/what-if"; else echo 'no change'; fi
    ;;
"deployment group show"*)
    if [ -f "$DESK/parameters" ]; then cat "$DESK/parameters"; else
        echo 'ERROR: (DeploymentNotFound) Deployment could not be found.' >&2
        exit 3
    fi
    ;;
"deployment group list"*) echo Succeeded ;;
"functionapp list"*) cat "$DESK/apps" ;;
"functionapp config appsettings list"*) cat "$DESK/settings" ;;
"functionapp config appsettings set"*)
    for word; do
        case $word in
            @*) cp "${word#@}" "$DESK/put-back" && ls -l "${word#@}" > "$DESK/put-back-mode" ;;
        esac
    done
    ;;
"network dns zone list"*)
    [ ! -f "$DESK/refused$end" ] || { cat "$DESK/refused$end" >&2; exit 1; }
    cat "$DESK/zones$end" 2> /dev/null || true
    ;;
"network private-dns zone list"*) cat "$DESK/private-zones$end" 2> /dev/null || true ;;
"monitor log-analytics workspace list"*) cat "$DESK/workspaces$end" 2> /dev/null || true ;;
esac
for fault in main code alert what-if group-role; do
    case "$fault:$*" in
    main:*" create "*main.bicepparam* | code:*config-zip* | alert:*alert.bicep* | what-if:*what-if* | group-role:*" mg create"*)
        left=$(cat "$DESK/fail-$fault" 2> /dev/null || echo 0)
        if [ "$left" -gt 0 ]; then
            echo $((left - 1)) > "$DESK/fail-$fault"
            cat "$DESK/words" >&2 2> /dev/null || echo 'ERROR: (Forbidden) the host cannot read its storage yet' >&2
            echo 'and much more about it' >&2
            exit 1
        fi
        ;;
    esac
done
exit 0
