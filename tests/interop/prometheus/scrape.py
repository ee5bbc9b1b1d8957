"""Plays a restless world with faults before `watch`, lets Prometheus scrape it, and compares what all three counted."""

import collections
import datetime
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
ZONE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com"
MACHINES = [f"m{index:02}" for index in range(12)]
# Marked as somebody else's: each is a skip that is told once.
STRANGERS = ["www", "mail"]
KINDS = [
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 500},
    {"status": 503},
    {"delay_ms": 700},
    {"reset": "before"},
    {"reset": "after"},
    {"truncate": True},
]
PATHS = ["/query", "ResourceGraph", "/A/", "dataCollectionRules", "/msi/token", ""]
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, url, body=None, headers=None):
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    with OPENER.open(request, timeout=30) as reply:
        return reply.read().decode()


def machine_id(name):
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{name}"


def world():
    def record(name, address):
        return {"name": name, "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": address}]}

    def machine(name, host):
        return {"id": machine_id(name), "name": name, "type": "Microsoft.HybridCompute/machines",
                "location": "westeurope", "tags": {"DNSHostName": host}}

    names = MACHINES + STRANGERS
    return {
        "subscriptions": [SUBSCRIPTION],
        "zones": [{"id": ZONE, "recordSets": [record(name, f"198.51.100.{index + 1}") for index, name in enumerate(names)]}],
        "machines": [machine(name, f"{name}.example.com") for name in names],
    }


