"""One VM on one host, and what must be true of it whatever dies: nothing lost, nothing twice, nothing left over."""

import base64
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from fake_libvirt import END, MAGIC, Libvirtd, whole  # noqa: E402
# all that a verb imports when it needs it: a child of ours has it already
from novacron_host import command, create, fetching, images, late, power, removal, saving, seed  # noqa: E402, F401
from novacron_host.payload import instant  # noqa: E402
from novacron_host.place import Place  # noqa: E402
from rig import run  # noqa: E402

VM, UUID = "vm-0123456789abcdef", "4fa44310-91b3-5314-8938-157d348ec32e"
instant("2099-01-01T00:00:00.000Z")  # the first call imports what parses it
GUEST = b"what the guest wrote"
RETAIN = {"retainUntil": "2099-01-01T00:00:00.000Z"}


def op_of(name):
    """The id of an operation of the tests; our ids have no i, l, o, u."""
    return f"op-{hashlib.sha256(name.encode()).hexdigest()[:26]}"


class Story:
    """A host's files and libvirtd in a directory. `do` runs one command, which may die on the way."""

    def __init__(self, slow_image=False):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self._home = tempfile.TemporaryDirectory(dir=memory)
        self.place = Place("test-1", self._home.name)
        root = Path(self._home.name)
        self.pool, self.spawned = root / "pool", root / "spawned.json"
        self.place.settings.mkdir(parents=True)
        self.place.config_file.write_text(json.dumps({"poolPath": str(self.pool)}))
        self.libvirtd = Libvirtd(root / "domains.json")
        self._slow, self._saved = slow_image, None
        for home in (self.place.state / "locks", self.place.journal, self.place.results, self.place.saves, self.pool / "retained"):
            home.mkdir(parents=True)
        source = root / "image.qcow2"
        source.write_bytes(MAGIC + END)
        source.chmod(0o444)
        self._base = {
            "imageId": f"img-{'0' * 16}", "path": str(source), "format": "qcow2",
            "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        }  # fmt: skip

    def close(self):
        self._home.cleanup()
        if self._saved:
            self._saved.cleanup()

    def save(self):
        """Notes how all is now, for `back`."""
        self._saved = tempfile.TemporaryDirectory(dir=Path(self._home.name).parent)
        shutil.copytree(self._home.name, self._saved.name, symlinks=True, dirs_exist_ok=True)

    def back(self):
        """All is again as it was when it was saved."""
        shutil.rmtree(self._home.name)
        shutil.copytree(self._saved.name, self._home.name, symlinks=True)

    def payload(self, verb, more):
        subject = {"vm": {"id": VM, "name": "web-1"}, **more}
        if verb != "create-vm":
            return subject
        disk, seed = f"{self.pool}/disks/{VM}-0.qcow2", f"{self.pool}/seeds/{VM}.iso"
        xml = f"""<domain type='kvm'><name>web-1</name><uuid>{UUID}</uuid><metadata>
          <n:vm xmlns:n='https://novacron.dev/libvirt/1' installation='test-1' id='{VM}' operation='op'/></metadata>
          <devices><disk type='file' device='disk'><source file='{disk}'/></disk>
          <disk type='file' device='cdrom'><source file='{seed}'/></disk></devices></domain>"""
        return {
            **subject, "domainXml": xml, "disks": [{"path": disk, "sizeGiB": 1, "base": self._base}],
            "seed": {"path": seed, "metaData": "instance-id: x\n", "userData": {"text": "#!/bin/sh\n"}},
            "console": f"{self.pool}/disks/{VM}.console.log",
        }  # fmt: skip

    def do(self, verb, op, attempt, kill=None, not_after="2099-01-01T00:00:00.000Z", **more):
        """Runs a command as its document does, in a process of its own."""
        text = base64.b64encode(json.dumps(self.payload(verb, more)).encode()).decode()
        env = {
            "SSM_Op": op_of(op), "SSM_Attempt": str(attempt), "SSM_NotAfter": not_after, "SSM_Domain": UUID,
            "SSM_Payload": text, "SSM_Digest": hashlib.sha256(text.encode()).hexdigest(),
        }  # fmt: skip
        return self.process(lambda: command.run(self.place, verb, env), kill)

    def process(self, act, kill=None):
        """Runs something of the host unit's in a process that may die."""

        def whole_process(rig):
            rig.programs(self.spawned)
            connection = self.libvirtd.connection(rig)
            for module in (create, power, removal, saving):
                rig.replace(module, "connect", lambda: rig.ask("connect", lambda: connection))
            if self._slow:
                rig.replace(images, "COPIED_AT_ONCE", 0)
            return act()

        return run(whole_process, kill)

    def background(self, kill=None):
        """The half of a create or a stop that was left to run on its own."""

        def go_on():
            create.fetch_and_create(self.place, UUID)
            saving.save(self.place, UUID)
            return {}

        return self.process(go_on, kill)

    def unit_looks(self):
        """The host unit's turn, a while later: fetches whose process is gone become failures."""
        with mock.patch.object(late, "STARTING", 0):
            late.Late(self.place).interrupted()

    def results(self):
        """Outcomes that wait for the plane: attempt and whether it went well."""
        return [(each["attempt"], each["answer"]["ok"]) for each in self.outcomes()]

    def outcomes(self):
        """The same, whole."""
        files = sorted(self.place.results.glob("[!.]*.json")) if self.place.results.exists() else []
        return [json.loads(file.read_text()) for file in files]

    @property
    def disk(self):
        """The VM's disk, wherever it lies now."""
        for home in ("disks", f"retained/{VM}"):
            path = self.pool / home / f"{VM}-0.qcow2"
            if path.exists():
                return path
        return None

    def guest_writes(self):
        """From here on the disk holds what nobody has twice."""
        with open(self.disk, "ab") as file:
            file.write(GUEST)

    def files(self):
        """Files of the host, by their path: the pool's and the installation's state, but for locks."""
        found = {}
        for home in (self.pool, self.place.state):
            found.update({str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file() or path.is_symlink()})
        return {name: path for name, path in found.items() if not name.startswith("locks/")}

    def wrongs(self, state, wrote=True):
        """What is not as it should be of a VM in this state: `running`, `stopping`, `stopped`, `retained` or `gone`."""
        own = {"disk": f"{VM}-0.qcow2", "seed": f"{VM}.iso"}
        here = {f"disks/{own['disk']}", f"seeds/{own['seed']}"}
        kept = {f"retained/{VM}/{name}" for name in (*own.values(), removal.DEFINITION, removal.FACTS)}
        expected = {"running": here, "stopping": here, "stopped": here, "retained": kept, "gone": set()}[state]
        image = {f"images/{self._base['imageId']}.{suffix}" for suffix in ("qcow2", "json")}
        found = self.files()
        names = {name for name in found if not name.startswith(("journal/", "results/op-", "asks/"))}
        wrong = [f"missing: {name}" for name in expected - names]
        wrong += [f"left over: {name}" for name in names - expected - image]
        if names & image and names & image != image:
            wrong.append("half an image")
        wrong += [f"in the journal: {name}" for name in found if name.startswith("journal/") and name != f"journal/{UUID}.json"]
        wrong += [f"broken: {name}" for name in expected & names if name.endswith((".qcow2", ".iso")) and not whole(found[name])]
        if wrote and state != "gone" and self.disk and not self.disk.read_bytes().endswith(GUEST):
            wrong.append("lost: what the guest wrote")
        return wrong + self._wrong_domains(state)

    def _wrong_domains(self, state):
        domains = self.libvirtd.domains
        if state in ("retained", "gone"):
            return [f"a domain is left: {uuid}" for uuid in domains]
        if list(domains) != [UUID]:
            return [f"domains: {list(domains)}"]
        facts = domains[UUID]
        return [
            text
            for text, wrong in (
                (f"active: {facts['active']}", facts["active"] != (state in ("running", "stopping"))),
                (f"starts with the host: {facts['autostart']}", facts["autostart"] != (state == "running")),
                ("its disk is open to others", os.stat(self.disk).st_mode & 0o077 if self.disk else 0),
            )
            if wrong
        ]
