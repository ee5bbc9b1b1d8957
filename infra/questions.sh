# shellcheck shell=sh
# Asks for what a deployment has to know and the environment does not say. Read by deploy.sh and azd/questions.sh.

# ask NAME QUESTION [optional]
ask() {
    eval "value=\${$1:-}"
    if [ -z "$value" ]; then
        if [ ! -t 0 ]; then
            [ "${3:-}" = optional ] && return 0
            echo "$1 is not set, and there is nobody to ask: set it in the environment ($2)" >&2
            exit 2
        fi
        printf '%s\n> ' "$2" >&2
        read -r value
        if [ -z "$value" ] && [ "${3:-}" != optional ]; then
            echo "$1 is needed" >&2
            exit 2
        fi
    fi
    export "$1=$value"
}

ask DNS_ZONE_IDS 'Zone: resource id of the public DNS zone (several: comma-separated; az network dns zone list --query "[].id" -o tsv)'
ask WORKSPACE_ID 'Workspace: resource id of the Log Analytics workspace that the machines report to (empty: a new one)' optional
ask POLICY_NAMES 'Names: which may be managed (such as *.home.example.com; several: comma-separated)'
