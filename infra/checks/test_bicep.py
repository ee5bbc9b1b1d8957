"""What is asked of the compiler, and made of its words, with one that says what it is told."""

import contextlib
import io
import json
import os
import unittest
from pathlib import Path
from unittest import mock

import bicep
import deployers


def rule(scopes: int) -> dict:
    """An alert rule with so many scopes."""
    return {"id": "/rule", "type": "Microsoft.Insights/scheduledQueryRules", "name": "r", "properties": {"scopes": ["/w"] * scopes}}


class Compiled(unittest.TestCase):
    """With a compiler of our own: one that knows what is to be refused, unless it takes that too, and may warn of a file."""

    def check(self, resources: list[dict], diagnostics: list[str] | None = None, warns: str = "", takes: str = "") -> tuple[int, str]:
        """Exit code and words of the check."""
        self.log = []

        def compiler(folder: Path, *arguments: str) -> tuple[int, str, str]:
            self.log.append(" ".join(arguments))
            verb, file = arguments[0], Path(arguments[1]) if len(arguments) > 1 else Path()
            words = "Warning no-unused-params" if f"{verb} {file}" == warns else ""
            if verb == "snapshot" and file.parent.name == "refused" and file.stem != takes:
                return 1, "", f"not valid: {bicep.REFUSALS[file.stem]}"
            if verb == "snapshot":
                snapshot = {"predictedResources": resources, "diagnostics": diagnostics or [], "outputs": {}}
                (folder / file).with_suffix(".snapshot.json").write_text(json.dumps(snapshot), encoding="utf-8")
            return 0, "", words

        words = io.StringIO()
        with mock.patch("bicep.bicep", compiler), mock.patch("shutil.which", lambda _: "/bin/bicep"):
            with contextlib.redirect_stderr(words), contextlib.redirect_stdout(words):
                return bicep.main(), words.getvalue()

    def test_each_file_is_compiled_and_linted_and_each_set_is_one_snapshot(self):
        """Silence is a pass; nothing is left out."""
        code, words = self.check([rule(1)])
        self.assertEqual(code, 0, words)
        for line in ["build main.bicep --stdout", "lint modules/health-alert.bicep", "build-params main.bicepparam --stdout"]:
            self.assertIn(line, self.log)
        taken = [line for line in self.log if line.startswith("snapshot") and "/refused/" not in line]
        self.assertEqual(len(taken), 9, taken)
        role = next(line for line in taken if "management-group-role" in line)
        self.assertTrue("--management-group-id" in role and "--subscription-id" not in role, role)
        self.assertIn("9 snapshots", words)

    def test_any_word_is_a_fault(self):
        """A warning ends with 0 in the compiler, and with 1 here."""
        for place in ["build modules/storage.bicep", "lint alert.bicep", "snapshot checks/parameters/defaults.bicepparam"]:
            code, words = self.check([], warns=place)
            self.assertEqual(code, 1, place)
            self.assertIn("no-unused-params", words)

    def test_what_azure_refuses_is_a_fault(self):
        """Though it compiles."""
        direct = {"id": "/d", "type": "Microsoft.Insights/dataCollectionRules", "kind": "Direct", "name": "n" * 31, "properties": {}}
        link = {"id": "/l", "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "name": "z/n", "properties": {}}
        for resources, diagnostics, expected in [
            ([rule(2)], [], "one scope, not 2"),
            ([direct], [], "30 characters at most, not 31"),
            ([link], [], "private endpoint elsewhere"),
            ([rule(1), rule(1)], [], "twice: /rule"),
            ([], ["a Warning"], "a diagnostic: a Warning"),
        ]:
            code, words = self.check(resources, diagnostics)
            self.assertEqual(code, 1, expected)
            self.assertIn(expected, words)

    def test_what_is_taken_though_it_should_be_refused_is_a_fault(self):
        """One set that is not refused is named."""
        for name in bicep.REFUSALS:
            code, words = self.check([], takes=name)
            self.assertEqual(code, 1, name)
            self.assertIn(f"refused/{name}.bicepparam: is not refused", words)

    def test_without_a_compiler_it_says_that_nothing_was_compiled(self):
        """A check that was not made is not a check that passed in silence."""
        words = io.StringIO()
        with mock.patch.dict(os.environ, {"PATH": "/nowhere"}), contextlib.redirect_stdout(words):
            self.assertEqual(bicep.main(), 0)
        self.assertIn("skipped", words.getvalue())


class Deployers(unittest.TestCase):
    """Who deploys into a group may touch all of it: the right is given where it is used, and nowhere else."""

    MAIN = (deployers.INFRA / "main.bicep").read_text(encoding="utf-8")
    MODULE = (deployers.INFRA / deployers.MODULE).read_text(encoding="utf-8")
    ZONES = [
        f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/dnsZones/{zone}"
        for subscription, group, zone in [("s1", "rg-dns", "a.example"), ("S1", "RG-dns", "b.example"), ("s2", "rg-dns", "c.example")]
    ]
    PRIVATE = [
        f"/subscriptions/s1/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/a.example" for group in ["rg-dns", "rg-net"]
    ]

    def given(self, text: str) -> dict:
        """Where the right is given, by what makes a difference."""
        cases = {
            "unsaid": ({"POLICY_TTL": 60}, True),
            "record sets": ({"APPLY_VIA": "record-set"}, True),
            "deployments": ({"APPLY_VIA": "Deployment"}, True),
            "by somebody else": ({"APPLY_VIA": "deployment"}, False),
        }
        tree = deployers.parsed(text)
        return {name: deployers.scopes(tree, (self.ZONES, self.PRIVATE), settings, assigns) for name, (settings, assigns) in cases.items()}

    def test_the_right_is_given_once_on_the_group_of_each_zone_and_only_where_templates_are_deployed(self):
        """In every other case on nothing."""
        expected = {"unsaid": [], "record sets": [], "deployments": [("s1", "rg-dns"), ("s2", "rg-dns"), ("s1", "rg-net")], "by somebody else": []}
        self.assertEqual(self.given(self.MAIN), expected)
        for before, after in [
            ("if (assignRoles && deploys)", "if (assignRoles)"),
            ("if (assignRoles && deploys)", "if (deploys)"),
            ("for id in zoneGroupIds: if (assignRoles && deploys)", "for id in zones: if (assignRoles && deploys)"),
            ("var zoneGroupIds = union(groupsOfZones, [])", "var zoneGroupIds = groupsOfZones"),
            ("[for id in zonesOfBothKinds: toLower(join(take(split(id, '/'), 5), '/'))]", "[for id in zonesOfBothKinds: join(take(split(id, '/'), 5), '/')]"),
            ("[for id in zonesOfBothKinds: toLower", "[for id in zones: toLower"),
            ("toLower(string(settings.?APPLY_VIA ?? '')) == 'deployment'", "string(settings.?APPLY_VIA ?? '') == 'deployment'"),
        ]:
            self.assertIn(before, self.MAIN)
            self.assertNotEqual(self.given(self.MAIN.replace(before, after)), expected, after)

    def test_the_right_reaches_no_further_than_the_group(self):
        """Neither by its role nor by its assignment."""
        self.assertEqual(deployers.reach(self.MODULE), [])
        for before, after, fault in [
            ("      resourceGroup().id\n    ]", "      subscription().id\n    ]", "role can be assigned elsewhere"),
            ("'deployments', roles)\n", "'deployments', roles)\n  scope: subscription()\n", "assignment has a scope of its own"),
            ("@description", "targetScope = 'subscription'\n\n@description", "it is deployed to a subscription"),
        ]:
            self.assertIn(before, self.MODULE)
            self.assertEqual(deployers.reach(self.MODULE.replace(before, after, 1)), [fault], after)


if __name__ == "__main__":
    unittest.main()
