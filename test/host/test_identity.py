"""What tells a host from every other machine: its chain of hashes, and what ProveHost says of it."""

import hashlib
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"
sys.path.insert(0, str(SOURCES))

from case import Case  # noqa: E402
from novacron_host import identity  # noqa: E402

PROGRAM = Path(__file__).resolve().parents[2] / "ssm-documents/parts/prove_host.py"
MAKE = """
import sys
sys.path.insert(0, sys.argv[1])
from novacron_host import identity, place
print(identity.last_link(place.Place("test-1", sys.argv[2])), end="")
"""
FAKE_LIBVIRT = """
import os
class libvirtError(Exception):
    pass
def registerErrorHandler(handler, opaque):
    pass
class Domain:
    def __init__(self, xml):
        self.xml = xml
    def XMLDesc(self):
        return self.xml
class Connection:
    def listAllDomains(self):
        return [Domain(xml) for xml in os.environ["DOMAINS"].split("|")]
def openReadOnly(uri):
    if os.environ["DOMAINS"] == "":
        raise libvirtError("away")
    return Connection()
"""


def after(link):
    return hashlib.sha256(link.encode()).hexdigest()


def domain(vm_id, installation="test-1"):
    mark = f"<novacron:vm xmlns:novacron='https://novacron.dev/libvirt/1' installation='{installation}' id='{vm_id}'/>"
    return f"<domain><metadata>{mark}</metadata></domain>"


class IdentityTest(Case):
    def claim(self, link, domains=()):
        """What the document prints on this machine, read as the plane reads it."""
        text = PROGRAM.read_text().replace('f"/var', f'f"{self.home}/var').replace('f"/etc', f'f"{self.home}/etc')
        (self.home / "libvirt.py").write_text(FAKE_LIBVIRT)
        text = text.replace("import sys\n", f"import sys\nsys.path.insert(0, {str(self.home)!r})\n", 1)
        before = self.files()
        env = {**os.environ, "SSM_Link": link, "DOMAINS": "|".join(domains)}
        words = [sys.executable, "-I", "-", "test-1", "prove-host"]
        done = subprocess.run(words, input=text, env=env, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.files(), before)
        name, size, digest, said = done.stdout.rstrip("\n").split(" ", 3)
        self.assertEqual((name, size, digest), ("NOVACRON1", str(len(said)), hashlib.sha256(said.encode()).hexdigest()))
        return json.loads(said)["result"]

    def files(self):
        return sorted((str(path), path.read_bytes()) for path in self.home.rglob("*") if path.is_file() and path.suffix != ".pyc")

    def prepared_as(self, host):
        self.place.config_file.parent.mkdir(parents=True)
        self.place.config_file.write_text(json.dumps({"hostId": host}))

    def test_the_secret_is_made_once_for_root_alone_and_the_chain_ends_alike(self):
        last = identity.last_link(self.place)
        self.assertEqual(identity.last_link(self.place), last)
        self.assertEqual(self.place.identity_file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(self.place.identity_file.read_text()), 64)
        self.assertEqual(sorted(path.name for path in self.place.state.iterdir()), ["identity", "locks"])

    def test_of_many_that_make_it_at_once_one_counts(self):
        words = [sys.executable, "-c", MAKE, str(SOURCES), str(self.home)]
        made = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        self.assertEqual({one.communicate()[0] for one in made}, {identity.last_link(self.place)})

    def test_each_proof_names_the_link_before_and_never_the_secret(self):
        known = identity.last_link(self.place)
        secret = self.place.identity_file.read_text()
        for _ in range(3):
            said = self.claim(known)["link"]
            self.assertEqual(after(said), known)
            known = said
        self.assertEqual(self.claim(after(secret)), {})
        self.assertEqual(self.claim(after(after(secret))), {"link": after(secret)})

    def test_another_machine_and_one_without_a_secret_name_none(self):
        self.assertEqual(self.claim("0" * 64), {})
        identity.last_link(self.place)
        self.assertEqual(self.claim("0" * 64), {})

    def test_without_a_link_it_tells_as_what_it_was_prepared_and_whose_domains_it_has(self):
        self.assertEqual(self.claim("none", [domain("vm-1")]), {})
        self.prepared_as("h-1")
        domains = [domain("vm-2"), "<domain/>", domain("vm-3", "prod"), domain("vm-1")]
        self.assertEqual(self.claim("none", domains), {"preparedAs": "h-1", "vmIds": ["vm-1", "vm-2"]})
        self.assertEqual(self.claim("none"), {"preparedAs": "h-1"})

    def test_what_it_was_prepared_as_cannot_be_read(self):
        self.prepared_as("h-1")
        self.place.config_file.write_text("{")
        self.assertEqual(self.claim("none", [domain("vm-1")]), {})


if __name__ == "__main__":
    unittest.main()
