"""Drives the stand-in with the Azure SDKs for Python.

Those were written by people who know Azure and nothing of this project, so what they accept is a better
witness than any test of our own. One line per call, `ok` or `FAIL`, and a count at the end.
"""

import sys
import tempfile
import traceback

import dns_zones
import identity
import logs
import private_dns_zones
import resource_graph
from stage import Stage


def main() -> int:
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder, Stage(sys.argv[1], folder) as stage:
        for module in (identity, dns_zones, private_dns_zones, resource_graph, logs):
            for name, check in module.checks(stage):
                label = f"{module.__name__.replace('_', ' ')}: {name}"
                try:
                    seen = check()
                except Exception as fault:  # One failing call must not hide the others.
                    failed += 1
                    print(f"FAIL {label}: {type(fault).__name__}: {fault}", flush=True)
                    traceback.print_exc(limit=-3)
                else:
                    passed += 1
                    print(f"ok {label}: {seen}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
