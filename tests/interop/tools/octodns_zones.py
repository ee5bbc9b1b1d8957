"""octoDNS against the stand-in: a public and a private zone are planned, filled, changed and emptied."""

import functools
import os
import tempfile
from pathlib import Path

import octodns_azure
import yaml
from octodns.manager import Manager

from stage import CLIENT, GROUP, PRIVATE_ZONE, SECRET, SUBSCRIPTION, TENANT, ZONE

FIRST = {
    "": {"type": "MX", "ttl": 300, "values": [{"exchange": "mail.example.net.", "preference": 10}]},
    "home": [
        {"type": "A", "ttl": 60, "values": ["203.0.113.7", "203.0.113.8"]},
        {"type": "AAAA", "ttl": 60, "values": ["2001:db8::7"]},
        {"type": "TXT", "ttl": 60, "values": ["v=one", "with a\\; semicolon"]},
    ],
    "www": {"type": "CNAME", "ttl": 300, "value": f"home.{ZONE}."},
    "_sip._tcp": {"type": "SRV", "ttl": 60, "values": [{"port": 5060, "priority": 1, "target": "sip.example.net.", "weight": 2}]},
    "old": {"type": "A", "ttl": 60, "values": ["203.0.113.9"]},
    "signed": {"type": "CAA", "ttl": 60, "values": [{"flags": 0, "tag": "issue", "value": "ca.example.net"}]},
}
# As the provider reads a private zone: without CAA.
FIRST_PRIVATE = {name: record for name, record in FIRST.items() if name != "signed"}


def changed(zone):
    """One address another, one set gone, one new."""
    later = {name: record for name, record in zone.items() if name != "old"}
    home = [dict(record) for record in zone["home"]]
    home[0] = {**home[0], "values": ["203.0.113.17"]}
    return {**later, "home": home, "new": {"type": "A", "ttl": 60, "values": ["203.0.113.10"]}}


class Octo:
    """octoDNS with its own files of settings, in a folder of the stage."""

    def __init__(self, stage, kind, zone):
        self.zone = zone
        self.folder = tempfile.mkdtemp(dir=stage.folder)
        azure = {
            "class": f"octodns_azure.{kind}", "client_id": CLIENT, "key": SECRET, "directory_id": TENANT,
            "sub_id": SUBSCRIPTION, "resource_group": GROUP, "authority": stage.url, "base_url": stage.url,
        }
        files = {"class": "octodns.provider.yaml.YamlProvider", "directory": self.folder, "enforce_order": False}
        settings = {
            "providers": {"files": files, "azure": azure},
            "zones": {f"{zone}.": {"sources": ["files"], "targets": ["azure"]}},
        }
        self.settings = os.path.join(self.folder, "settings.yaml")
        Path(self.settings).write_text(yaml.safe_dump(settings))

    def sync(self, records, write):
        """How many changes octoDNS planned; it makes them when it may write."""
        Path(self.folder, f"{self.zone}.yaml").write_text(yaml.safe_dump(records))
        manager, planned = Manager(self.settings), Planned()
        manager.plan_outputs = {"planned": planned}
        made = manager.sync(dry_run=not write, force=True)
        assert made == (planned.count if write else 0), f"{made} made of {planned.count}"
        return planned.count


class Planned:
    """A plan's output that counts."""

    count = 0

    def run(self, plans, **_):
        self.count = sum(len(plan.changes) for _, plan in plans)


def checks_of(stage, kind, zone, records):
    octo = Octo(stage, kind, zone)

    def plan():
        count = octo.sync(records, write=False)
        assert count == octo.sync(records, write=False) > 0, count
        return f"{count} changes"

    def create():
        count = octo.sync(records, write=True)
        left = octo.sync(records, write=False)
        assert count > 0 and left == 0, f"{left} changes are left after {count}"
        return f"{count} changes, then none"

    def update():
        later = changed(records)
        count = octo.sync(later, write=True)
        left = octo.sync(later, write=False)
        assert count == 3 and left == 0, f"{left} changes are left after {count}"
        return "one changed, one gone, one new"

    def delete():
        count = octo.sync({}, write=True)
        left = octo.sync({}, write=False)
        assert count > 0 and left == 0, f"{left} changes are left after {count}"
        return f"{count} changes, then none"

    yield f"{zone}: plans", plan
    yield f"{zone}: creates", create
    yield f"{zone}: updates", update
    yield f"{zone}: deletes", delete


def checks(stage):
    """The checks of both kinds of zone."""
    # The provider has no way to leave the discovery of the cloud out, which asks a public host.
    octodns_azure.ClientSecretCredential = functools.partial(
        octodns_azure.ClientSecretCredential, disable_instance_discovery=True
    )
    stage.control("PUT", "world", {**stage.world, "zones": [*stage.world["zones"], {"id": private_zone()}]})
    yield from checks_of(stage, "AzureProvider", ZONE, FIRST)
    yield from checks_of(stage, "AzurePrivateProvider", PRIVATE_ZONE, FIRST_PRIVATE)


def private_zone():
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/privateDnsZones/{PRIVATE_ZONE}"
    )

