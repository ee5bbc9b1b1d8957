#!/bin/sh
# After azd deployed the code: the alert rule, with what infra/main.bicep gave out. azd hands outputs on as variables.
set -eu
cd "$(dirname "$0")/../.."
if [ "${ALERT_RULE:-true}" = true ]; then
    az deployment group create --resource-group "${resourceGroupName:?run azd provision first}" --name heartbeat-dns-alert --template-file infra/alert.bicep \
        --output none --parameters name="${HEARTBEAT_DNS_NAME:-heartbeat-dns}" functionAppName="${functionAppName:?run azd provision first}" identityId="${identityId:?run azd provision first}" \
        location="${workspaceLocation:?run azd provision first}" workspaceIds="${workspaceIds:?run azd provision first}"
fi
if [ "${MODE:-observe}" = observe ]; then
    echo "It observes. Switch it on: azd env set MODE apply && azd up"
fi
