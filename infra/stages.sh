# shellcheck shell=sh
# What deploy.sh and azd have in common: tools, patience, and the stages after the questions.

# need TOOL…: says all that is missing before anything is begun.
need() {
    missing=
    for tool; do
        command -v "$tool" > /dev/null || {
            echo "$tool is needed and not there" >&2
            missing=1
        }
    done
    [ -z "$missing" ] || exit 2
}

# azure ARGUMENT…: az in the subscription that was chosen, whatever az's own default is.
azure() {
    az "$@" --subscription "${AZURE_SUBSCRIPTION_ID:?which subscription is not known}"
}

# What az says goes here; it may be long, and is shown when it matters.
words=$(mktemp)
trap 'rm -f "$words"' EXIT
trap 'exit 130' INT TERM

# gist: the line of Azure's words that says most, the fault rather than the warnings before it.
gist() {
    said=$(sed -n '/^ERROR/{p;q;}' "$words")
    [ -n "$said" ] || said=$(sed -n '/[^[:space:]]/{p;q;}' "$words")
    printf '%s' "$said" | cut -c 1-200
}

# patiently WHAT COMMAND…: again and again for ten minutes, since a role that was just assigned does not hold at once.
# What is said in the words of $hopeless is not tried again; with $worth nothing is that Azure does not say in those.
because='roles take some minutes to hold'
hopeless='Error BCP[0-9]{3}|InvalidTemplate"?[,):]|unrecognized arguments|az login'
worth=
patiently() {
    what=$1
    shift
    pause=${RETRY_SECONDS:-30}
    try=1
    until "$@" 2> "$words"; do
        if grep -Eq "$hopeless" "$words" || { [ -n "$worth" ] && ! grep -Eq "$worth" "$words"; }; then
            cat "$words" >&2
            ! grep -q 'Error BCP' "$words" || echo "Is Bicep old? az bicep upgrade" >&2
            exit 1
        fi
        if [ "$try" -ge 20 ]; then
            cat "$words" >&2
            echo "$what: failed 20 times; the words above are Azure's. Once the reason is gone, run the same again." >&2
            exit 1
        fi
        echo "$what: not yet ($(gist)); $because: again in $pause s ($try of 20)" >&2
        try=$((try + 1))
        sleep "$pause"
    done
}

# knowing WHAT COMMAND…: patiently, with what Azure does not know everywhere at once: a new identity, role or table.
knowing() {
    worth='RoleDefinitionDoesNotExist|PrincipalNotFound|InvalidOutputTable'
    later=$because
    because='what is new is not known everywhere at once'
    patiently "$@"
    because=$later
    worth=
}

# deploy_resources GROUP NAME PARAMETERS
deploy_resources() {
    knowing resources azure deployment group create --resource-group "$1" --name "$2" --parameters "$3" --output none
}

# deploy_management_groups APP LOCATION PRINCIPAL ROLES TARGETS GROUP…: the role at each of them. A deployment there can never change
# its region, and so has it in its name.
deploy_management_groups() {
    named=$1-$2
    place=$2
    principal=$3
    kind=$4
    targets=$5
    shift 5
    for management_group; do
        knowing "role at ${management_group##*/}" azure deployment mg create --management-group-id "${management_group##*/}" \
            --name "$named" --location "$place" --template-file infra/management-group.bicep --output none \
            --parameters principalId="$principal" roles="$kind" targets="$targets"
    done
}

# deploy_code GROUP APP ZIP
deploy_code() {
    patiently code azure functionapp deployment source config-zip --resource-group "$1" --name "$2" --src "$3" --output none
}

# find_registration TENANT AUDIENCE: the app registration for whose tokens the function asks, into $registered and $registered_uri; empty
# where it asks for none. An action group that brought no token would be refused: without an answer it is left as it is.
find_registration() {
    registered=
    registered_uri=
    [ -n "$1" ] || return 0
    # Either of the names of an audience is one of the registration: its client id, or its identifier URI.
    found=$(az ad app show --id "$(printf '%s' "${2%%,*}" | tr -d ' ')" --query "[id, not_null(identifierUris[0], '')]" --output tsv 2> "$words") || {
        echo "WEBHOOK_AUDIENCE: its app registration is not found: $(gist)" >&2
        echo "The alert rule and its action group were left as they are. Who may read it: docs/webhook-token.md" >&2
        exit 1
    }
    found=$(printf '%s' "$found" | tr -d '\r')
    registered=$(printf '%s\n' "$found" | sed -n 1p)
    registered_uri=$(printf '%s\n' "$found" | sed -n 2p)
    if [ -z "$registered" ] || [ -z "$registered_uri" ]; then
        echo "WEBHOOK_AUDIENCE: its app registration has no identifier URI, which the action group needs: docs/webhook-token.md" >&2
        exit 1
    fi
}

# deploy_alert GROUP NAME APP IDENTITY LOCATION WORKSPACES TIMESPAN OWNER FREQUENCY TENANT AUDIENCE: the last two empty where the
# function asks for no token.
deploy_alert() {
    find_registration "${10}" "${11}"
    patiently 'alert rule' azure deployment group create --resource-group "$1" --name "$2-alert" --template-file infra/alert.bicep \
        --output none --parameters name="$2" functionAppName="$3" identityId="$4" location="$5" workspaceIds="$6" queryTimespan="$7" \
        ownerId="$8" frequency="$9" ${registered:+webhookObjectId="$registered"} ${registered:+webhookIdentifierUri="$registered_uri"} \
        ${registered:+webhookTenantId="${10}"}
}

# before_roles: what is said above the lines for the owners.
before_roles() {
    cat >&2 << 'END'
For the owners of zones, machines and workspaces to run. A role that is there since an earlier run is refused by `az role definition create`;
`az role definition update` in its place brings it up to date.
END
}

# how_to_look GROUP APP
how_to_look() {
    cat >&2 << END
It observes: it says what it would do, and writes nothing. Look, in half an hour, at the workbook, or ask it:
  app=$2
  key=\$(az functionapp function keys list --subscription '$AZURE_SUBSCRIPTION_ID' --resource-group '$1' --name \$app \\
    --function-name function-remediate --query default --output tsv)
  curl -s "https://\$app.azurewebsites.net/api/remediate?code=\$key"
END
}
