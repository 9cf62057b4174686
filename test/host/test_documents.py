"""The finished documents: short POSIX sh that shellcheck passes, with no text of a parameter in it."""

import ast
import base64
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from novacron_host.command import RESIDENT, VERBS  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "ssm-documents/host-unit"
PATTERNS = {
    "Op": ("op-" + "0" * 26, ["op-" + "i" * 26, "op-1; reboot", "$(id)"]),
    "Domain": ("4fa44310-91b3-5314-8938-157d348ec32e", ["web-1", "4fa44310-91b3-5314-8938-157d348ec32e;id", "-x"]),
    "Attempt": ("12", ["0", "-1", "1 2", "`id`"]),
    "NotAfter": ("2026-11-25T15:00:00.000Z", ["2026-11-25", "now", "2026-11-25T15:00:00.000Z$(id)"]),
    "Payload": ("eyJhIjoxfQ==", ["{}", "a'b", "{{ Op }}", "a\nb"]),
    "Digest": ("0" * 64, ["0" * 63, "G" * 64]),
    "Unit": ("1-0123456789ab", ["../1", "1-'"]),
    "Bytes": ("65536", ["0", "1e9", "-5"]),
    "End": ("-1", ["-2", "x"]),
    "Link": ("a" * 64, ["", "None", "a" * 63, "none; id"]),
}


def code_of(name, text):
    """What Python makes of it, without docstrings; of Perl the lines that are not comments."""
    if name.endswith(".pl"):
        return re.sub("(?m)^ *#.*$", "", text)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False) is not None:
            node.body.pop(0)
    return ast.dump(tree, include_attributes=True)


class DocumentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        writer = ROOT / "test/host-real/write-documents.ts"
        subprocess.run([ROOT / "node_modules/.bin/node", writer, "test-1", home.name], check=True, cwd=ROOT)
        cls.documents = {path.stem: json.loads(path.read_text()) for path in Path(home.name).glob("*.json")}

    def scripts(self):
        for name, document in sorted(self.documents.items()):
            (step,) = document["mainSteps"]
            yield name, "\n".join(step["inputs"]["runCommand"])

    def test_there_is_one_for_each_verb(self):
        self.assertEqual(len(self.documents), 13)

    def test_scripts_are_short_and_no_parameter_is_in_their_text(self):
        for name, script in self.scripts():
            with self.subTest(name):
                self.assertLessEqual(len(script.strip().splitlines()), 15)
                self.assertNotIn("{{", script)
                self.assertNotIn("${I", script)
                self.assertTrue(script.rstrip().endswith(f" test-1 {name}"))

    def test_the_unit_is_asked_for_the_verbs_that_it_does_and_for_no_other(self):
        asking = {name for name, script in self.scripts() if "/ask.pl" in script}
        self.assertEqual(asking, RESIDENT)

    def test_a_verb_ends_by_itself_before_the_agent_ends_it(self):
        for name, document in self.documents.items():
            if name == "prove-host":
                continue  # a program of its own, which changes nothing: it may be ended anywhere
            (step,) = document["mainSteps"]
            self.assertLessEqual(VERBS[name].seconds + 15, int(step["inputs"]["timeoutSeconds"]), name)

    def test_they_fit_a_document(self):
        for name, document in self.documents.items():
            self.assertLess(len(json.dumps(document)), 64 * 1024, name)

    def test_the_unit_that_they_carry_is_its_sources_but_for_what_is_written_for_people(self):
        script = dict(self.scripts())["enrol-host"]
        (packed,) = re.findall(r"printf %s '([A-Za-z0-9+/=]+)'", script)
        files, data = gzip.decompress(base64.b64decode(packed)).split(b"\n", 1)
        names = []
        for name, size in json.loads(files):
            text, data = data[:size].decode(), data[size:]
            if name != "VERSION":
                names.append(name)
                source = (SOURCES / name).read_text()
                # line numbers too: what a traceback names is there in the sources
                self.assertEqual(code_of(name, text), code_of(name, source), name)
                self.assertNotIn("\n# ", text)
        self.assertEqual(sorted(names), sorted(str(path.relative_to(SOURCES)) for path in SOURCES.rglob("*.p[yl]")))

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck")
    def test_shellcheck_passes(self):
        for name, script in self.scripts():
            with self.subTest(name):
                done = subprocess.run(["shellcheck", "-s", "sh", "-"], input=script, text=True, capture_output=True)
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_parameter_is_an_environment_variable_with_a_pattern(self):
        for name, document in self.documents.items():
            for parameter, rule in document["parameters"].items():
                with self.subTest(f"{name} {parameter}"):
                    self.assertEqual((rule["type"], rule["interpolationType"]), ("String", "ENV_VAR"))
                    good, bad = PATTERNS[parameter]
                    # as SSM does it: Java's matches() takes the whole text
                    self.assertTrue(re.fullmatch(rule["allowedPattern"], good))
                    self.assertTrue(re.fullmatch(rule["allowedPattern"], rule.get("default", good)))
                    for text in bad:
                        self.assertIsNone(re.fullmatch(rule["allowedPattern"], text), text)

    def test_a_host_without_the_unit_answers_so(self):
        script = dict(self.scripts())["start-vm"].replace("/usr/lib/novacron", "/nonexistent")
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout.split(" ")[0]), (13, "NOVACRON1"))
        self.assertIn("HostUnitOutdated", done.stdout)


if __name__ == "__main__":
    unittest.main()
