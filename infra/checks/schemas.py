"""Holds the files of the Functions host against their schemas."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).resolve().parent / "schemas"
ROOT = SCHEMAS.parents[2]
FILES = [
    ("host.json", "host.json"),
    ("function-collector/function.json", "function.json"),
    ("function-remediate/function.json", "function.json"),
    ("local.settings.json.example", "settings.json"),
]


def main() -> int:
    """Prints what does not fit; 1 when something does not."""
    count = 0
    for file, schema in FILES:
        validator = Draft202012Validator(json.loads((SCHEMAS / schema).read_text(encoding="utf-8")))
        document = json.loads((ROOT / file).read_text(encoding="utf-8"))
        for fault in validator.iter_errors(document):
            place = "/".join(str(step) for step in fault.absolute_path)
            print(f"{file}: {place}: {fault.message}", file=sys.stderr)
            count += 1
    print(f"{len(FILES)} files of the Functions host, {count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
