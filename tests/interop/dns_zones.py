"""Public DNS with azure-mgmt-dns: zones, record sets, pages and conditions (contract azure-resource-manager, 2)."""

from azure.core.exceptions import ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.mgmt.dns import DnsManagementClient
from azure.mgmt.dns.models import AaaaRecord, ARecord, RecordSet, TxtRecord, Zone

from stage import GROUP, SUBSCRIPTION, ZONE, code_of, refused

OLD_ETAG = "00000000-0000-0000-0000-000000000000"
NAMES = [f"page{number}" for number in range(7)]


def checks(stage):
    client = DnsManagementClient(ManagedIdentityCredential(), SUBSCRIPTION, base_url=stage.url)
    sets = client.record_sets
    kept = {}

    def put(name, kind="A", **options):
        records = {"A": {"a_records": [ARecord(ipv4_address="203.0.113.7")]},
                   "AAAA": {"aaaa_records": [AaaaRecord(ipv6_address="2001:db8::7")]},
                   "TXT": {"txt_records": [TxtRecord(value=["v=interop"])]}}[kind]
        body = RecordSet(ttl=60, metadata={"owner": "interop"}, **records)
        return sets.create_or_update(GROUP, ZONE, name, kind, body, **options)

    def addresses(name):
        return [record.ipv4_address for record in sets.get(GROUP, ZONE, name, "A").a_records]

    def move(address, **options):
        body = RecordSet(ttl=120, metadata={"owner": "interop"}, a_records=[ARecord(ipv4_address=address)])
        return sets.create_or_update(GROUP, ZONE, "home", "A", body, **options)

    def list_zones():
        names = [zone.name for zone in client.zones.list()]
        assert names == [ZONE], names
        assert [zone.name for zone in client.zones.list_by_resource_group(GROUP)] == names
        return names

    def get_zone():
        zone = client.zones.get(GROUP, ZONE)
        assert zone.name == ZONE and zone.name_servers and zone.number_of_record_sets >= 2, zone.as_dict()
        return f"{len(zone.name_servers)} name servers"

    def create_zone():
        zone = client.zones.create_or_update(GROUP, "example.net", Zone(location="global"), if_none_match="*")
        assert zone.name == "example.net" and zone.etag, zone.as_dict()
        kinds = sorted(s.type.rsplit("/", 1)[-1] for s in sets.list_by_dns_zone(GROUP, "example.net"))
        assert kinds == ["NS", "SOA"], kinds
        refused(lambda: client.zones.create_or_update(
            GROUP, "example.net", Zone(location="global"), if_none_match="*"), 412)
        return "with its NS and SOA sets, once"

    def create_if_absent():
        made = put("home", if_none_match="*")
        assert made.etag and made.fqdn == f"home.{ZONE}.", made.as_dict()
        assert made.metadata == {"owner": "interop"} and made.ttl == 60, made.as_dict()
        assert made.provisioning_state == "Succeeded", made.as_dict()
        kept["etag"] = made.etag
        return made.fqdn

    def refuse_when_present():
        error = refused(lambda: put("home", if_none_match="*"), 412)
        assert code_of(error) == "PreconditionFailed", error
        assert sets.get(GROUP, ZONE, "home", "A").etag == kept["etag"]
        return "412 PreconditionFailed"

    def get():
        found = sets.get(GROUP, ZONE, "home", "A")
        assert found.etag == kept["etag"] and addresses("home") == ["203.0.113.7"], found.as_dict()
        assert found.type.lower() == "microsoft.network/dnszones/a", found.type
        return found.etag

    def get_any_case():
        assert sets.get(GROUP.upper(), ZONE.upper(), "HOME", "A").etag == kept["etag"]
        return "paths are compared without case"

    def get_missing():
        try:
            sets.get(GROUP, ZONE, "nobody", "A")
        except ResourceNotFoundError as error:
            assert code_of(error) == "NotFound", error
            return "404 NotFound"
        raise AssertionError("found what is not there")

    def update_right():
        changed = move("203.0.113.8", if_match=kept["etag"])
        assert changed.etag != kept["etag"] and addresses("home") == ["203.0.113.8"], changed.as_dict()
        assert changed.ttl == 120, changed.as_dict()
        kept["stale"], kept["etag"] = kept["etag"], changed.etag
        return "a new etag"

    def update_quoted():
        changed = move("203.0.113.18", if_match=f'"{kept["etag"]}"')
        kept["stale"], kept["etag"] = kept["etag"], changed.etag
        return "etags with quotes are the same etags"

    def update_stale():
        for etag in (kept["stale"], OLD_ETAG):
            error = refused(lambda: move("203.0.113.9", if_match=etag), 412)
            assert code_of(error) == "PreconditionFailed", error
        assert addresses("home") == ["203.0.113.18"]
        return "412 PreconditionFailed, nothing changed"

    def update_absent():
        refused(lambda: put("nobody", if_match="*"), 412, 404)
        refused(lambda: sets.get(GROUP, ZONE, "nobody", "A"), 404)
        return "an update creates nothing"

    def patch():
        changed = sets.update(GROUP, ZONE, "home", "A", RecordSet(ttl=300), if_match=kept["etag"])
        assert changed.ttl == 300 and addresses("home") == ["203.0.113.18"], changed.as_dict()
        kept["etag"] = changed.etag
        return "the other fields stay"

    def other_types():
        put("home", "AAAA", if_none_match="*")
        put("home", "TXT", if_none_match="*")
        found = sets.get(GROUP, ZONE, "home", "AAAA")
        assert found.aaaa_records[0].ipv6_address == "2001:db8::7", found.as_dict()
        text = sets.get(GROUP, ZONE, "home", "TXT")
        assert text.txt_records[0].value == ["v=interop"], text.as_dict()
        return "AAAA and TXT beside A"

    def cname_conflict():
        body = RecordSet.from_dict({"properties": {"TTL": 60, "CNAMERecord": {"cname": "other.example.org"}}})
        refused(lambda: sets.create_or_update(GROUP, ZONE, "home", "CNAME", body), 400, 409)
        return "a CNAME cannot stand beside other sets"

    def bad_address():
        body = RecordSet(ttl=60, a_records=[ARecord(ipv4_address="203.0.113.999")])
        refused(lambda: sets.create_or_update(GROUP, ZONE, "bad", "A", body), 400)
        return "refused, 400"

    def pages():
        for name in NAMES:
            put(name, if_none_match="*")
        found = [list(page) for page in sets.list_all_by_dns_zone(GROUP, ZONE, top=3).by_page()]
        assert len(found) >= 4 and all(len(page) <= 3 for page in found), [len(page) for page in found]
        seen = [(s.name, s.type) for page in found for s in page]
        # The seven, home with three types, SOA and NS.
        assert len(seen) == len(set(seen)) == len(NAMES) + 5, seen
        return f"{len(seen)} record sets in {len(found)} pages"

    def by_type():
        found = [s.name for page in sets.list_by_type(GROUP, ZONE, "A", top=2).by_page() for s in page]
        assert sorted(found) == sorted(["home", *NAMES]), found
        assert [s.name for s in sets.list_by_type(GROUP, ZONE, "AAAA")] == ["home"]
        return f"{len(found)} A, 1 AAAA"

    def delete_stale():
        refused(lambda: sets.delete(GROUP, ZONE, "home", "A", if_match=kept["stale"]), 412)
        assert sets.get(GROUP, ZONE, "home", "A").etag == kept["etag"]
        return "412, still there"

    def delete():
        sets.delete(GROUP, ZONE, "home", "A", if_match=kept["etag"])
        refused(lambda: sets.get(GROUP, ZONE, "home", "A"), 404)
        assert sets.get(GROUP, ZONE, "home", "AAAA").aaaa_records
        sets.delete(GROUP, ZONE, "home", "A")
        return "gone; the other types stay; a second delete is no fault"

    return [
        ("list zones", list_zones), ("get a zone", get_zone), ("create a zone", create_zone),
        ("create if absent", create_if_absent), ("create when present", refuse_when_present),
        ("get", get), ("get in another case", get_any_case), ("get what is missing", get_missing),
        ("update with the right etag", update_right), ("update with a quoted etag", update_quoted),
        ("update with stale etags", update_stale), ("update what is missing", update_absent),
        ("patch", patch), ("other types", other_types), ("a CNAME beside them", cname_conflict),
        ("a bad address", bad_address), ("list all in pages", pages), ("list by type in pages", by_type),
        ("delete with a stale etag", delete_stale), ("delete", delete),
    ]
