#!/bin/sh
# From nothing to a function that observes, with az alone. It takes no argument but --help; all else is said in the environment.
#
#   git clone ADDRESS-OF-THIS-REPOSITORY heartbeat-dns && cd heartbeat-dns
#   BUILD=1 AZURE_SUBSCRIPTION_ID=… RESOURCE_GROUP=rg-heartbeat-dns LOCATION=westeurope infra/deploy.sh
#
# BUILD=1 builds the zip here, with Rust. RELEASE_ZIP=FILE deploys a zip that is there already; that needs unzip. With neither it fetches
# the release that infra/release/pin.env names: nothing is released yet, so that fails today. Once there is one, the shortest road is
# Azure Cloud Shell (https://shell.azure.com, Bash), which has all that it needs and is logged in; elsewhere that takes curl, sha256sum or
# shasum, and git, to know where the releases are, or RELEASES=ADDRESS.
# In each case it needs az, logged in (it fetches Bicep by itself), and sh, awk and the other tools that every Unix has.
# Which rights it needs: docs/operate.md.
#
# It asks for zone, workspace and names, says where everything goes, and asks once more before anything is made; in a group that is
# there already it first says what would change. YES=1 is that yes, for scripts; with neither it nor a terminal nothing is made.
# Once what it would do looks right: the same again with MODE=apply. A second run asks nothing again but for the yes, and keeps what it
# is not told, the settings that were changed in the portal included.
# All that can be said in the environment: infra/README.md. PARAMETERS=FILE takes a .bicepparam file instead.
set -euf
caller=$PWD
script=$0
# Before any tool is looked for: whoever asks what is needed has not got it yet.
case ${1:-} in
    '') ;;
    -h | --help)
        sed -n '2,/^set /{/^set /d;s/^# //;s/^#$//;p;}' "$script"
        exit 0
        ;;
    *)
        echo "It takes no argument, and got $1; $0 --help says what it takes." >&2
        exit 2
        ;;
esac
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

# again NAME=VALUE…: the command for another run, with what was given to this one, and in the same subscription.
again() {
    line=
    for variable in AZURE_SUBSCRIPTION_ID RESOURCE_GROUP HEARTBEAT_DNS_NAME LOCATION PARAMETERS ROLES ALERT_RULE RELEASES RELEASE_ZIP BUILD; do
        case " AZURE_SUBSCRIPTION_ID $given " in
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

# agree: says where everything goes, and what would change there, and asks. Nothing is made without a yes.
agree() {
    cat >&2 << END
What follows is made with these:
  account       $account
  subscription  $subscription_name ($AZURE_SUBSCRIPTION_ID)
  region        $region
  group         $group, which ${1}
  installation  $name, mode ${2}
END
    if [ "$is_there" = true ]; then
        echo "What would change there, as Azure sees it, which takes a minute:" >&2
        shown=true
        azure deployment group what-if --resource-group "$group" --name "$name" --parameters "$parameters_file" > "$words" 2>&1 || shown=
        without_secrets < "$words" >&2
        [ -n "$shown" ] || echo "What would change cannot be shown; the words above are Azure's." >&2
    fi
    case $(lower "${YES:-}") in
        1 | true | yes | on) return 0 ;;
    esac
    if ! [ -t 0 ]; then
        echo "Nothing was made: there is nobody to ask, and YES=1 was not said." >&2
        exit 2
    fi
    printf 'Go on? [y/N] ' >&2
    read -r answer || answer=
    case $(lower "$answer") in
        y | yes) ;;
        *)
            echo "Nothing was made." >&2
            exit 1
            ;;
    esac
}

# Before anything is made: the tools, the names, the zip, the questions.
if [ -n "${RELEASE_ZIP:-}" ]; then
    need az unzip
elif [ "${BUILD:-0}" = 1 ]; then
    need az cargo
else
    need az curl
