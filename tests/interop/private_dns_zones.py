"""Private DNS with azure-mgmt-privatedns: the same rules under other keys, quoted etags, odd path case."""

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.privatedns.models import ARecord, PrivateZone, RecordSet, RecordSetProperties

from stage import GROUP, PRIVATE_ZONE, SUBSCRIPTION, refused

NAMES = [f"page{number}" for number in range(5)]


def checks(stage):
    client = PrivateDnsManagementClient(
        ManagedIdentityCredential(), SUBSCRIPTION, base_url=stage.url, polling_interval=0.1
    )
    sets = client.record_sets
    kept = {}

    def put(name, address, ttl=60, **options):
        records = [ARecord(ipv4_address=address)]
        body = RecordSet(properties=RecordSetProperties(ttl=ttl, metadata={"owner": "interop"}, a_records=records))
        return sets.create_or_update(GROUP, PRIVATE_ZONE, "A", name, body, **options)

    def only_absent():
        return {"etag": "*", "match_condition": MatchConditions.IfMissing}

    def only_unchanged(etag):
        return {"etag": etag, "match_condition": MatchConditions.IfNotModified}

    def addresses(name):
        return [record.ipv4_address for record in sets.get(GROUP, PRIVATE_ZONE, "A", name).properties.a_records]

    def create_zone():
        zone = client.private_zones.begin_create_or_update(
            GROUP, PRIVATE_ZONE, PrivateZone(location="global")).result()
        assert zone.name == PRIVATE_ZONE, zone.as_dict()
        assert [z.name for z in client.private_zones.list()] == [PRIVATE_ZONE]
        return zone.name

    def create_if_absent():
        made = put("nas", "10.0.0.4", **only_absent())
        assert made.etag and made.properties.fqdn == f"nas.{PRIVATE_ZONE}.", made.as_dict()
        kept["etag"] = made.etag
        return made.properties.fqdn

    def refuse_when_present():
        refused(lambda: put("nas", "10.0.0.4", **only_absent()), 412)
        return "412"

    def get():
        found = sets.get(GROUP, PRIVATE_ZONE, "A", "nas")
        assert found.etag == kept["etag"] and addresses("nas") == ["10.0.0.4"], found.as_dict()
        assert found.properties.metadata == {"owner": "interop"}, found.as_dict()
        return found.etag

    def get_missing():
        try:
            sets.get(GROUP, PRIVATE_ZONE, "A", "nobody")
        except ResourceNotFoundError:
            return "404"
        raise AssertionError("found what is not there")

    def update_right():
        changed = put("nas", "10.0.0.5", 120, **only_unchanged(kept["etag"]))
        assert changed.etag != kept["etag"] and addresses("nas") == ["10.0.0.5"], changed.as_dict()
        kept["stale"], kept["etag"] = kept["etag"], changed.etag
        return "a new etag"

    def update_stale():
        refused(lambda: put("nas", "10.0.0.6", **only_unchanged(kept["stale"])), 412)
        assert addresses("nas") == ["10.0.0.5"]
        return "412, nothing changed"

    def pages():
        for number, name in enumerate(NAMES):
            put(name, f"10.0.1.{number}", **only_absent())
        found = [list(page) for page in sets.list(GROUP, PRIVATE_ZONE, top=2).by_page()]
        assert len(found) >= 3 and all(len(page) <= 2 for page in found), [len(page) for page in found]
        seen = [(s.name, s.type) for page in found for s in page]
        # The five, nas and SOA; a private zone has no NS set.
        assert len(seen) == len(set(seen)) == len(NAMES) + 2, seen
        return f"{len(seen)} record sets in {len(found)} pages"

    def by_type():
        found = [s.name for page in sets.list_by_type(GROUP, PRIVATE_ZONE, "A", top=2).by_page() for s in page]
        assert sorted(found) == sorted(["nas", *NAMES]), found
        return f"{len(found)} A"

    def delete_stale():
        refused(lambda: sets.delete(GROUP, PRIVATE_ZONE, "A", "nas", **only_unchanged(kept["stale"])), 412)
        return "412, still there"

    def delete():
        sets.delete(GROUP, PRIVATE_ZONE, "A", "nas", **only_unchanged(kept["etag"]))
        refused(lambda: sets.get(GROUP, PRIVATE_ZONE, "A", "nas"), 404)
        return "gone"

    return [
        ("create and list zones", create_zone), ("create if absent", create_if_absent),
        ("create when present", refuse_when_present), ("get", get), ("get what is missing", get_missing),
        ("update with the right etag", update_right), ("update with a stale etag", update_stale),
        ("list all in pages", pages), ("list by type in pages", by_type),
        ("delete with a stale etag", delete_stale), ("delete", delete),
    ]
