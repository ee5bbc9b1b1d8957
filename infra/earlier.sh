# shellcheck shell=sh
# What an earlier deployment was told, and what has been changed in the portal since: a second run asks for nothing again, and
# changes nothing that nobody mentions. Read by deploy.sh and azd/questions.sh, after stages.sh.
: "${words:?read stages.sh first}"

# shellcheck source=infra/parameters.sh
. infra/parameters.sh

# Whether a variable was given; an empty value is given, and means the default.
is_given() {
    eval "[ -n \"\${$1+given}\" ]"
}

kept=
# keep NAME VALUE
keep() {
    is_given "$1" || [ -z "$2" ] || {
        export "$1=$2"
        kept="$kept $1"
    }
}

# value_of NAME LINES: the value behind NAME= in lines of NAME=value.
value_of() {
    printf '%s\n' "$2" | sed -n "s/^$1=//p" | head -n 1
}

# earlier_app GROUP NAME: the function app of an installation, if there is one. Behind its name stand 13 letters and digits.
earlier_app() {
    apps=$(azure functionapp list --resource-group "$1" --query "[].name" --output tsv) || return 1
    for app in $(printf '%s' "$apps" | tr -d '\r'); do
        rest=${app#"$2"-}
        case $rest in
            "$app" | *[!a-z0-9]*) ;;
            ?????????????) echo "$app" ;;
        esac
    done
}

# keep_settings GROUP APP: what the app has now, for everything that is not given.
keep_settings() {
    settings=$(azure functionapp config appsettings list --resource-group "$1" --name "$2" \
        --query "[].join('=', [name, not_null(value, '')])" --output tsv)
    settings=$(printf '%s' "$settings" | tr -d '\r')
    while read -r variable _ _ setting; do
        [ "$setting" = - ] || keep "$variable" "$(value_of "$setting" "$settings")"
    done << END
$(deployment_parameters)
END
}

# choose_settings: all other settings that are given, or that the app has with another value than the default, as one object, without
# those that are left out of it because they are secret.
# The quotes are JSON's, not the shell's.
# shellcheck disable=SC2089,SC2090
choose_settings() {
    HEARTBEAT_DNS_SETTINGS=
    while IFS='=' read -r setting default; do
        case " ${left_out:-} " in
            *" $setting "*) continue ;;
        esac
        value=$(value_of "$setting" "${settings:-}")
        case " $common_settings " in
            *" $setting "*) ;;
            *)
                if is_given "$setting"; then
                    eval "value=\$$setting"
                elif [ -n "$value" ] && [ "$value" != "$default" ]; then
                    kept="$kept $setting"
                fi
                ;;
        esac
        if [ -n "$value" ] && [ "$value" != "$default" ]; then
            value=$(printf '%s' "$value" | sed 's/\\/\\\\/g; s/"/\\"/g')
            HEARTBEAT_DNS_SETTINGS="$HEARTBEAT_DNS_SETTINGS${HEARTBEAT_DNS_SETTINGS:+,}\"$setting\":\"$value\""
        fi
    done << END
$(other_settings)
END
    export HEARTBEAT_DNS_SETTINGS="{$HEARTBEAT_DNS_SETTINGS}"
}

# keep_parameters GROUP NAME: what the last deployment was told, for everything that is still not known. Its state is left in
# $earlier, empty when there was none.
# shellcheck disable=SC2034
keep_parameters() {
    query="join('=', ['earlier', properties.provisioningState])"
    while read -r variable parameter kind _; do
        value="properties.parameters.$parameter.value"
        case $kind in
            list) value="join(',', not_null($value, \`[]\`))" ;;
            text | secret) value="not_null($value, '')" ;;
            *) value="to_string(not_null($value, ''))" ;;
        esac
        query="$query, join('=', ['$variable', $value])"
    done << END
$(deployment_parameters)
END
    earlier=
    if ! parameters=$(azure deployment group show --resource-group "$1" --name "$2" --query "[$query]" --output tsv 2> "$words"); then
        case $(cat "$words") in
            *NotFound* | *"could not be found"*) return 0 ;;
        esac
        cat "$words" >&2
        exit 1
    fi
    parameters=$(printf '%s' "$parameters" | tr -d '\r')
    earlier=$(value_of earlier "$parameters")
    from_app=$kept
    while read -r variable _; do
        case $variable in
            # A workspace that was made then has no id that was given.
            WORKSPACE_ID) keep WORKSPACE_ID "$(value_of WORKSPACE_ID "$parameters" | sed 's/^$/new/')" ;;
            *) keep "$variable" "$(value_of "$variable" "$parameters")" ;;
        esac
    done << END
$(deployment_parameters)
END
    kept=$from_app
}

# without_secrets: what is read, without the values of the secrets. awk finds them in its environment, where no list of processes is.
without_secrets() {
    awk '
        function hidden(text, secret,   out, place) {
            out = ""
            while (secret != "" && (place = index(text, secret)) > 0) {
                out = out substr(text, 1, place - 1) "(secret)"
                text = substr(text, place + length(secret))
            }
            return out text
        }
        { print hidden(hidden($0, ENVIRON["NOTIFY_URL"]), ENVIRON["PING_URL"]) }'
}

# say_kept: one line; values may be secrets.
say_kept() {
    [ -z "$kept" ] || echo "As the app has it, because not given now:$kept (MODE is $MODE). NAME=value changes one, NAME= gives its default." >&2
}
