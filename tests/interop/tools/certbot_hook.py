"""certbot-dns-azure: the TXT sets with which certbot proves a name, written and taken back by the plugin."""

import os
from argparse import Namespace

from azure.core.exceptions import ResourceNotFoundError
from certbot_dns_azure._internal.dns_azure import Authenticator

from stage import CLIENT, GROUP, SUBSCRIPTION, ZONE


def checks(stage):
    name = f"_acme-challenge.{ZONE}"
    plugin = authenticator(stage)

    def texts():
        sets = plugin._get_azure_client(SUBSCRIPTION).record_sets
        try:
            found = sets.get(GROUP, ZONE, "_acme-challenge", "TXT")
        except ResourceNotFoundError:
            return []
        return sorted(value for record in found.txt_records for value in record.value)

    def perform():
        plugin._perform(ZONE, name, "proof-one")
        assert texts() == ["proof-one"], texts()
        return texts()

    def perform_beside():
        plugin._perform(ZONE, name, "proof-two")
        assert texts() == ["proof-one", "proof-two"], texts()
        return texts()

    def clean_one():
        plugin._cleanup(ZONE, name, "proof-one")
        assert texts() == ["proof-two"], texts()
        return texts()

    def clean_last():
        plugin._cleanup(ZONE, name, "proof-two")
        assert texts() == [], texts()
        return "the set is gone"

    def clean_again():
        plugin._cleanup(ZONE, name, "proof-two")
        return "no fault"

    yield "writes a proof", perform
    yield "writes a second one beside it", perform_beside
    yield "takes one back", clean_one
    yield "takes the last one back", clean_last
    yield "takes back what is gone", clean_again


def authenticator(stage) -> Authenticator:
    """The plugin as certbot would set it up, from a file of settings."""
    file = os.path.join(stage.folder, "azure.ini")
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    with open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as lines:
        lines.write(f"dns_azure_msi_client_id = {CLIENT}\ndns_azure_zone1 = {ZONE}:{group}\n")
    settings = Namespace(dns_azure_config=file, dns_azure_credentials=None, noninteractive_mode=True)
    settings.namespace = settings
    plugin = Authenticator(settings, "dns-azure")
    # Its table of clouds has no local one.
    plugin._azure_endpoints["azurepubliccloud"]["ResourceManagerEndpoint"] = stage.url
    plugin._setup_credentials()
    return plugin
