"""Private DNS with azure-mgmt-privatedns: the same rules under other keys, quoted etags, odd path case."""

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.privatedns.models import (
    ARecord, PrivateZone, RecordSet, RecordSetProperties, SubResource, VirtualNetworkLink, VirtualNetworkLinkProperties,
)

from stage import GROUP, PRIVATE_ZONE, SUBSCRIPTION, code_of, network_id, refused, registered

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

    links = client.virtual_network_links

    def link(zone, name, network, registers, policy=None, **options):
        properties = VirtualNetworkLinkProperties(
            virtual_network=SubResource(id=network_id(network)), registration_enabled=registers, resolution_policy=policy)
        body = VirtualNetworkLink(location="global", properties=properties)
        return links.begin_create_or_update(GROUP, zone, name, body, **options).result()

    def link_networks():
        for name in ("home", "office", "lab"):
            made = link(PRIVATE_ZONE, name, name, name == "home", "NxDomainRedirect" if name == "lab" else None)
            found = made.properties
            assert found.virtual_network.id == network_id(name), made.as_dict()
            assert (found.provisioning_state, found.virtual_network_link_state) == ("Succeeded", "Completed"), made.as_dict()
        found = {
            one.name: (one.properties.registration_enabled, one.properties.resolution_policy)
            for page in links.list(GROUP, PRIVATE_ZONE, top=2).by_page() for one in page
        }
        expected = {"home": (True, "Default"), "office": (False, "Default"), "lab": (False, "NxDomainRedirect")}
        assert found == expected, found
        counted = client.private_zones.get(GROUP, PRIVATE_ZONE).properties
        assert counted.number_of_virtual_network_links == 3, counted.as_dict()
        assert counted.number_of_virtual_network_links_with_registration == 1, counted.as_dict()
        return sorted(found)

    def link_once():
        # It is found out when the work is done: the poll that tells it is a success.
        error = refused(lambda: link(PRIVATE_ZONE, "office", "office", False, **only_absent()), 200)
        assert code_of(error) == "PreconditionFailed", error
        return "refused at the operation's end"

    def register_in_one_zone():
        client.private_zones.begin_create_or_update(GROUP, "other.internal", PrivateZone(location="global")).result()
        error = refused(lambda: link("other.internal", "home", "home", True), 409)
        assert code_of(error) == "Conflict" and PRIVATE_ZONE in error.message, error
        link("other.internal", "home", "home", False)
        links.begin_delete(GROUP, "other.internal", "home").result()
        client.private_zones.begin_delete(GROUP, "other.internal").result()
        return "409, and resolved only is taken"

    def machines_are_registered():
        stage.control("PUT", "registration-delay", {"delay_ms": 0})
        world = stage.control("GET", "world")
        machine, interface = registered("web", "home", "10.0.2.4")
        stage.control("PUT", "world", {"machines": [*world["machines"], machine], "resources": [interface]})
        found = sets.get(GROUP, PRIVATE_ZONE, "A", "web").properties
        assert (found.is_auto_registered, found.ttl) == (True, 10) and addresses("web") == ["10.0.2.4"], found.as_dict()
        put("web", "10.0.9.9")
        assert not sets.get(GROUP, PRIVATE_ZONE, "A", "web").properties.is_auto_registered, "a write wins"
        sets.delete(GROUP, PRIVATE_ZONE, "A", "web")
        assert sets.get(GROUP, PRIVATE_ZONE, "A", "web").properties.is_auto_registered and addresses("web") == ["10.0.2.4"]
        return "there, overwritten, back"

    def throttled():
        stage.control("PUT", "quotas", {"enabled": True})
        once = PrivateDnsManagementClient(
            ManagedIdentityCredential(), SUBSCRIPTION, base_url=stage.url, retry_total=0)
        try:
            for count in range(1000):
                once.record_sets.get(GROUP, PRIVATE_ZONE, "A", "page1")
        except HttpResponseError as error:
            assert (error.status_code, error.response.headers["Retry-After"]) == (429, "10"), error
            assert code_of(error) == "Throttled" and count == 200, (count, error)
            return f"429 after {count} gets, 10 seconds"
        finally:
            stage.control("PUT", "quotas", {"enabled": False})
        raise AssertionError("no quota was reached")

    def unlink():
        stage.control("PUT", "world", {"machines": stage.world["machines"], "resources": []})
        stage.control("DELETE", "registration-delay")
        for name in ("home", "office", "lab"):
            links.begin_delete(GROUP, PRIVATE_ZONE, name).result()
        assert list(links.list(GROUP, PRIVATE_ZONE)) == []
        refused(lambda: sets.get(GROUP, PRIVATE_ZONE, "A", "web"), 404)
        return "no link, nobody registered"

    return [
        ("create and list zones", create_zone), ("create if absent", create_if_absent),
        ("create when present", refuse_when_present), ("get", get), ("get what is missing", get_missing),
        ("update with the right etag", update_right), ("update with a stale etag", update_stale),
        ("list all in pages", pages), ("list by type in pages", by_type),
        ("delete with a stale etag", delete_stale), ("delete", delete),
        ("link networks", link_networks), ("link once", link_once), ("register in one zone", register_in_one_zone),
        ("register machines", machines_are_registered), ("go over a quota", throttled), ("unlink", unlink),
    ]
