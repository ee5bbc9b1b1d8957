"""Parses every Bicep file below infra, and checks that what it loads and deploys is there."""

import re
import sys
from pathlib import Path

from pycep import BicepParser

INFRA = Path(__file__).resolve().parent.parent
REFERENCE = re.compile(r"(?:load(?:Text|Json)Content\(|^module \w+ |^using )'([^']+)'", re.MULTILINE)


def faults(file: Path) -> list[str]:
    """What is wrong with one file, in words."""
    text = file.read_text(encoding="utf-8")
    found = []
    if file.suffix == ".bicep":
        try:
            BicepParser().parse(text=text)
        except Exception as fault:  # The parser has no error type of its own.
            found.append(f"{file.relative_to(INFRA)}: {str(fault).splitlines()[0]}")
    for reference in REFERENCE.findall(text):
        if not (file.parent / reference).is_file():
            found.append(f"{file.relative_to(INFRA)}: {reference} is not there")
    return found


def main() -> int:
    """Prints the faults; 1 when there are some."""
    files = sorted([*INFRA.rglob("*.bicep"), *INFRA.rglob("*.bicepparam")])
    found = [fault for file in files for fault in faults(file)]
    for fault in found:
        print(fault, file=sys.stderr)
    print(f"{len(files)} Bicep files parsed, {len(found)} faults")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
