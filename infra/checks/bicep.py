"""Holds the Bicep files to the compiler, where `bicep` is on PATH: no word from it, and nothing deployed that Azure refuses."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

INFRA = Path(__file__).resolve().parent.parent
PARAMETERS = Path("checks/parameters")
# Where the snapshots are imagined to be deployed.
TENANT = ("--tenant-id", "22222222-2222-2222-2222-222222222222")
AT_A_GROUP = [
    *TENANT,
    *("--subscription-id", "11111111-1111-1111-1111-111111111111"),
    *("--resource-group", "rg-heartbeat-dns", "--location", "westeurope"),
]
AT_A_MANAGEMENT_GROUP = [*TENANT, "--management-group-id", "mg-edge", "--location", "westeurope"]
# What main.bicep says to each set of parameters that it refuses.
REFUSALS = {
    "cut-off": "functionSubnetId",
    "too-often": "otherWorkspaceIds",
    "no-zone-id": "holds example.com, which is not the resource id of a public DNS zone",
    "no-zone": "no zone is said",
    "no-prefixes": "POLICY_PRIVATE_PREFIXES",
    "of-private-endpoints": "whose records belong to private endpoints",
}


def bicep(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, result and words of the compiler in a folder."""
    done = subprocess.run(["bicep", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr.strip()


def compiled(folder: Path) -> list[str]:
    """What the compiler and its linter say of each file, in words."""
    found = []
    for path in sorted([*folder.rglob("*.bicep"), *folder.rglob("*.bicepparam")]):
        file = str(path.relative_to(folder))
        verb = "build-params" if path.suffix == ".bicepparam" else "build"
        code, _, words = bicep(folder, verb, file, "--stdout")
        lint_code, lint_result, lint_words = bicep(folder, "lint", file)
        said = [words, lint_result.strip(), lint_words]
        if code or lint_code or any(said):
            found.append(f"{file}: " + "\n".join(word for word in said if word))
    return found


def where(folder: Path, file: Path) -> list[str]:
    """At what kind of place a file of parameters is deployed."""
    using = re.search(r"^using '([^']+)'", (folder / file).read_text(encoding="utf-8"), re.MULTILINE)
    template = ((folder / file).parent / using[1]).read_text(encoding="utf-8")
    return AT_A_MANAGEMENT_GROUP if "targetScope = 'managementGroup'" in template else AT_A_GROUP


def faults(snapshot: dict) -> list[str]:
    """What of a deployment Azure would refuse, though it compiles."""
    found = [f"a diagnostic: {diagnostic}" for diagnostic in snapshot["diagnostics"]]
    ids = [resource.get("id", "") for resource in snapshot["predictedResources"]]
    found += [f"twice: {name}" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for resource in snapshot["predictedResources"]:
        kind, name = resource["type"].lower(), resource["name"]
        properties = resource.get("properties", {})
        if kind.endswith("/scheduledqueryrules") and len(properties["scopes"]) != 1:
            found.append(f"{name}: a rule takes one scope, not {len(properties['scopes'])}")
        if kind.endswith("/datacollectionrules") and resource.get("kind") == "Direct" and len(name) > 30:
            found.append(f"{name}: a rule of kind Direct has 30 characters at most, not {len(name)}")
        if kind.endswith("/virtualnetworklinks") and properties.get("resolutionPolicy") != "NxDomainRedirect":
            found.append(f"{name}: hides what has a private endpoint elsewhere")
    return found


def snapshots(folder: Path) -> list[str]:
    """What is wrong with the snapshots of all sets of parameters, and with what is refused."""
    found = []
    for path in sorted((folder / PARAMETERS).glob("*.bicepparam")):
        file = path.relative_to(folder)
        code, _, words = bicep(folder, "snapshot", str(file), "--mode", "overwrite", *where(folder, file))
        if code or words:
            found.append(f"{file}: {words}")
            continue
        snapshot = json.loads(path.with_suffix(".snapshot.json").read_text(encoding="utf-8"))
        found += [f"{file}: {fault}" for fault in faults(snapshot)]
    for name, sentence in REFUSALS.items():
        file = PARAMETERS / "refused" / f"{name}.bicepparam"
        code, _, words = bicep(folder, "snapshot", str(file), "--mode", "overwrite", *where(folder, file))
        if code == 0 or sentence not in words:
            found.append(f"{file}: is not refused with `{sentence}`: {words}")
    return found


def main() -> int:
    """Prints what is wrong; 1 when something is."""
    if not shutil.which("bicep"):
        print("Bicep: skipped, `bicep` is not on PATH (the hosted machines of the workflows have it); nothing was compiled")
        return 0
    print(bicep(INFRA, "--version")[1].strip())
    with tempfile.TemporaryDirectory() as scratch:
        # The compiler writes beside what it reads.
        folder = Path(scratch) / "infra"
        shutil.copytree(INFRA, folder, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
        found = compiled(folder) + snapshots(folder)
    for fault in found:
        print(fault, file=sys.stderr)
    sets = len(list((INFRA / PARAMETERS).glob("*.bicepparam")))
    print(f"compiled, linted, {sets} snapshots, {len(REFUSALS)} refusals: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
