"""Resource Graph with azure-mgmt-resourcegraph: tagged machines, pages by skip token."""

from azure.identity import ManagedIdentityCredential
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.resourcegraph.models import QueryRequest, QueryRequestOptions

from stage import MACHINES, SUBSCRIPTION, ZONE, machine_id, refused

TAGGED = """
Resources
| where type =~ 'microsoft.hybridcompute/machines'
| where isnotempty(tags['DNSHostName'])
| project id, name, host = tostring(tags['DNSHostName'])
| order by id asc
"""


def checks(stage):
    client = ResourceGraphClient(ManagedIdentityCredential(), base_url=stage.url)

    def ask(query, subscriptions=(SUBSCRIPTION,), **options):
        request = QueryRequest(query=query, subscriptions=list(subscriptions), options=QueryRequestOptions(**options))
        return client.resources(request)

    def rows():
        answer = ask(TAGGED, result_format="objectArray")
        found = {row["name"]: row["host"] for row in answer.data}
        assert found == {name: f"{name}.{ZONE}" for name in MACHINES}, found
        assert answer.total_records == answer.count == len(MACHINES), answer.as_dict()
        return f"{answer.count} machines, the untagged one left out"

    def pages():
        token, seen, sizes = None, [], []
        while True:
            answer = ask(TAGGED, result_format="objectArray", top=2, skip_token=token)
            assert answer.total_records == len(MACHINES), answer.as_dict()
            sizes.append(answer.count)
            seen += [row["id"].lower() for row in answer.data]
            token = answer.skip_token
            if not token:
                break
            assert len(sizes) <= len(MACHINES), "pages without end"
        assert sorted(seen) == sorted(machine_id(name).lower() for name in MACHINES), seen
        assert len(sizes) >= 3 and max(sizes) <= 2, sizes
        return f"{len(seen)} machines in pages of {sizes}"

    def other_subscriptions():
        other = "44444444-4444-4444-4444-444444444444"
        both = ask(TAGGED, subscriptions=[other, SUBSCRIPTION], result_format="objectArray")
        assert both.count == len(MACHINES), both.as_dict()
        refused(lambda: ask(TAGGED, subscriptions=[other], result_format="objectArray"), 403)
        return "left out in silence, refused alone"

    def bad_query():
        refused(lambda: ask("Resources | where"), 400)
        return "refused, 400"

    return [
        ("query", rows), ("query in pages", pages), ("a subscription without access", other_subscriptions),
        ("a query that does not parse", bad_query),
    ]