fi
group=${RESOURCE_GROUP:-rg-heartbeat-dns}
name=${HEARTBEAT_DNS_NAME:-heartbeat-dns}
check_name "$name"
check_group "$group"
if [ -n "${RELEASE_ZIP:-}" ]; then
    RELEASE_ZIP=$(of_caller "$RELEASE_ZIP")
    export RELEASE_ZIP
fi
zip=$(infra/release/fetch.sh)

signed_in=$(az account show ${AZURE_SUBSCRIPTION_ID:+--subscription "$AZURE_SUBSCRIPTION_ID"} --query "[id, name, user.name]" --output tsv)
signed_in=$(printf '%s' "$signed_in" | tr -d '\r')
AZURE_SUBSCRIPTION_ID=$(printf '%s\n' "$signed_in" | sed -n 1p)
subscription_name=$(printf '%s\n' "$signed_in" | sed -n 2p)
account=$(printf '%s\n' "$signed_in" | sed -n 3p)
export AZURE_SUBSCRIPTION_ID

parameters_file=infra/main.bicepparam
app=
earlier=
region=${LOCATION:-westeurope}
is_there=$(azure group exists --name "$group")
is_there=$(printf '%s' "$is_there" | tr -d '\r')
if [ "$is_there" = true ]; then
    region=$(azure group show --name "$group" --query location --output tsv)
    region=$(printf '%s' "$region" | tr -d '\r')
    if [ -n "${LOCATION:-}" ] && [ "$(lower "$LOCATION" | tr -d ' ')" != "$region" ]; then
        echo "The resource group $group is in $region already, not in $LOCATION: leave LOCATION out, or say another RESOURCE_GROUP." >&2
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
    [ "$is_there" != true ] || earlier=$(azure deployment group list --resource-group "$group" --query "[?name=='$name'].properties.provisioningState" --output tsv)
    mode="as $PARAMETERS says"
else
    [ "$is_there" != true ] || keep_parameters "$group" "$name"
    choose_settings
    export MODE="${MODE:-observe}" HEARTBEAT_DNS_NAME="$name"
    say_kept
    ask_all
    spell_out
    check_together
    mode=$MODE
fi
if [ "$is_there" = true ]; then
    agree "is there already" "$mode"
else
    agree "is made" "$mode"
    azure group create --name "$group" --location "$region" --output none
fi

echo "1 of 3: resources, which takes some minutes" >&2
deploy_resources "$group" "$name" "$parameters_file"
# output NAME [FORMAT]: what the first stage gave out.
output() {
    found=$(azure deployment group show --resource-group "$group" --name "$name" --query "properties.outputs.$1.value" --output "${2:-tsv}") || return 1
    printf '%s\n' "$found" | tr -d '\r'
}
roles=$(output deployedRoles)
mode=$(output deployedMode)
app=$(output functionAppName)

if [ "$roles" = none ]; then
    before_roles
    output roleCommands
    # The code reaches the function by one of these roles, and so does the key that the alert rule calls with.
    if [ "$earlier" != Succeeded ]; then
        echo "Stopped before the code and the alert rule, which need these roles. Once the lines have been run, run this:" >&2
        again "" >&2
        exit 0
    fi
    because='the lines above have to have been run, and roles take some minutes to hold'
else
    management_groups=$(output managementGroupIds)
    if [ -n "$management_groups" ]; then
        principal=$(output principalId)
        targets=$(output deployedTargets)
        # Names of management groups have no blanks.
        # shellcheck disable=SC2086
        deploy_management_groups "$app" "$region" "$principal" "$roles" "$targets" $management_groups
    fi
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
    frequency=$(output deployedAlertEvery)
    token_tenant=$(output deployedWebhookTenantId)
    audience=$(output deployedWebhookAudience)
    deploy_alert "$group" "$first_part" "$app" "$identity" "$place" "$workspace_ids" "$timespan" "$owner" "$frequency" \
        "$token_tenant" "$audience"
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
