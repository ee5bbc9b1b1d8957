"""dns-lexicon: one record at a time, over the REST API as its authors wrote it down."""

from lexicon._private.providers import azure
from lexicon.client import Client
from lexicon.config import ConfigResolver

from stage import CLIENT, GROUP, SECRET, SUBSCRIPTION, TENANT, ZONE


def checks(stage):
    # The addresses are constants of the provider: everything else is as it was published.
    azure.AZURE_AD_URL = azure.MANAGEMENT_URL = stage.url

    def ask(action, kind, name, content=None, **more):
        account = {
            "auth_client_id": CLIENT,
            "auth_client_secret": SECRET,
            "auth_tenant_id": TENANT,
            "auth_subscription_id": SUBSCRIPTION,
            "resource_group": GROUP,
        }
        wish = {
            "provider_name": "azure", "domain": ZONE, "azure": account, "action": action, "type": kind,
            "name": name, "content": content, "ttl": 120, **more,
        }
        with Client(ConfigResolver().with_dict(wish)) as operations:
            match action:
                case "list":
                    return operations.list_records(kind, name, content)
                case "create":
                    return operations.create_record(kind, name, content)
                case "update":
                    return operations.update_record(None, kind, name, content)
                case _:
                    return operations.delete_record(None, kind, name, content)

    def contents(kind, name):
        return sorted(record["content"] for record in ask("list", kind, name))

    def create():
        assert ask("create", "A", "lexicon", "203.0.113.21") and ask("create", "TXT", "lexicon", "first")
        assert contents("A", "lexicon") == ["203.0.113.21"], contents("A", "lexicon")
        return contents("TXT", "lexicon")

    def create_beside():
        assert ask("create", "TXT", "lexicon", "second")
        found = contents("TXT", "lexicon")
        assert len(found) == 2, found
        return found

    def update():
        assert ask("update", "A", "lexicon", "203.0.113.22")
        assert contents("A", "lexicon") == ["203.0.113.22"], contents("A", "lexicon")
        return "203.0.113.22"

    def other_types():
        made = {"AAAA": "2001:db8::21", "CNAME": "www.example.net.", "MX": "mail.example.net.", "SRV": "1 2 443 w.example.net."}
        for kind in ("AAAA", "CNAME"):
            assert ask("create", kind, f"lexicon-{kind.lower()}", made[kind])
        return [contents(kind, f"lexicon-{kind.lower()}") for kind in ("AAAA", "CNAME")]

    def delete():
        assert ask("delete", "A", "lexicon", "203.0.113.22") and ask("delete", "TXT", "lexicon", "first")
        assert contents("A", "lexicon") == [], contents("A", "lexicon")
        left = contents("TXT", "lexicon")
        assert len(left) == 1, left
        return f"{left} is left"

    yield "creates", create
    yield "a second value beside the first", create_beside
    yield "updates", update
    yield "other types", other_types
    yield "deletes", delete
