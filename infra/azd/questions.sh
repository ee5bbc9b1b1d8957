#!/bin/sh
# Before azd provisions: keeps what the app has and azd's environment does not say, asks what nobody said yet, keeps the answers
# in azd's environment, and fetches the zip. Secrets of the app do not go into azd's environment, which is a plain file: they lie in a
# file of their own for as long as azd provisions, and provisioned.sh puts them back.
set -euf
cd "$(dirname "$0")/../.."
# shellcheck source=infra/stages.sh
. infra/stages.sh
# shellcheck source=infra/earlier.sh
. infra/earlier.sh
# shellcheck source=infra/questions.sh
. infra/questions.sh
# shellcheck source=infra/azd/secrets.sh
. infra/azd/secrets.sh
need az azd
check_name "${HEARTBEAT_DNS_NAME:-heartbeat-dns}"

# settings_of_app: the variables whose value the function app has as a setting.
settings_of_app() {
    deployment_parameters | while read -r variable _ _ setting; do
        [ "$setting" = - ] || echo "$variable"
    done
}

# What was kept the last time was not given: the app may have been changed since. azd hands its outputs on as variables.
for variable in $(settings_of_app); do
    eval "[ -z \"\${KEPT_$variable:-}\" ] || [ \"\${$variable:-}\" != \"\${KEPT_$variable:-}\" ] || unset $variable"
done
if [ -n "${functionAppName:-}" ] && [ -n "${resourceGroupName:-}" ]; then
    keep_settings "$resourceGroupName" "$functionAppName"
    put_secrets_aside
fi
for variable in $kept; do
    case " $secrets " in
        *" $variable "*) ;;
        *) eval "azd env set KEPT_$variable \"\$$variable\"; azd env set $variable \"\$$variable\"" ;;
    esac
done
choose_settings
export MODE="${MODE:-observe}"
say_kept
ask_all
spell_out
check_together
for variable in DNS_ZONE_IDS PRIVATE_ZONE_IDS WORKSPACE_ID POLICY_NAMES HEARTBEAT_DNS_SETTINGS OTHER_WORKSPACE_IDS MACHINE_MANAGEMENT_GROUP_IDS; do
    eval "[ -z \"\${$variable:-}\" ] || azd env set $variable \"\$$variable\""
done
infra/release/fetch.sh > /dev/null
