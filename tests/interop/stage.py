"""The stand-in as a child process, the world it plays, and clients that trust its CA."""

import json
import os
import queue
import subprocess
import threading
import urllib.request

SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "33333333-3333-3333-3333-333333333333"
SECRET = "a secret of this test only"
WORKSPACE = "55555555-5555-5555-5555-555555555555"
RULE = "dcr-0123456789abcdef0123456789abcdef"
GROUP = "rg-dns"
ZONE = "example.org"
PRIVATE_ZONE = "corp.internal"
MACHINES = ["web01", "web02", "nas", "pi", "printer"]

READY_WITHIN = 30


def zone_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/dnsZones/{name}"


def machine_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{name}"


def network_id(name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/{name}"


def registered(name: str, network: str, address: str) -> tuple[dict, dict]:
    """A virtual machine and its network interface, as a world has them."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
    machine = {"id": f"{group}/Microsoft.Compute/virtualMachines/{name}"}
    subnet = {"id": f"{network_id(network)}/subnets/default"}
    configuration = {"name": "first", "properties": {"primary": True, "privateIPAddress": address, "subnet": subnet}}
    properties = {"virtualMachine": {"id": machine["id"]}, "ipConfigurations": [configuration]}
    return machine, {"id": f"{group}/Microsoft.Network/networkInterfaces/nic-{name}", "properties": properties}


def world() -> dict:
    machines = [
        {
            "id": machine_id(name),
            "name": name,
            "type": "microsoft.hybridcompute/machines",
            "location": "westeurope",
            "tags": {"DNSHostName": f"{name}.{ZONE}"},
        }
        for name in MACHINES
    ]
    machines.append({**machines[0], "id": machine_id("untagged"), "name": "untagged", "tags": None})
    workspaces = "providers/Microsoft.OperationalInsights/workspaces"
    rules = "providers/Microsoft.Insights/dataCollectionRules"
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-logs"
    return {
        "subscriptions": [SUBSCRIPTION],
        "zones": [{"id": zone_id(ZONE), "recordSets": []}],
        "machines": machines,
        "workspace": {"customerId": WORKSPACE, "id": f"{group}/{workspaces}/logs"},
        "rule": {"immutableId": RULE, "id": f"{group}/{rules}/heartbeat-dns"},
        "clients": [{"clientId": CLIENT, "secret": SECRET, "tenant": TENANT}],
    }


class Stage:
    """A running stand-in; leaving the block ends it by its own process id."""

    def __init__(self, program: str, folder: str):
        self.program, self.folder = program, folder

    def __enter__(self) -> "Stage":
        ports = ["--port", "0", "--dns-port", "0", "--resolver-port", "0", "--tls-port", "0"]
        command = [self.program, *ports, "--tls", self.folder, "-o", "json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            ready = self._ready_line()
            self.plain, self.url = ready["azure"].rstrip("/"), https_of(ready).rstrip("/")
            # Before any client is made: requests and the SDKs read it when they open a session.
            os.environ["REQUESTS_CA_BUNDLE"] = os.path.join(self.folder, "ca.pem")
            os.environ["IDENTITY_ENDPOINT"] = f"{self.url}/msi/token"
            os.environ["IDENTITY_HEADER"] = ready.get("identity_header", "standin-identity-header")
            for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
                os.environ.pop(name, None)
            self.world = world()
            self.control("PUT", "world", self.world)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._end()

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ready_line(self) -> dict:
        """The first event line; everything after it is read and dropped, so that the pipe never fills."""
        lines: queue.Queue[str] = queue.Queue()

        def read() -> None:
            for line in self.process.stdout:
                lines.put(line)
            lines.put("")

        threading.Thread(target=read, daemon=True).start()
        line = lines.get(timeout=READY_WITHIN)
        if not line:
            raise RuntimeError(f"the stand-in ended with {self.process.wait()} before it was ready")
        ready = json.loads(line)
        assert ready["event"] == "ready", line
        return ready

    def control(self, method: str, name: str, body=None):
        """The stand-in's own surface: the world, the calls, the faults."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.plain}/standin/{name}", data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as reply:
            text = reply.read()
        return json.loads(text) if text else None


def https_of(ready: dict) -> str:
    for value in ready.values():
        if isinstance(value, str) and value.startswith("https://"):
            return value
    raise RuntimeError(f"no https address in {ready}")


def refused(call, *statuses: int):
    """Makes a call that must fail and hands back its error; any success is a failure of the check."""
    from azure.core.exceptions import HttpResponseError

    try:
        answer = call()
    except HttpResponseError as error:
        assert error.status_code in statuses, f"status {error.status_code}, wanted one of {statuses}: {error}"
        return error
    raise AssertionError(f"was not refused: {answer}")


def code_of(error) -> str:
    """The error code that the SDK read out of the answer's body."""
    return error.error.code if error.error else ""
