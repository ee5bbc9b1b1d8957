#!/bin/sh
# After azd provisioned: gives the app its secrets back, and the identity its role at the management groups, each by a deployment there.
set -euf
cd "$(dirname "$0")/../.."
# shellcheck source=infra/stages.sh
. infra/stages.sh
# shellcheck source=infra/parameters.sh
. infra/parameters.sh
# shellcheck source=infra/azd/secrets.sh
. infra/azd/secrets.sh
need az azd
group=${resourceGroupName:?run azd provision first}
app=${functionAppName:?run azd provision first}

if [ -f "$secrets_file" ]; then
    patiently secrets azure functionapp config appsettings set --resource-group "$group" --name "$app" --settings "@$secrets_file" --output none
    rm -f "$secrets_file"
fi

# A list as JSON; names of management groups have neither blanks nor quotes.
management_groups=$(printf '%s' "${managementGroupIds:-[]}" | tr -d '[]" ' | tr ',' ' ')
if [ -n "$management_groups" ] && [ "${deployedRoles:?run azd provision first}" != none ]; then
    region=$(azure group show --name "$group" --query location --output tsv)
    region=$(printf '%s' "$region" | tr -d '\r')
    # shellcheck disable=SC2086
    deploy_management_groups "$app" "$region" "${principalId:?run azd provision first}" "$deployedRoles" "${deployedTargets:-arc}" $management_groups
fi
