# shellcheck shell=sh
# Asks for what a deployment has to know and nobody said, and checks what was said before anything is made of it. Read by
# deploy.sh and azd/questions.sh.

# list TEXT: a comma-separated list without blanks and empty entries.
list() {
    printf '%s' "$1" | tr -d ' \t\r' | tr ',' '\n' | sed '/^$/d' | paste -s -d , -
}

lower() {
    printf '%s' "$1" | tr '[:upper:]' '[:lower:]'
}

# the_one NAME IDS KIND LIST: the only id of several lines, or words.
the_one() {
    if [ -z "$2" ]; then
        echo "$1: there is no $3 of that name that you can see; its resource id is wanted: $4" >&2
    elif [ "$(printf '%s\n' "$2" | wc -l)" -gt 1 ]; then
        echo "$1 is a name, and there are several of it; the resource id is wanted, one of these:" >&2
        printf '%s\n' "$2" >&2
    else
        printf '%s\n' "$2"
        return 0
    fi
    return 1
}

zones='az network dns zone list --query "[].id" --output tsv'
workspaces='az monitor log-analytics workspace list --query "[].id" --output tsv'

# zone_id TEXT: the resource id of a public zone, which may be said by its name.
zone_id() {
    case $(lower "$1") in
        *privatednszones*)
            echo "$1: private zones are not managed" >&2
            return 1
            ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.network/dnszones/?*/*) ;;
        /subscriptions/?*/resourcegroups/?*/providers/microsoft.network/dnszones/?*)
            printf '%s\n' "$1"
            return 0
            ;;
        */* | *[!a-z0-9._-]*) ;;
        *)
            found=$(az network dns zone list --query "[?name=='$(lower "$1")'].id" --output tsv) || return 1
            the_one "$1" "$(printf '%s' "$found" | tr -d '\r')" 'public DNS zone' "$zones"
            return
            ;;
    esac
    echo "$1 is not the resource id of a public DNS zone: $zones" >&2
    return 1
}

# zone_ids TEXT: a list of them.
zone_ids() {
    found_zones=
    for zone in $(list "$1" | tr ',' ' '); do
        zone=$(zone_id "$zone") || return 1
        found_zones="$found_zones${found_zones:+,}$zone"
    done
    [ -n "$found_zones" ] || {
        echo "at least one zone is needed" >&2
        return 1
    }
    printf '%s\n' "$found_zones"
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
            found=$(az monitor log-analytics workspace list --query "[?name=='$1' || customerId=='$1'].id" --output tsv) || return 1
            the_one "$1" "$(printf '%s' "$found" | tr -d '\r')" 'Log Analytics workspace' "$workspaces"
            ;;
    esac
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

ask_all() {
    ask DNS_ZONE_IDS zone_ids 'Zone: name or resource id of the public DNS zone (several: comma-separated)'
    ask WORKSPACE_ID workspace_id 'Workspace: name or resource id of the Log Analytics workspace that the machines report to (empty: a new one)' optional
    ask POLICY_NAMES names 'Names: which may be managed (such as *.home.example.com; several: comma-separated)'
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
