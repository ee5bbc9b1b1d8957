# shellcheck shell=sh
# Asks for what a deployment has to know and nobody said, and checks what was said before anything is made of it. Read by
# deploy.sh and azd/questions.sh, after stages.sh.
: "${words:?read stages.sh first}"

# list TEXT: a comma-separated list without blanks and empty entries.
list() {
    printf '%s' "$1" | tr -d ' \t\r' | tr ',' '\n' | sed '/^$/d' | paste -s -d , -
}

lower() {
    printf '%s' "$1" | tr '[:upper:]' '[:lower:]'
}

# check_name NAME: what Azure would refuse after some minutes. A data collection rule of kind Direct has 30 characters at most.
check_name() {
    # Written out: what lies between a and z is another thing in each language.
    case $1 in
        *[!abcdefghijklmnopqrstuvwxyz0123456789-]* | [0123456789-]* | *--* | *-) ;;
        *) [ "${#1}" -lt 3 ] || [ "${#1}" -gt 16 ] || return 0 ;;
    esac
    echo "HEARTBEAT_DNS_NAME: $1 does not do: 3 to 16 small letters, digits and single hyphens, a letter first, no hyphen last" >&2
    exit 2
}

# check_group NAME
check_group() {
    case $1 in
        *. | *[[:space:]/]*) ;;
        *) [ "${#1}" -gt 90 ] || return 0 ;;
    esac
    echo "RESOURCE_GROUP: $1 does not do: 90 characters at most, without blanks and slashes, no full stop last" >&2
    exit 2
}

# everywhere ARGUMENT…: what az prints in all subscriptions of the account, those of the tenant that is deployed to. One that does not
# answer is told, and left out.
everywhere() {
    tenant=$(azure account show --query tenantId --output tsv) || return 1
    tenant=$(printf '%s' "$tenant" | tr -d '\r')
    subscriptions=$(az account list --query "[?state=='Enabled' && tenantId=='$tenant'].id" --output tsv) || return 1
    for subscription in $(printf '%s' "${subscriptions:-$AZURE_SUBSCRIPTION_ID}" | tr -d '\r'); do
        az "$@" --subscription "$subscription" --output tsv 2> "$words" ||
            echo "In the subscription $subscription nothing can be looked for: $(gist)" >&2
    done | tr -d '\r'
}

# the_one NAME IDS KIND LIST: the only id of several lines, or words.
the_one() {
    if [ -z "$2" ]; then
        echo "$1: there is no $3 of that name that you can see in a subscription of this account; its resource id is wanted: $4" >&2
    elif [ "$(printf '%s\n' "$2" | wc -l)" -gt 1 ]; then
        echo "$1 is a name, and there are several of it; the resource id is wanted, one of these:" >&2
        printf '%s\n' "$2" >&2
    else
        printf '%s\n' "$2"
        return 0
    fi
    return 1
}

workspaces='az monitor log-analytics workspace list --subscription … --query "[].id" --output tsv'

