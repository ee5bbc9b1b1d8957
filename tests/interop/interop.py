"""Drives the stand-in with the Azure SDKs for Python.

Those were written by people who know Azure and nothing of this project, so what they accept is a better
witness than any test of our own.
"""

import sys
import tempfile

import checks
import dns_zones
import identity
import logs
import private_dns_zones
import resource_graph
from stage import Stage

MODULES = (identity, dns_zones, private_dns_zones, resource_graph, logs)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, Stage(sys.argv[1], folder) as stage:
        return checks.run(MODULES, stage)


if __name__ == "__main__":
    sys.exit(main())
