#!/bin/sh
# After azd provisioned: the code, and then the alert rule, with what infra/main.bicep gave out. azd hands outputs on as variables.
set -euf
cd "$(dirname "$0")/../.."
# shellcheck source=infra/stages.sh
. infra/stages.sh
need az azd
group=${resourceGroupName:?run azd provision first}
app=${functionAppName:?run azd provision first}

if [ "${deployedRoles:?run azd provision first}" = none ]; then
    before_roles
    printf '%s\n' "${roleCommands:-[]}" | awk '{ sub(/^\["/, ""); sub(/"\]$/, ""); gsub(/","/, "\n"); gsub(/\\"/, "\""); print }'
    if [ -z "${ROLE_COMMANDS_TOLD:-}" ]; then
        azd env set ROLE_COMMANDS_TOLD true
        echo "Stopped before the code and the alert rule, which need these roles. Once the lines have been run: azd deploy" >&2
        exit 0
    fi
    because='the lines above have to have been run, and roles take some minutes to hold'
fi

zip=$(infra/release/fetch.sh)
deploy_code "$group" "$app" "$zip"
if [ "$(printf '%s' "${deployedAlertRule:-true}" | tr '[:upper:]' '[:lower:]')" = true ]; then
    deploy_alert "$group" "${deployedName:-heartbeat-dns}" "$app" "${identityId:?run azd provision first}" \
        "${workspaceLocation:?run azd provision first}" "${workspaceIds:?run azd provision first}" "${deployedQueryTimespan:-PT2H}" \
        "${deployedOwnerId:?run azd provision first}" "${deployedAlertEvery:-PT5M}" \
        "${deployedWebhookTenantId:-}" "${deployedWebhookAudience:-}"
fi
if [ "${deployedMode:-observe}" = observe ]; then
    how_to_look "$group" "$app"
    echo "Is it what you want, switch it on: azd env set MODE apply && azd up" >&2
fi
