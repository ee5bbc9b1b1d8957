# shellcheck shell=sh
# What deploy.sh and azd have in common: tools, patience, and the two stages that follow main.bicep.

# need TOOL…: says what is missing before anything is begun.
need() {
    for tool; do
        command -v "$tool" > /dev/null || {
            echo "$tool is needed and not there" >&2
            exit 2
        }
    done
}

# What az says goes here; it may be long, and is shown when it matters.
words=$(mktemp)
trap 'rm -f "$words"' EXIT
trap 'exit 130' INT TERM

# patiently WHAT COMMAND…: again and again for ten minutes, since a role that was just assigned does not hold at once.
# What is said in the words of $hopeless is not tried again; with $worth nothing is that Azure does not say in those.
because='roles take some minutes to hold'
hopeless='BCP[0-9]{3}|InvalidTemplate"?[,):]|unrecognized arguments|az login'
worth=
patiently() {
    what=$1
    shift
    pause=${RETRY_SECONDS:-30}
    try=1
    until "$@" 2> "$words"; do
        if grep -Eq "$hopeless" "$words" || { [ -n "$worth" ] && ! grep -Eq "$worth" "$words"; }; then
            cat "$words" >&2
            exit 1
        fi
        if [ "$try" -ge 20 ]; then
            cat "$words" >&2
            echo "$what: failed 20 times; the words above are Azure's. Once the reason is gone, run the same again." >&2
            exit 1
        fi
        echo "$what: not yet ($(sed -n '/[^[:space:]]/{p;q;}' "$words" | cut -c 1-200)); $because: again in $pause s ($try of 20)" >&2
        try=$((try + 1))
        sleep "$pause"
    done
}

# deploy_resources GROUP NAME PARAMETERS. A role can be assigned, and an identity be given one, only once all of Azure knows them.
deploy_resources() {
    worth='RoleDefinitionDoesNotExist|PrincipalNotFound'
    patiently resources az deployment group create --resource-group "$1" --name "$2" --parameters "$3" --output none
    worth=
}

# deploy_code GROUP APP ZIP
deploy_code() {
    patiently code az functionapp deployment source config-zip --resource-group "$1" --name "$2" --src "$3" --output none
}

# deploy_alert GROUP NAME APP IDENTITY LOCATION WORKSPACES TIMESPAN OWNER
deploy_alert() {
    patiently 'alert rule' az deployment group create --resource-group "$1" --name "$2-alert" --template-file infra/alert.bicep --output none \
        --parameters name="$2" functionAppName="$3" identityId="$4" location="$5" workspaceIds="$6" queryTimespan="$7" ownerId="$8"
}

# how_to_look GROUP APP
how_to_look() {
    cat >&2 << END
It observes: it says what it would do, and writes nothing. Look, in half an hour, at the workbook, or ask it:
  app=$2
  key=\$(az functionapp function keys list --resource-group '$1' --name \$app --function-name function-remediate --query default --output tsv)
  curl -s "https://\$app.azurewebsites.net/api/remediate?code=\$key"
END
}