def beats(addresses):
    """Three heartbeats of each machine at its address: enough to be believed."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return [
        {"_ResourceId": machine_id(name).lower(), "Computer": name, "ComputerIP": address, "SCAgentChannel": "Direct",
         "TimeGenerated": (now - datetime.timedelta(seconds=ago)).isoformat()}
        for name, address in addresses.items() for ago in (3, 2, 1)
    ]


def address(name, move):
    """Never the same again within an hour: that would be flapping, which is left alone."""
    third, last = divmod((move * 13 + MACHINES.index(name) * 61) % 714, 238)
    return f"{('192.0.2', '198.51.100', '203.0.113')[third]}.{last + 1}"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def until(what, holds, seconds=120):
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise SystemExit(f"FAIL in vain: {what}")
        time.sleep(0.2)


def service(entry):
    path = entry["path"].lower()
    for piece, name in (("/msi/token", "token"), ("/v1/workspaces/", "logs_query"),
                        ("/datacollectionrules/", "logs_ingest")):
        if piece in path:
            return name
    if entry["method"] == "PUT":
        return "dns_write"
    return "dns_read" if "/dnszones/" in path else "resource_graph"


class Run:
    def __init__(self, programs, folder):
        self.folder, self.children = folder, []
        self.programs = programs

    def start(self, command, name, **options):
        log = open(os.path.join(self.folder, f"{name}.log"), "wb")
        child = subprocess.Popen(command, stderr=log, **options)
        self.children.append(child)
        return child

    def end(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()

    def play(self, minutes):
        ready = self.start([f"{self.programs}/standin", "--port", "0", "--dns-port", "0", "--resolver-port", "0", "-o", "json"], "standin",
                           stdout=subprocess.PIPE, text=True)
        ready = json.loads(ready.stdout.readline())
        self.azure = ready["azure"].rstrip("/")
        stage = json.loads(call("GET", f"{self.azure}/standin/world"))
        call("PUT", f"{self.azure}/standin/world", world())
        addresses = {name: f"198.51.100.{index + 1}" for index, name in enumerate(MACHINES)}
        strangers = {name: f"203.0.113.{250 + index}" for index, name in enumerate(STRANGERS)}
        call("POST", f"{self.azure}/standin/heartbeats", beats({**addresses, **strangers}))
        self.workspace = stage["workspace"]["customerId"]
        environment = {
            "PATH": os.environ["PATH"], "DNS_ZONES": ZONE, "LOGS_WORKSPACE_IDS": self.workspace,
            "LOGS_INGESTION_ENDPOINT": self.azure, "LOGS_DCR_RULE_ID": stage["rule"]["immutableId"],
            "LOGS_QUERY_ENDPOINT": self.azure, "ARM_ENDPOINT": self.azure,
            "IDENTITY_ENDPOINT": f"{self.azure}/msi/token", "IDENTITY_HEADER": "standin-identity-header",
            "POLICY_NAMES": "*", "POLICY_ALLOW_PREFIXES": "192.0.2.0/24,198.51.100.0/24,203.0.113.0/24",
            # One address may follow another all day.
            "POLICY_EXPECT_PREFIXES": "192.0.2.0/24,198.51.100.0/24,203.0.113.0/24", "POLICY_ADOPT": "always",
            "POLICY_UNSEEN": "1s", "POLICY_MAX_MOVE_PERCENT": "100", "QUOTA_SHARE": "off", "SNAPSHOT_EVERY": "10s",
            "RUN_DEADLINE": "20s", "COLLECT_DEADLINE": "20s", "DNS_VERIFY_SERVERS": ready["dns"].split("/")[-1],
            "POLICY_DENY_PREFIXES": "203.0.113.240/28",
        }
        watch = self.start([f"{self.programs}/heartbeat-dns", "watch", "--every", "1s", "--listen", "127.0.0.1:0",
                            "-o", "json"], "watch", stdout=subprocess.PIPE, text=True, env=environment)
        self.watch = watch
        listen = json.loads(watch.stdout.readline())["listen"]
        self.metrics = f"http://{listen}/metrics"
        self.prometheus = self.start_prometheus(listen)
        self.memory = []
        self.storm(addresses, strangers, minutes)
        call("PUT", f"{self.azure}/standin/faults", [])
        until("the world is right", lambda: self.wrong(addresses) == [])
        until("watch is well", lambda: self.health(listen))

    def start_prometheus(self, target):
        port = free_port()
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w") as file:
            file.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
                       f"- {{job_name: watch, static_configs: [{{targets: ['{target}']}}]}}\n")
        self.start(["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                    f"--storage.tsdb.path={self.folder}/tsdb", "--log.level=warn"], "prometheus")
        url = f"http://127.0.0.1:{port}"

        def is_ready():
            try:
                return "Ready" in call("GET", f"{url}/-/ready")
            except OSError:
                return False

        until("Prometheus is ready", is_ready)
        return url

    def storm(self, addresses, strangers, minutes):
        """Names move all the time, and every few seconds something else is broken, now and then for long."""
        chance = random.Random(4)
        end = time.monotonic() + minutes * 60
        moves = collections.Counter()
        while time.monotonic() < end:
            for name in chance.sample(MACHINES, 2):
                moves[name] += 1
                addresses[name] = address(name, moves[name])
            call("POST", f"{self.azure}/standin/heartbeats", beats({**addresses, **strangers}))
            fault = {**chance.choice(KINDS), "path": chance.choice(PATHS), "times": chance.choice([1, 1, 2, 3, 8, 30])}
            call("PUT", f"{self.azure}/standin/faults", [fault])
            self.memory.append(self.resident())
            time.sleep(2.5)

    def resident(self):
        with open(f"/proc/{self.watch.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def wrong(self, addresses):
        zone = json.loads(call("GET", f"{self.azure}/standin/world"))["zones"][0]
        found = {}
        for record in zone["recordSets"]:
            values = record.get("properties", record).get("ARecords") or []
            found[record["name"]] = [value["ipv4Address"] for value in values]
        return [name for name, address in addresses.items() if found.get(name) != [address]]

    def health(self, listen):
        try:
            return bool(call("GET", f"http://{listen}/healthz"))
        except OSError:
            return False

    def prometheus_counts(self, query, *labels):
        answer = json.loads(call("GET", f"{self.prometheus}/api/v1/query?query={urllib.parse.quote(query)}"))
        result = {tuple(entry["metric"].get(label, "") for label in labels): round(float(entry["value"][1]))
                  for entry in answer["data"]["result"]}
        return {key: value for key, value in result.items() if value}

    def rows(self, text):
        token = json.loads(call("GET", f"{self.azure}/msi/token?api-version=2019-08-01&resource=https://api.loganalytics.io",
                                headers={"X-IDENTITY-HEADER": "standin-identity-header"}))["access_token"]
        answer = call("POST", f"{self.azure}/v1/workspaces/{self.workspace}/query", {"query": text, "timespan": "P1D"},
                      {"Authorization": f"Bearer {token}"})
        return json.loads(answer)["tables"][0]["rows"]

    def by_service(self, query):
        """The counts of a query by service."""
        return {key[0]: count for key, count in self.prometheus_counts(query, "service").items()}

    def marks(self):
        """Run and name of every mark in the zones."""
        world = json.loads(call("GET", f"{self.azure}/standin/world"))
        found = set()
        for zone in world["zones"]:
            apex = zone["id"].rsplit("/", 1)[1]
            for record_set in zone.get("recordSets", []):
                run = (record_set.get("metadata") or {}).get("heartbeat_dns_run")
                if run:
                    found.add((run, f"{record_set['name']}.{apex}"))
        return found

    def compare(self):
        """The wire first, for our own questions stand in the call log too."""
        checks = []

        def wire():
            calls = json.loads(call("GET", f"{self.azure}/standin/calls"))
            # Without a connection nothing was sent; what we hung up on may not have left yet.
            total = 'sum by (service) (heartbeat_dns_requests_total{code%s})'
            sent = self.by_service(total % '!~"connect|unsent|cancelled"')
            hung_up = self.by_service(total % '="cancelled"')
            right = dict(collections.Counter(map(service, calls)))
            fits = all(sent.get(name, 0) <= right.get(name, 0) <= sent.get(name, 0) + hung_up.get(name, 0)
                       for name in {*sent, *hung_up, *right})
            return (sent, hung_up, right, calls) if fits else None

        sent, hung_up, right, calls = until("Prometheus' requests equal the call log", wire, 60)
        print(f"ok   requests by service = call log: {sent} / {right} (hung up on: {hung_up})")
        codes = {key[0]: count for key, count in
                 self.prometheus_counts("sum by (code) (heartbeat_dns_requests_total)", "code").items()}
        log = {str(code): count for code, count in collections.Counter(entry["status"] for entry in calls).items()}
        lost = codes.get("lost", 0) - log.get("0", 0)
        print(f"   by code: scraped {codes}, call log {log} (answers cut off after their effect: {lost})")
        stop = "DNSChange_CL | where Outcome_s in ('confirmed', 'unconfirmed') | distinct run_s, DNSHostName_s, RecordType_s"
        rows = {(row[0], row[1]) for row in self.rows(stop)}
        # A row that was lost on its way is owed ten minutes later, or when its set is overwritten: until then the mark tells.
        landed = len(rows | self.marks())
        changes = self.prometheus_counts("heartbeat_dns_changes_total", "outcome")
        checks.append(("changes that landed = DNSChange_CL", changes.get(("confirmed",), 0) + changes.get(("unconfirmed",), 0), landed))
        print(f"   changes by outcome: {changes}")
        skips = {row[0]: row[1] for row in self.rows(
            "DNSChange_CL | where Action_s == 'skip' | distinct run_s, DNSHostName_s, RecordType_s, Reason_s"
            " | summarize count() by Reason_s")}
        scraped = {key[0]: count for key, count in self.prometheus_counts("heartbeat_dns_skips_total", "reason").items()}
        checks.append(("skips by reason = DNSChange_CL", scraped, skips))
        truths = self.rows("DNSChange_CL | where isnotnull(TimeToTruthMs_d) | distinct run_s, DNSHostName_s, RecordType_s | count")[0][0]
        told = self.prometheus_counts("heartbeat_dns_time_to_truth_seconds_count").get((), 0)
        print(f"   time to truth: {told} observed, {truths} in rows of DNSChange_CL (rows that a failed upload lost are recovered without it)")
        failed = [name for name, one, other in checks if one != other]
        for name, one, other in checks:
            print(f"{'ok  ' if one == other else 'FAIL'} {name}: {one} / {other}")
        lint = subprocess.run(["promtool", "check", "metrics"], input=call("GET", self.metrics).encode(), capture_output=True)
        print(f"{'ok  ' if lint.returncode == 0 else 'FAIL'} promtool check metrics {lint.stdout.decode()}{lint.stderr.decode()}".rstrip())
        rules = subprocess.run(["promtool", "check", "rules", "docs/heartbeat-dns.rules.yml"], capture_output=True)
        print(f"{'ok  ' if rules.returncode == 0 else 'FAIL'} promtool check rules {rules.stderr.decode()}".rstrip())
        runs = self.prometheus_counts("heartbeat_dns_runs_total", "result")
        print(f"   runs by result: {runs}; resident memory kB: first {self.memory[:3]}, last {self.memory[-3:]}, most {max(self.memory)}")
        return not failed and lint.returncode == 0 and rules.returncode == 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        run = Run(sys.argv[1], folder)
        try:
            run.play(float(sys.argv[2]))
            return 0 if run.compare() else 1
        except BaseException:
            for name in ("standin", "watch", "prometheus"):
                path = os.path.join(folder, f"{name}.log")
                if os.path.exists(path):
                    with open(path) as file:
                        print(f"--- end of {name}.log\n{file.read()[-1500:]}", file=sys.stderr)
            raise
        finally:
            run.end()


if __name__ == "__main__":
    sys.exit(main())
