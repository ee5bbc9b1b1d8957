#!/bin/sh
# From nothing to a function that observes, with az alone. Needs az (logged in), curl, and sha256sum or shasum; no Rust.
#
#   RESOURCE_GROUP=rg-heartbeat-dns LOCATION=westeurope infra/deploy.sh
#
# It asks for zone, workspace and names. Once what it would do looks right: the same again with MODE=apply. A second run asks
# nothing again and keeps what it is not told, the settings that were changed in the portal included.
# All that can be said in the environment: README.md of this folder. PARAMETERS=FILE takes a .bicepparam file instead;
# RELEASE_ZIP=FILE deploys that zip; BUILD=1 builds it here.
set -euf
caller=$PWD
script=$0
cd "$(dirname "$0")/.."
# shellcheck source=infra/stages.sh
. infra/stages.sh
# shellcheck source=infra/earlier.sh
. infra/earlier.sh
# shellcheck source=infra/questions.sh
. infra/questions.sh

# of_caller FILE: as seen from the folder in which the script was called.
of_caller() {
    case $1 in
        /* | [A-Za-z]:*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$caller/$1" ;;
    esac
}

# again NAME=VALUE…: the command for another run, with what was given to this one.
again() {
    line=
    for variable in RESOURCE_GROUP HEARTBEAT_DNS_NAME LOCATION PARAMETERS ROLES ALERT_RULE RELEASES RELEASE_ZIP BUILD; do
        case " $given " in
            *" $variable "*)
                eval "value=\$$variable"
                case $value in
                    *[!A-Za-z0-9._/:@%+=,-]*) value="'$(printf '%s' "$value" | sed "s/'/'\\\\''/g")'" ;;
                esac
                line="$line$variable=$value "
                ;;
        esac
    done
    echo "  $line${1:+$1 }$script"
}
given=
for variable in RESOURCE_GROUP HEARTBEAT_DNS_NAME LOCATION PARAMETERS ROLES ALERT_RULE RELEASES RELEASE_ZIP BUILD; do
    eval "[ -z \"\${$variable:-}\" ]" || given="$given $variable"
done

# Before anything is made: the tools, the zip, the questions.
need az
if [ -n "${RELEASE_ZIP:-}" ]; then
    RELEASE_ZIP=$(of_caller "$RELEASE_ZIP")
    export RELEASE_ZIP
fi
zip=$(infra/release/fetch.sh)

group=${RESOURCE_GROUP:-rg-heartbeat-dns}
name=${HEARTBEAT_DNS_NAME:-heartbeat-dns}
parameters_file=infra/main.bicepparam
app=
earlier=
is_there=$(az group exists --name "$group")
is_there=$(printf '%s' "$is_there" | tr -d '\r')
if [ "$is_there" = true ]; then
    place=$(az group show --name "$group" --query location --output tsv)
    if [ -n "${LOCATION:-}" ] && [ "$(lower "$LOCATION" | tr -d ' ')" != "$place" ]; then
        echo "The resource group $group is in $place already, not in $LOCATION: leave LOCATION out, or say another RESOURCE_GROUP." >&2
        exit 2
    fi
    app=$(earlier_app "$group" "$name")
    [ -z "$app" ] || keep_settings "$group" "$app"
fi
if [ -n "${PARAMETERS:-}" ]; then
    parameters_file=$(of_caller "$PARAMETERS")
    [ -f "$parameters_file" ] || {
        echo "PARAMETERS: there is no file $parameters_file" >&2
        exit 2
    }
    # The file says everything; but nobody is switched on or off by what it leaves out.
    if [ "${MODE:-observe}" = apply ] && ! grep -q '^ *param  *mode ' "$parameters_file"; then
        echo "PARAMETERS: MODE is apply${app:+ where it runs}, and the file does not say a mode: add param mode = 'apply', or 'observe'." >&2
        exit 2
    fi
    [ "$is_there" != true ] || earlier=$(az deployment group list --resource-group "$group" --query "[?name=='$name'].properties.provisioningState" --output tsv)
else
    [ "$is_there" != true ] || keep_parameters "$group" "$name"
    choose_settings
    export MODE="${MODE:-observe}" HEARTBEAT_DNS_NAME="$name"
    say_kept
    ask_all
    spell_out
fi

[ "$is_there" = true ] || az group create --name "$group" --location "${LOCATION:-westeurope}" --output none
echo "1 of 3: resources, which takes some minutes" >&2
deploy_resources "$group" "$name" "$parameters_file"
# output NAME [FORMAT]: what the first stage gave out.
output() {
    found=$(az deployment group show --resource-group "$group" --name "$name" --query "properties.outputs.$1.value" --output "${2:-tsv}") || return 1
    printf '%s\n' "$found" | tr -d '\r'
}
roles=$(output deployedRoles)
mode=$(output deployedMode)
app=$(output functionAppName)

if [ "$roles" = none ]; then
    echo "For the owners of zones, machines and workspaces to run:" >&2
    output roleCommands
    # The code reaches the function by one of these roles, and so does the key that the alert rule calls with.
    if [ "$earlier" != Succeeded ]; then
        echo "Stopped before the code and the alert rule, which need these roles. Once the lines have been run, run this:" >&2
        again "" >&2
        exit 0
    fi
    because='the lines above have to have been run, and roles take some minutes to hold'
fi

echo "2 of 3: code" >&2
deploy_code "$group" "$app" "$zip"

alert_rule=$(output deployedAlertRule)
if [ "$(lower "$alert_rule")" = true ]; then
    echo "3 of 3: alert rule" >&2
    first_part=$(output deployedName)
    identity=$(output identityId)
    place=$(output workspaceLocation)
    workspace_ids=$(output workspaceIds json)
    timespan=$(output deployedQueryTimespan)
    owner=$(output deployedOwnerId)
    deploy_alert "$group" "$first_part" "$app" "$identity" "$place" "$workspace_ids" "$timespan" "$owner"
fi

if [ "$mode" = observe ]; then
    how_to_look "$group" "$app"
    echo "Is it what you want, switch it on:" >&2
    if [ -n "${PARAMETERS:-}" ]; then
        echo "  param mode = 'apply' in $PARAMETERS, and then" >&2
        again "" >&2
    else
        again MODE=apply >&2
    fi
fi
