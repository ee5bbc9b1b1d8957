"""Drives the stand-in with octoDNS, dns-lexicon and certbot's plugin for Azure."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import certbot_hook  # noqa: E402
import checks  # noqa: E402
import lexicon_records  # noqa: E402
import octodns_zones  # noqa: E402
from stage import Stage  # noqa: E402

MODULES = (octodns_zones, lexicon_records, certbot_hook)

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work, Stage(sys.argv[1], work) as stage:
        sys.exit(checks.run(MODULES, stage))
