"""Starts the stand-in and lets the Azure SDKs for JavaScript (drive.mjs) speak to it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import stage as parts  # noqa: E402

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, parts.Stage(sys.argv[1], folder) as stage:
        told = {
            "url": stage.url, "plain": stage.plain, "subscription": parts.SUBSCRIPTION, "tenant": parts.TENANT,
            "client": parts.CLIENT, "secret": parts.SECRET, "workspace": parts.WORKSPACE, "rule": parts.RULE,
            "group": parts.GROUP, "zone": parts.ZONE, "zoneId": parts.zone_id(parts.ZONE),
            "machine": parts.machine_id("web01"), "machines": len(parts.MACHINES) + 1,
        }
        environment = {
            **os.environ,
            "STAGE": json.dumps(told),
            # The SDKs have no other way to be told of a CA.
            "NODE_EXTRA_CA_CERTS": os.environ["REQUESTS_CA_BUNDLE"],
        }
        sys.exit(subprocess.run(["node", str(HERE / "drive.mjs")], env=environment, check=False).returncode)