# zone_id KIND TEXT: the resource id of a zone of a kind, public or private, which may be said by its name.
zone_id() {
    case $1 in
        public)
            type=dnszones
            other=privatednszones
            commands=dns
            hint='a private zone is said in PRIVATE_ZONE_IDS'
            ;;
        private)
            type=privatednszones
            other=dnszones
            commands=private-dns
            hint='a public zone is said in DNS_ZONE_IDS'
            ;;
    esac
    zones="az network $commands zone list --subscription … --query \"[].id\" --output tsv"
    case $(lower "$2") in
        */microsoft.network/"$other"/*)
            echo "$2: $hint" >&2
            return 1
            ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.network/"$type"/?*/*) ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.network/"$type"/?*)
            printf '%s\n' "$2"
            return 0
            ;;
        */* | *[!a-z0-9._-]*) ;;
        *)
            found=$(everywhere network "$commands" zone list --query "[?name=='$(lower "$2")'].id") || return 1
            the_one "$2" "$found" "$1 DNS zone" "$zones"
            return
            ;;
    esac
    echo "$2 is not the resource id of a $1 DNS zone: $zones" >&2
    return 1
}

# has LIST ID: whether a list holds an id, in whatever case.
has() {
    case ,$(lower "$1"), in
        *",$(lower "$2"),"*) return 0 ;;
    esac
    return 1
}

# zone_ids KIND TEXT: a list of them. One that is said twice is one.
zone_ids() {
    found_zones=
    for zone in $(list "$2" | tr ',' ' '); do
        zone=$(zone_id "$1" "$zone") || return 1
        ! has "$found_zones" "$zone" || continue
        case $1:.$(lower "${zone##*/}"). in
            private:*.privatelink.*)
                echo "${zone##*/}: its records belong to private endpoints, and are not managed" >&2
                return 1
                ;;
        esac
        case $(lower "$found_zones,") in
            */"$(lower "${zone##*/}")",*)
                echo "${zone##*/}: two zones of one name are not managed by one installation" >&2
                return 1
                ;;
        esac
        found_zones="$found_zones${found_zones:+,}$zone"
    done
    [ -n "$found_zones" ] || {
        echo "at least one zone is needed" >&2
        return 1
    }
    printf '%s\n' "$found_zones"
}

public_zones() {
    zone_ids public "$1"
}

private_zones() {
    zone_ids private "$1"
}

# workspace_id TEXT: the resource id of a workspace, which may be said by its name or its customer id; `new` for a new one.
workspace_id() {
    case $(lower "$1") in
        '' | new) echo new ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.operationalinsights/workspaces/?*/*)
            echo "$1 is not the resource id of a Log Analytics workspace: $workspaces" >&2
            return 1
            ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.operationalinsights/workspaces/?*) printf '%s\n' "$1" ;;
        */* | *[!a-z0-9-]*)
            echo "$1 is not the resource id of a Log Analytics workspace: $workspaces" >&2
            return 1
            ;;
        *)
            found=$(everywhere monitor log-analytics workspace list --query "[?name=='$1' || customerId=='$1'].id") || return 1
            the_one "$1" "$found" 'Log Analytics workspace' "$workspaces"
            ;;
    esac
}

# other_workspaces TEXT: a list of workspaces, without the one with our tables.
other_workspaces() {
    found_workspaces=
    for workspace in $(list "$1" | tr ',' ' '); do
        workspace=$(workspace_id "$workspace") || return 1
        if [ "$workspace" = new ]; then
            echo "OTHER_WORKSPACE_IDS: a new workspace is for WORKSPACE_ID" >&2
            return 1
        fi
        has "$WORKSPACE_ID,$found_workspaces" "$workspace" || found_workspaces="$found_workspaces${found_workspaces:+,}$workspace"
    done
    printf '%s\n' "$found_workspaces"
}

# management_groups TEXT: resource ids of management groups, which may be said by their names.
management_groups() {
    found_groups=
    for management_group in $(list "$1" | tr ',' ' '); do
        case $(lower "$management_group") in
            /providers/microsoft.management/managementgroups/?*/*) bad=1 ;;
            /providers/microsoft.management/managementgroups/?*) bad= ;;
            */*) bad=1 ;;
            *)
                bad=
                management_group=/providers/Microsoft.Management/managementGroups/$management_group
                ;;
        esac
        if [ -n "$bad" ]; then
            echo "$management_group is neither the name nor the resource id of a management group: az account management-group list" >&2
            return 1
        fi
        has "$found_groups" "$management_group" || found_groups="$found_groups${found_groups:+,}$management_group"
    done
    printf '%s\n' "$found_groups"
}

# names TEXT: a list that is not empty.
names() {
    found_names=$(list "$1")
    [ -n "$found_names" ] || {
        echo "at least one name is needed" >&2
        return 1
    }
    printf '%s\n' "$found_names"
}

