"""A libvirtd that outlives whoever asks it: its domains lie in a file, so that a script may die at any call and be run again."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import libvirt

NO_DOMAIN, FAILED, OPERATION_INVALID = 42, 9, 55
RUNNING, SHUTOFF = (libvirt.VIR_DOMAIN_RUNNING, 1), (libvirt.VIR_DOMAIN_SHUTOFF, 1)
MAGIC, END = b"QFI\xfb", b"END."


def error(code, text, domain=0):
    """As libvirt raises it."""
    raised = libvirt.libvirtError(text)
    raised.err = (code, domain, text, 0, "", None, None, 0, 0)
    return raised


def whole(path):
    """Whether a disk or a seed is what its maker meant it to be."""
    data = path.read_bytes() if path.is_file() else b""
    if path.suffix == ".iso":
        return bool(data) and len(data) % 2048 == 0
    return data.startswith(MAGIC) and END in data


class Libvirtd:
    """The domains, by UUID: definition, whether they run and start with the host, how often they were booted and plugged."""

    def __init__(self, file: Path):
        self._file = file

    @property
    def domains(self):
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def change(self, uuid, **facts):
        """Changes a domain; without facts it goes."""
        domains = self.domains
        if facts:
            domains[uuid] = {**domains.get(uuid, {"boots": 0, "buttons": 0, "active": False, "autostart": False}), **facts}
        else:
            del domains[uuid]
        self._file.write_text(json.dumps(domains))

    def guest_hears(self, uuid):
        """The guest obeys the power button."""
        self.change(uuid, active=False)

    def connection(self, rig):
        """What a script gets; `rig.ask` numbers each question."""
        return _Connection(self, rig)


class _Connection:
    def __init__(self, daemon, rig):
        self._daemon, self._rig = daemon, rig

    def lookupByUUIDString(self, uuid):
        def look():
            if uuid not in self._daemon.domains:
                raise error(NO_DOMAIN, f"Domain not found: {uuid}")
            return _Domain(self._daemon, self._rig, uuid)

        return self._rig.ask("lookup", look)

    def defineXMLFlags(self, text, _flags):
        def define():
            uuid, name = (ElementTree.fromstring(text).findtext(tag) for tag in ("uuid", "name"))
            for other, facts in self._daemon.domains.items():
                if other != uuid and ElementTree.fromstring(facts["xml"]).findtext("name") == name:
                    raise error(FAILED, f"domain '{name}' already exists with uuid {other}")
            self._daemon.change(uuid, xml=text)
            return _Domain(self._daemon, self._rig, uuid)

        return self._rig.ask("define", define)


class _Domain:
    def __init__(self, daemon, rig, uuid):
        self._daemon, self._rig, self._uuid = daemon, rig, uuid

    def _facts(self):
        facts = self._daemon.domains.get(self._uuid)
        if facts is None:
            raise error(NO_DOMAIN, "Domain not found")
        return facts

    def _read(self, name, what):
        return self._rig.ask(name, lambda: what(self._facts()))

    def _change(self, name, needs_active, of):
        """`of` gives the facts that come of it, from those that are."""

        def act():
            facts = self._facts()
            if needs_active is not None and facts["active"] != needs_active:
                raise error(OPERATION_INVALID, f"domain is {'not ' if needs_active else 'already '}running")
            self._daemon.change(self._uuid, **of(facts))

        self._rig.ask(name, act)

    def UUIDString(self):
        return self._uuid

    def ID(self):
        return self._facts()["boots"]

    def name(self):
        return self._read("name", lambda facts: ElementTree.fromstring(facts["xml"]).findtext("name"))

    def isActive(self):
        return self._read("isActive", lambda facts: facts["active"])

    def state(self):
        return self._read("state", lambda facts: RUNNING if facts["active"] else SHUTOFF)

    def XMLDesc(self, _flags):
        return self._read("XMLDesc", lambda facts: facts["xml"])

    def hasManagedSaveImage(self):
        return self._read("hasManagedSaveImage", lambda facts: int(facts.get("saved", False)))

    def managedSave(self, _flags):
        self._change("managedSave", True, lambda _: {"active": False, "saved": True})

    def managedSaveRemove(self):
        self._change("managedSaveRemove", False, lambda _: {"saved": False})

    def maxMemory(self):
        return 1024

    def autostart(self):
        return self._read("autostart", lambda facts: int(facts["autostart"]))

    def setAutostart(self, on):
        self._change("setAutostart", None, lambda _: {"autostart": bool(on)})

    def create(self):
        def boot(facts):
            for source in ElementTree.fromstring(facts["xml"]).iterfind("devices/disk/source"):
                if not whole(Path(source.get("file"))):
                    raise error(FAILED, f"Cannot access storage file '{source.get('file')}'")
            return {"active": True, "boots": facts["boots"] + (not facts.get("saved")), "saved": False}

        self._change("create", False, boot)

    def destroy(self):
        self._change("destroy", True, lambda _: {"active": False})

    def shutdownFlags(self, _flags):
        self._change("shutdown", True, lambda facts: {"buttons": facts["buttons"] + 1})

    def reboot(self, _flags):
        self._change("reboot", True, lambda facts: {"boots": facts["boots"] + 1})

    def reset(self, _flags):
        self._change("reset", True, lambda facts: {"boots": facts["boots"] + 1})

    def undefineFlags(self, _flags):
        def undefine():
            if self._facts()["active"]:
                raise error(OPERATION_INVALID, "it would become transient")
            self._daemon.change(self._uuid)

        self._rig.ask("undefine", undefine)
