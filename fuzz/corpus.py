#!/usr/bin/env python3
"""Writes what fuzzing starts from: the engine's own test queries, one a file, and a few rows of every type."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "crates/kql/tests/it/fixtures"
ROWS = [
    [{"s": "a=1;b", "l": 1, "i": 2, "r": 0.5, "b": True, "t": "2026-05-04T09:00:00Z", "d": "1.02:03:04.5", "x": {"a": [1]}}],
    [{"s": None, "l": "9223372036854775807", "r": "NaN", "t": "0001-01-01", "d": "00:00:00.0000001", "x": "[1,2]"}],
    [{"s": "198.51.100.7", "g": "00000000-0000-0000-0000-000000000001", "x": [[], {}, None]}, {}],
]


def main() -> None:
    """Writes corpus/query and corpus/data below this folder."""
    queries = [case["kql"] for case in json.loads((FIXTURES / "conformance.json").read_text())]
    queries += [seed.read_text() for seed in sorted((FIXTURES / "seeds").iterdir())]
    queries += (FIXTURES / "names-queries.txt").read_text().splitlines()
    for name, texts in (("query", queries), ("data", [json.dumps(rows) for rows in ROWS])):
        folder = HERE / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(texts):
            (folder / f"own-{number:04}").write_text(text)
        print(f"{folder}: {len(texts)}", file=sys.stderr)


if __name__ == "__main__":
    main()
