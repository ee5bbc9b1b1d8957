"""The Azure command line against the stand-in: what people type about names, groups, tags, deployments and logs."""

import contextlib
import datetime
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import home  # noqa: F401

sys.path.insert(0, str(Path(__file__).parent.parent))

import checks as runner  # noqa: E402
from azure.cli.core import get_default_cli  # noqa: E402
from stage import (  # noqa: E402
    CLIENT, GROUP, MACHINES, RULE, SECRET, SUBSCRIPTION, TENANT, WORKSPACE, ZONE, Stage, machine_id, network_id,
    registered, zone_id,
)

IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/heartbeat-dns"
)


def az(line, *more):
    """What the command answers; a command that fails is a fault."""
    cli, out = get_default_cli(), io.StringIO()
    arguments = [*line.split(), *more]
    code = cli.invoke(arguments, out_file=out)
    if code:
        raise RuntimeError(f"az {' '.join(arguments)}: exit code {code}: {cli.result.error if cli.result else ''}")
    return cli.result.result


def program(stage, *arguments):
    """What the binary beside the stand-in prints."""
    variables = {
        "PATH": os.environ["PATH"], "HOME": stage.folder, "DNS_ZONES": zone_id(ZONE), "POLICY_NAMES": "*", "POLICY_ALLOW_PREFIXES": "203.0.113.0/24",
        "LOGS_WORKSPACE_IDS": WORKSPACE, "LOGS_INGESTION_ENDPOINT": stage.plain, "LOGS_DCR_RULE_ID": RULE,
        "ARM_ENDPOINT": stage.plain, "LOGS_QUERY_ENDPOINT": stage.plain, "APPLY_VIA": "deployment", "VERIFY": "arm",
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential", "IDENTITY_ENDPOINT": f"{stage.plain}/msi/token",
        "IDENTITY_HEADER": os.environ["IDENTITY_HEADER"],
    }
    binary = Path(stage.program).with_name("heartbeat-dns").resolve()
    done = subprocess.run([binary, *arguments], env=variables, cwd=stage.folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{arguments}: exit code {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def addresses(found):
    return sorted(record["ipv4Address"] for record in found["ARecords"] or [])


def checks(stage):
    zone = f"-g {GROUP} -z {ZONE}"

    def login():
        az(f"cloud register -n Standin --endpoint-resource-manager {stage.url}")
        az("cloud set -n Standin")
        found = az(f"login --service-principal -u {CLIENT} -p", SECRET, "--tenant", TENANT)
        assert [one["id"] for one in found] == [SUBSCRIPTION], found
        return az("account show")["id"]

    def record_sets():
        az(f"network dns record-set a add-record {zone} -n az -a 203.0.113.41")
        az(f"network dns record-set a add-record {zone} -n az -a 203.0.113.42")
        az(f"network dns record-set a remove-record {zone} -n az -a 203.0.113.41")
        az(f"network dns record-set a update {zone} -n az --set ttl=120")
        found = az(f"network dns record-set a show {zone} -n az")
        assert addresses(found) == ["203.0.113.42"] and found["TTL"] == 120, found
        names = [one["name"] for one in az(f"network dns record-set list {zone}")]
        assert "az" in names and "@" in names, names
        return addresses(found)

    def zone_file():
        file = os.path.join(stage.folder, "zone.txt")
        az(f"network dns zone export -g {GROUP} -n {ZONE} -f {file}")
        text = Path(file).read_text()
        assert "203.0.113.42" in text and f"$ORIGIN {ZONE}." in text, text
        Path(file).write_text(text + "imported 60 IN A 203.0.113.43\nimported 60 IN TXT \"from a file\"\n")
        az(f"network dns zone import -g {GROUP} -n {ZONE} -f {file}")
        found = az(f"network dns record-set a show {zone} -n imported")
        assert addresses(found) == ["203.0.113.43"], found
        return f"{len(text.splitlines())} lines out, two more in"

    def zones():
        az(f"network dns zone create -g {GROUP} -n az.example.net --tags by=az")
        assert az(f"network dns zone show -g {GROUP} -n az.example.net")["tags"] == {"by": "az"}
        az(f"network dns zone delete -g {GROUP} -n az.example.net --yes")
        return [one["name"] for one in az("network dns zone list")]

    def private_zones():
        private = f"-g {GROUP} -z az.internal"
        az(f"network private-dns zone create -g {GROUP} -n az.internal")
        az(f"network private-dns record-set a add-record {private} -n web -a 10.0.0.4")
        az(f"network private-dns record-set a add-record {private} -n web -a 10.0.0.5")
        az(f"network private-dns record-set a remove-record {private} -n web -a 10.0.0.4")
        az(f"network private-dns record-set a update {private} -n web --set ttl=120")
        az(f"network private-dns record-set txt add-record {private} -n web -v words")
        found = az(f"network private-dns record-set a show {private} -n web")
        assert ([one["ipv4Address"] for one in found["aRecords"]], found["ttl"]) == (["10.0.0.5"], 120), found
        assert not found["isAutoRegistered"], found
        names = [(one["name"], one["type"].rsplit("/", 1)[1]) for one in az(f"network private-dns record-set list {private}")]
        assert sorted(names) == [("@", "SOA"), ("web", "A"), ("web", "TXT")], names
        az(f"network private-dns record-set a delete {private} -n web --yes")
        file = os.path.join(stage.folder, "private.txt")
        az(f"network private-dns zone export -g {GROUP} -n az.internal -f {file}")
        assert "words" in Path(file).read_text(), Path(file).read_text()
        az(f"network private-dns zone delete -g {GROUP} -n az.internal --yes")
        return names

    def private_links():
        private = f"-g {GROUP} -z linked.internal"
        az(f"network private-dns zone create -g {GROUP} -n linked.internal")
        az(f"network private-dns link vnet create {private} -n home -v {network_id('home')} -e true")
        az(f"network private-dns link vnet create {private} -n office -v {network_id('office')} -e false")
        stage.control("PUT", "registration-delay", {"delay_ms": 0})
        machine, interface = registered("front", "home", "10.0.3.4")
        world = stage.control("GET", "world")
        stage.control("PUT", "world", {"machines": [*world["machines"], machine], "resources": [*world.get("resources", []), interface]})
        found = az(f"network private-dns record-set a show {private} -n front")
        assert (found["isAutoRegistered"], found["ttl"]) == (True, 10), found
        az(f"network private-dns link vnet update {private} -n home -e false")
        names = [one["name"] for one in az(f"network private-dns record-set a list {private}")]
        assert names == [], names
        assert not az(f"network private-dns link vnet show {private} -n home")["registrationEnabled"]
        links = [one["name"] for one in az(f"network private-dns link vnet list {private}")]
        assert links == ["home", "office"], links
        for name in links:
            az(f"network private-dns link vnet delete {private} -n {name} --yes")
        stage.control("PUT", "world", {"machines": world["machines"], "resources": world.get("resources", [])})
        stage.control("DELETE", "registration-delay")
        az(f"network private-dns zone delete -g {GROUP} -n linked.internal --yes")
        return links

    def groups():
        az("group create -n rg-az -l westeurope --tags team=edge")
        found = az("group update -n rg-az --set tags.team=core")
        assert found["tags"] == {"team": "core"}, found
        assert [one["name"] for one in az("group list --tag team=core")] == ["rg-az"]
        assert az("group exists -n rg-az") is True
        az("group delete -n rg-az --yes")
        assert az("group exists -n rg-az") is False
        return "made, tagged, found by tag, deleted"

    def resources():
        every = az("resource list")
        tagged = az("resource list --tag DNSHostName")
        assert len(tagged) == len(MACHINES) < len(every), (len(tagged), len(every))
        found = az("resource show --ids", machine_id("web01"))
        assert found["tags"] == {"DNSHostName": f"web01.{ZONE}"}, found
        return f"{len(every)} in all, {len(tagged)} tagged"

    def tags():
        tagged = az("resource tag --is-incremental --tags Owner=az --ids", machine_id("web02"))
        assert tagged["tags"] == {"DNSHostName": f"web02.{ZONE}", "Owner": "az"}, tagged
        for scope in (machine_id("nas"), f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}", f"/subscriptions/{SUBSCRIPTION}"):
            az("tag update --operation Merge --tags Owner=az --resource-id", scope)
            assert az("tag list --resource-id", scope)["properties"]["tags"]["Owner"] == "az"
            az("tag update --operation Delete --tags Owner=az --resource-id", scope)
        return tagged["tags"]

    def deployments():
        template = os.path.join(stage.folder, "template.json")
        record = {
            "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": f"{ZONE}/deployed",
            "properties": {"TTL": 60, "ARecords": [{"ipv4Address": "203.0.113.44"}]},
        }
        Path(template).write_text(json.dumps({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "resources": [record],
        }))
        made = az(f"deployment group create -g {GROUP} -n az-made -f {template}")
        assert made["properties"]["provisioningState"] == "Succeeded", made
        assert addresses(az(f"network dns record-set a show {zone} -n deployed")) == ["203.0.113.44"]
        operations = az(f"deployment operation group list -g {GROUP} -n az-made")
        assert any("deployed" in json.dumps(one) for one in operations), operations
        # The command prints the template by itself.
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            az(f"deployment group export -g {GROUP} -n az-made")
        assert json.loads(printed.getvalue())["resources"], printed.getvalue()
        assert "az-made" in [one["name"] for one in az(f"deployment group list -g {GROUP}")]
        az(f"deployment group delete -g {GROUP} -n az-made")
        assert "az-made" not in [one["name"] for one in az(f"deployment group list -g {GROUP}")]
        return f"{len(operations)} operations"

    def ours():
        """A repair by deployments, read as people read one, and a plan deployed by hand."""
        beats = [
            {"_ResourceId": machine_id(name), "Computer": name, "ComputerIP": address, "SCAgentChannel": "Direct",
             "TimeGenerated": (datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=ago)).isoformat()}
            for name, address in (("nas", "203.0.113.51"), ("pi", "203.0.113.52")) for ago in (90, 60, 30, 2)
        ]
        stage.control("POST", "heartbeats", beats)
        template = os.path.join(stage.folder, "plan.json")
        program(stage, "collect")
        repaired = json.loads(program(stage, "apply", f"nas.{ZONE}", "--yes", "-o", "json"))
        assert [change["via"] for change in repaired["changes"]] == ["deployment"], repaired
        shown = az(f"deployment group show -g {GROUP} -n heartbeat-dns-{ZONE}")
        assert shown["properties"]["provisioningState"] == "Succeeded", shown
        assert shown["properties"]["mode"] == "Incremental", shown
        assert [one["id"].rsplit("/", 1)[1] for one in shown["properties"]["outputResources"]] == ["nas"], shown
        assert shown["tags"]["heartbeat-dns-run"].startswith(repaired["run"]), shown
        Path(template).write_text(program(stage, "plan", f"pi.{ZONE}", "-o", "arm"))
        az(f"deployment group create -g {GROUP} -n by-hand -f {template}")
        found = az(f"network dns record-set a show {zone} -n pi")
        assert addresses(found) == ["203.0.113.52"] and found["metadata"]["heartbeat_dns_v"], found
        return shown["name"]

    def graph():
        body = json.dumps({"query": "resources | where isnotempty(tags) | project id, name | order by id asc"})
        url = f"{stage.url}/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
        found = az(f"rest --method post --url {url} --resource https://management.azure.com/ --body", body)
        assert found["totalRecords"] >= len(MACHINES), found
        return f"{found['totalRecords']} rows"

    def logs():
        url = f"{stage.url}/v1/workspaces/{WORKSPACE}/query"
        body = json.dumps({"query": "print x = 1"})
        found = az(f"rest --method post --url {url} --resource https://api.loganalytics.io --body", body)
        return found["tables"][0]["rows"]

    def identity_by_client():
        az("account clear")
        return az(f"login --identity --client-id {CLIENT}")[0]["user"]["assignedIdentityInfo"]

    def identity_by_resource():
        az("account clear")
        return az("login --identity --resource-id", IDENTITY)[0]["user"]["assignedIdentityInfo"]

    yield "registers the cloud and logs in", login
    yield "writes record sets", record_sets
    yield "exports and imports a zone", zone_file
    yield "makes and deletes zones", zones
    yield "makes private zones", private_zones
    yield "links networks, whose machines are registered", private_links
    yield "groups", groups
    yield "lists and shows resources", resources
    yield "tags resources, groups and the subscription", tags
    yield "deployments", deployments
    yield "reads a deployment of ours", ours
    yield "asks Resource Graph", graph
    yield "asks the workspace", logs
    yield "an identity by its client id", identity_by_client
    yield "an identity by its resource id", identity_by_resource


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Stage(sys.argv[1], folder) as stage:
        stage.world["clients"][0]["resourceId"] = IDENTITY
        stage.control("PUT", "world", stage.world)
        sys.exit(runner.run([sys.modules[__name__]], stage))
