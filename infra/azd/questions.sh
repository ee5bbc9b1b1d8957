#!/bin/sh
# Before azd provisions: asks what is not answered yet and keeps the answers in azd's environment.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=infra/questions.sh
. infra/questions.sh
for name in DNS_ZONE_IDS WORKSPACE_ID POLICY_NAMES; do
    eval "azd env set $name \"\${$name}\""
done
