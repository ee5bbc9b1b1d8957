# shellcheck shell=sh
# Where the secrets of the app are while azd provisions: one file, for nobody else to read, beside azd's environment. Read by
# questions.sh and provisioned.sh of this folder, after parameters.sh.

# Their variables, which are the names of the settings too.
secrets=$(deployment_parameters | while read -r variable _ kind _; do
    [ "$kind" != secret ] || echo "$variable"
done | paste -s -d ' ' -)
secrets_file=.azure/${AZURE_ENV_NAME:?azd says which environment it is}/secrets-of-the-app.json

# put_secrets_aside: those that are kept, as an object with a member a line. A file that is there is of a provisioning that failed: what
# the app has lost since is taken out of it.
put_secrets_aside() {
    members=
    for variable in $secrets; do
        text=
        case " $kept " in
            *" $variable "*) text=$(eval "printf '%s' \"\$$variable\"" | sed 's/\\/\\\\/g; s/"/\\"/g') ;;
            *)
                if ! is_given "$variable" && [ -f "$secrets_file" ]; then
                    text=$(sed -n "s/^\"$variable\":\"\(.*\)\",\{0,1\}\$/\1/p" "$secrets_file")
                    [ -z "$text" ] || kept="$kept $variable"
                fi
                ;;
        esac
        [ -z "$text" ] || members="$members${members:+,
}\"$variable\":\"$text\""
    done
    rm -f "$secrets_file"
    [ -n "$members" ] || return 0
    mkdir -p "$(dirname "$secrets_file")"
    (umask 077 && printf '{\n%s\n}\n' "$members" > "$secrets_file")
}
