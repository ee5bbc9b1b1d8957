# shellcheck shell=sh
# Where the secrets of the app are while azd provisions: one file, for nobody else to read, beside azd's environment. Read by
# questions.sh and provisioned.sh of this folder, after parameters.sh.

# Their variables, which are the names of the settings too.
secrets=$(deployment_parameters | while read -r variable _ kind _; do
    [ "$kind" != secret ] || echo "$variable"
done | paste -s -d ' ' -)
# Settings whose values are secret when they hold a password.
proxies='HTTPS_PROXY HTTP_PROXY'
secrets_file=.azure/${AZURE_ENV_NAME:?azd says which environment it is}/secrets-of-the-app.json

# put_aside NAME VALUE: one more member of the object. No value is the one of a file that is there: of a provisioning that failed after
# the app had lost it.
members=
put_aside() {
    text=$(printf '%s' "$2" | sed 's/\\/\\\\/g; s/"/\\"/g')
    if [ -z "$text" ] && [ -f "$secrets_file" ]; then
        text=$(sed -n "s/^\"$1\":\"\(.*\)\",\{0,1\}\$/\1/p" "$secrets_file")
        [ -z "$text" ] || kept="$kept $1"
    fi
    [ -z "$text" ] || members="$members${members:+,
}\"$1\":\"$text\""
}

# put_secrets_aside: those that the app has, and that nobody says anew. Settings among them are left in $left_out.
left_out=
put_secrets_aside() {
    for variable in $secrets; do
        case " $kept " in
            *" $variable "*) put_aside "$variable" "$(value_of "$variable" "${settings-}")" ;;
            *) is_given "$variable" || put_aside "$variable" '' ;;
        esac
    done
    for variable in $proxies; do
        value=$(value_of "$variable" "${settings-}")
        case $value in
            '' | *@*)
                put_aside "$variable" "$value"
                left_out="$left_out $variable"
                ;;
        esac
    done
    rm -f "$secrets_file"
    [ -n "$members" ] || return 0
    mkdir -p "$(dirname "$secrets_file")"
    (umask 077 && printf '{\n%s\n}\n' "$members" > "$secrets_file")
}
