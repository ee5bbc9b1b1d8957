#!/bin/sh
# From nothing to a function that observes, with az alone. Needs az (logged in), curl and sha256sum; no Rust.
#
#   RESOURCE_GROUP=rg-heartbeat-dns LOCATION=westeurope infra/deploy.sh
#
# It asks for zone, workspace and names. Once what it would do looks right: the same again with MODE=apply.
# Other settings in the environment: see main.bicepparam; RELEASE_ZIP=FILE deploys that zip; BUILD=1 builds it here.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=infra/questions.sh
. infra/questions.sh
group=${RESOURCE_GROUP:-rg-heartbeat-dns}
export MODE="${MODE:-observe}"

az group create --name "$group" --location "${LOCATION:-westeurope}" --output none
echo "1 of 3: resources" >&2
az deployment group create --resource-group "$group" --name heartbeat-dns --parameters infra/main.bicepparam --output none
output() {
    az deployment group show --resource-group "$group" --name heartbeat-dns --query "properties.outputs.$1.value" --output "${2:-tsv}"
}

echo "2 of 3: code" >&2
zip=${RELEASE_ZIP:-dist/function.zip}
[ -n "${RELEASE_ZIP:-}" ] || infra/release/fetch.sh "$zip"
app=$(output functionAppName)
az functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$zip" --output none

if [ "${ALERT_RULE:-true}" = true ]; then
    echo "3 of 3: alert rule" >&2
    az deployment group create --resource-group "$group" --name heartbeat-dns-alert --template-file infra/alert.bicep --output none \
        --parameters name="${HEARTBEAT_DNS_NAME:-heartbeat-dns}" functionAppName="$app" identityId="$(output identityId)" \
        location="$(output workspaceLocation)" workspaceIds="$(output workspaceIds json)"
fi

if [ "${ROLES:-custom}" = none ]; then
    echo "For the owners of zones, machines and workspaces to run:" >&2
    output roleCommands
fi
if [ "$MODE" = observe ]; then
    echo "It observes. See what it would do: az functionapp function keys list --resource-group $group --name $app --function-name function-remediate, then GET https://$app.azurewebsites.net/api/remediate?code=KEY" >&2
    echo "Switch it on: MODE=apply infra/deploy.sh" >&2
fi
