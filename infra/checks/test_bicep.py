"""What is asked of the compiler, and made of its words, with one that says what it is told."""

import contextlib
import io
import json
import os
import unittest
from pathlib import Path
from unittest import mock

import bicep


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
        self.assertEqual(len(taken), 8, taken)
        role = next(line for line in taken if "management-group-role" in line)
        self.assertTrue("--management-group-id" in role and "--subscription-id" not in role, role)
        self.assertIn("8 snapshots", words)

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


if __name__ == "__main__":
    unittest.main()
