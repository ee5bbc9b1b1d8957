"""Holds the files for `heartbeat-dns watch` to the tools that read them: dashboard, rules, manifest, unit and compose file."""

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import compose_spec
import kubernetes_validate
import promql_parser
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

INFRA = Path(__file__).resolve().parent.parent
DASHBOARD = INFRA / "grafana/heartbeat-dns.json"
RULES = INFRA.parent / "docs/heartbeat-dns.rules.yml"
MANIFEST = INFRA / "kubernetes/heartbeat-dns.yaml"
UNIT = INFRA / "systemd/heartbeat-dns.service"
COMPOSE = INFRA / "compose/compose.yaml"
SETTINGS = INFRA / "heartbeat-dns.env.example"
# The schemas of Kubernetes to fit: an old one and the newest that the package has.
KUBERNETES = ("1.30", kubernetes_validate.latest_version())
# The most that `systemd-analyze security` may find exposed, in tenths.
EXPOSURE = "20"


def lost(given, kept, place: str = "") -> list[str]:
    """What Grafana's own types of a dashboard do not know, and so drop."""
    if isinstance(given, dict) and isinstance(kept, dict):
        found = []
        for name, value in given.items():
            if name in kept:
                found += lost(value, kept[name], f"{place}/{name}")
            else:
                found.append(f"{place}/{name} is unknown to Grafana")
        return found
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        return [fault for index, pair in enumerate(zip(given, kept)) for fault in lost(*pair, f"{place}/{index}")]
    return [] if given == kept else [f"{place} becomes {kept!r}"]


def dashboard() -> list[str]:
    """Members that Grafana does not know, and queries that do not parse."""
    register_default_plugins()
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = lost(board, json.loads(JSONEncoder().encode(Dashboard.from_json(board))))
    for panel in board["panels"]:
        # Grafana puts a span in its place before Prometheus sees the query.
        exprs = [target["expr"].replace("$__rate_interval", "5m") for target in panel["targets"]]
        found += [f"{panel['title']}: {fault}" for expr in exprs for fault in promql(expr)]
    return found


def rules() -> list[str]:
    """Expressions of the alert rules that do not parse; `promtool` reads the whole file in tests/interop/prometheus."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    all_rules = [rule for group in groups for rule in group["rules"]]
    return [f"{rule['alert']}: {fault}" for rule in all_rules for fault in promql(rule["expr"])]


def promql(expr: str) -> list[str]:
    """What is wrong with an expression."""
    try:
        promql_parser.parse(expr)
    except Exception as fault:  # The parser has no error type of its own.
        return [f"{fault} in {expr}"]
    return []


def manifest() -> list[str]:
    """Resources that do not fit the schemas of Kubernetes; unknown fields are faults."""
    found = []
    for resource in yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")):
        for release in KUBERNETES:
            try:
                kubernetes_validate.validate(resource, release, strict=True)
            except kubernetes_validate.ValidationError as fault:
                place = "/".join(str(step) for step in fault.path)
                found.append(f"{resource['kind']}, {release}: {place}: {fault.message}")
    return found


def unit() -> list[str]:
    """What systemd itself says of the unit, where it is installed."""
    if shutil.which("systemd-analyze") is None:
        print("the unit: left out, systemd-analyze is not installed (Debian: apt-get install systemd)")
        return []
    with tempfile.TemporaryDirectory() as folder:
        # The program is not installed here, and systemd wants to see one.
        copy = Path(folder) / UNIT.name
        text = UNIT.read_text(encoding="utf-8")
        copy.write_text(text.replace("/usr/local/bin/heartbeat-dns", "/bin/true"), encoding="utf-8")
        return [
            # Other units of this machine may have faults of their own.
            *said("systemd-analyze", "verify", "--recursive-errors=no", str(copy)),
            *said("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", str(copy)),
        ]


def compose() -> list[str]:
    """What does not fit the Compose specification; `docker compose` reads it too, where it is installed."""
    text = COMPOSE.read_text(encoding="utf-8")
    try:
        compose_spec.PyCompose.from_yaml(text).validate()
    except Exception as fault:  # The package has no error type of its own.
        return [str(fault)]
    command = next((command for command in (["docker", "compose"], ["docker-compose"]) if runs(command)), None)
    if command is None:
        print("docker compose: left out, it is not installed (Debian: apt-get install docker-compose)")
        return []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / COMPOSE.name).write_text(text, encoding="utf-8")
        shutil.copy(SETTINGS, Path(folder) / "heartbeat-dns.env")
        return said(*command, "--file", str(Path(folder) / COMPOSE.name), "config", "--quiet")


def runs(command: list[str]) -> bool:
    """Whether a program is there and has that command."""
    return shutil.which(command[0]) is not None and not said(*command, "version")


def said(*command: str) -> list[str]:
    """The words of a program that failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    return [f"{' '.join(command[:2])}: {done.stderr.strip() or done.stdout.strip() or done.returncode}"]


CHECKS = (
    (DASHBOARD, dashboard, ("grafana_foundation_sdk", "promql-parser")),
    (RULES, rules, ("promql-parser",)),
    (MANIFEST, manifest, ("kubernetes-validate",)),
    (UNIT, unit, ()),
    (COMPOSE, compose, ("compose-spec",)),
)


def main() -> int:
    """Prints the faults; 1 when there are some."""
    count = 0
    for file, check, packages in CHECKS:
        found = check()
        name = file.relative_to(INFRA.parent)
        for fault in found:
            print(f"{name}: {fault}", file=sys.stderr)
        count += len(found)
        by = f", by {' and '.join(f'{package} {version(package)}' for package in packages)}" if packages else ""
        print(f"{name}: {len(found)} faults{by}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
