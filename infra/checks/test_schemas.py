"""What the schema of local.settings.json takes and refuses, by one of our own that is right."""

import json
import unittest

from jsonschema import Draft202012Validator

from schemas import ROOT, SCHEMAS


class Zones(unittest.TestCase):
    """A zone of either kind is enough, and none is too few."""

    def faults(self, **values: str) -> int:
        """How many there are in the example with these zones in place of its own."""
        example = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))
        for name in ["DNS_ZONES", "PRIVATE_ZONES", "POLICY_PRIVATE_PREFIXES"]:
            example["Values"].pop(name)
        example["Values"].update(values)
        schema = json.loads((SCHEMAS / "settings.json").read_text(encoding="utf-8"))
        return len(list(Draft202012Validator(schema).iter_errors(example)))

    def test_a_zone_of_either_kind_is_enough(self):
        """Public, private, or both."""
        private = {"PRIVATE_ZONES": "/zone", "POLICY_PRIVATE_PREFIXES": "10.0.0.0/8"}
        for values in [{"DNS_ZONES": "/zone"}, private, {"DNS_ZONES": "", **private}, {"DNS_ZONES": "/zone", **private}]:
            self.assertEqual(self.faults(**values), 0, values)

    def test_no_zone_is_too_few(self):
        """An empty list names none."""
        for values in [{}, {"DNS_ZONES": "", "PRIVATE_ZONES": ""}, {"PRIVATE_ZONES": "/zone"}]:
            self.assertEqual(self.faults(**values), 1, values)


if __name__ == "__main__":
    unittest.main()