# ask NAME CHECK QUESTION [optional]: leaves what CHECK prints in the variable.
ask() {
    eval "value=\${$1:-}"
    asked=
    while :; do
        if [ -z "$value" ] && { [ -z "${4:-}" ] || ! is_given "$1"; }; then
            if [ -t 0 ]; then
                printf '%s\n> ' "$3" >&2
                read -r value || exit 2
                asked=1
            elif [ -z "${4:-}" ]; then
                echo "$1 is not set, and there is nobody to ask: set it in the environment ($3)" >&2
                exit 2
            fi
        fi
        if value=$("$2" "$value"); then
            export "$1=$value"
            return 0
        fi
        [ -n "$asked" ] || exit 2
        value=
    done
}

# check NAME CHECK: the same for what is not asked; what is not given stays so.
check() {
    eval "value=\${$1:-}"
    [ -z "$value" ] || ask "$1" "$2" ''
}

ask_all() {
    check PRIVATE_ZONE_IDS private_zones
    # Private zones alone are enough.
    if [ -n "${PRIVATE_ZONE_IDS:-}" ]; then
        check DNS_ZONE_IDS public_zones
    else
        ask DNS_ZONE_IDS public_zones 'Zone: name or resource id of the public DNS zone (several: comma-separated)'
    fi
    ask WORKSPACE_ID workspace_id 'Workspace: name or resource id of the Log Analytics workspace that the machines report to (empty: a new one)' optional
    ask POLICY_NAMES names 'Names: which may be managed (such as *.home.example.com; several: comma-separated)'
    check OTHER_WORKSPACE_IDS other_workspaces
    check MACHINE_MANAGEMENT_GROUP_IDS management_groups
    if [ "$WORKSPACE_ID" = new ] && [ -z "${app:-}${functionAppName:-}${HEARTBEAT_MACHINE_IDS:-}" ]; then
        cat >&2 << END
A new workspace: no machine reports there yet, and no name moves until one does. Arc machines that have the Azure Monitor agent
report there once HEARTBEAT_MACHINE_IDS names them (comma-separated; now, or in a later run):
  az resource list --subscription '$AZURE_SUBSCRIPTION_ID' --resource-type Microsoft.HybridCompute/machines --query '[].id' --output tsv
END
    fi
}

# check_together: what is right alone and does not go together, or is one of a few.
check_together() {
    if [ -n "${PRIVATE_ZONE_IDS:-}" ]; then
        case ${HEARTBEAT_DNS_SETTINGS:-} in
            *'"POLICY_PRIVATE_PREFIXES":'*) ;;
            *)
                echo "PRIVATE_ZONE_IDS takes POLICY_PRIVATE_PREFIXES: which of a machine's own addresses may stand there (such as 10.0.0.0/8)" >&2
                exit 2
                ;;
        esac
    fi
    case ${ALERT_EVERY:-} in
        '' | PT5M | PT10M | PT15M) ;;
        PT1M)
            [ -z "${OTHER_WORKSPACE_IDS:-}" ] || {
                echo "ALERT_EVERY=PT1M takes no OTHER_WORKSPACE_IDS: a rule that reads several workspaces cannot ask once a minute" >&2
                exit 2
            }
            ;;
        *)
            echo "ALERT_EVERY is PT1M, PT5M, PT10M or PT15M, not $ALERT_EVERY" >&2
            exit 2
            ;;
    esac
    if [ -n "${PRIVATE_LINK_SUBNET_ID:-}" ] && [ "${PRIVATE_LINK_ACCESS_MODE:-}" = PrivateOnly ] && [ -z "${FUNCTION_SUBNET_ID:-}" ]; then
        echo "PRIVATE_LINK_ACCESS_MODE=PrivateOnly closes the way that rows go: set FUNCTION_SUBNET_ID too, or leave the mode Open" >&2
        exit 2
    fi
}

# spell_out: an empty variable would be a value where the default is meant, and true and false are written in several ways.
spell_out() {
    while read -r variable _ kind _; do
        eval "value=\${$variable:-}"
        case $kind:$(lower "$value") in
            *:) unset "$variable" ;;
            bool:true | bool:yes | bool:on | bool:1) export "$variable=true" ;;
            bool:false | bool:no | bool:off | bool:0) export "$variable=false" ;;
            bool:*)
                echo "$variable is true or false, not $value" >&2
                exit 2
                ;;
        esac
    done << END
$(deployment_parameters)
END
}
