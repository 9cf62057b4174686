"""Watches each of our VMs after it started, until it is ready by its policy or its time is over."""

import json
import socket
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple, Optional

import libvirt

from .domains import Mark, console_of, mark_of, run_of
from .inventory import addresses_of, leases_of
from .place import Place, write_whole

TAIL = 3000
# With policy auto: how long an address may wait for an agent to answer too.
AGENT_PATIENCE = 20.0
PORT_SECONDS = 1.0
# How long the kernel may remember a neighbour that is not there any more (gc_stale_time).
ARP_MEMORY = 60.0
ARP_SECONDS = 15


class Watch(NamedTuple):
    """One VM that is waited for; times by the monotonic clock."""

    mark: Mark
    since: float
    # The DHCP leases that were there when it started: left over from its last run, they prove nothing of this one.
    old_leases: "frozenset[tuple[str, int]]" = frozenset()
    address_since: Optional[float] = None
    # Its time was over and that was told; it is still waited for, since it may become ready yet.
    late: bool = False


class Verdict(NamedTuple):
    """What is to be told: `ready` or `not-ready`, and why."""

    kind: str
    reason: str
    addresses: "list[str]"
    tail: Optional[str] = None


class Readiness:
    """The VMs that are waited for. `begin` and `end` follow libvirt's events, `verdicts` is called each second."""

    def __init__(self, place: Place):
        self._place = place
        self._watches: "dict[str, Watch]" = {}
        self._file = place.state / "ready.json"
        # Which run of each domain was told ready: it stays so while this unit, or libvirtd, is started anew.
        self._ready: "dict[str, str]" = _read(self._file)

    def meet(self, domain: "libvirt.virDomain") -> None:
        """One that runs already when libvirt is reached: waited for as after a boot, but for a run that was told ready."""
        run = run_of(domain)
        if run is None or self._ready.get(domain.UUIDString()) != run:
            self.begin(domain)

    def begin(self, domain: "libvirt.virDomain") -> None:
        """Waits for a domain that has booted, if it is ours."""
        tree = ElementTree.fromstring(domain.XMLDesc(0))
        self._forget(domain.UUIDString())
        self._wait_for(domain, tree, leases_of(domain, tree))

    def resume(self, domain: "libvirt.virDomain") -> None:
        """Waits for one that goes on after a pause: its leases are of this very run. A wait from its boot goes on."""
        if domain.UUIDString() not in self._watches:
            self._wait_for(domain, ElementTree.fromstring(domain.XMLDesc(0)), frozenset())

    def _wait_for(self, domain, tree: ElementTree.Element, old_leases: "frozenset[tuple[str, int]]") -> None:
        mark = mark_of(tree)
        if mark and mark.installation == self._place.installation:
            self._watches[domain.UUIDString()] = Watch(mark, time.monotonic(), old_leases)

    def end(self, uuid: str) -> None:
        """Waits no longer: it is off."""
        self._watches.pop(uuid, None)
        self._forget(uuid)

    def verdicts(self, connection: "libvirt.virConnect") -> "list[tuple[str, Watch, Verdict]]":
        """Those about which something is known now."""
        told = []
        for uuid, watch in list(self._watches.items()):
            try:
                domain = connection.lookupByUUIDString(uuid)
                verdict = self._judge(uuid, watch, domain) if domain.isActive() else None
            except libvirt.libvirtError:
                continue  # it is just going, or libvirtd is: its event or the next look will tell
            if verdict:
                if verdict.kind == "ready":
                    self._watches.pop(uuid)
                    self._note_ready(uuid, run_of(domain))
                else:
                    self._watches[uuid] = self._watches[uuid]._replace(late=True)
                told.append((uuid, watch, verdict))
        return told

    def _note_ready(self, uuid: str, run: Optional[str]) -> None:
        if run:
            self._ready[uuid] = run
            self._save()

    def _forget(self, uuid: str) -> None:
        if self._ready.pop(uuid, None):
            self._save()

    def _save(self) -> None:
        write_whole(self._file, json.dumps(self._ready))

    def _judge(self, uuid: str, watch: Watch, domain: "libvirt.virDomain") -> Optional[Verdict]:
        tree = ElementTree.fromstring(domain.XMLDesc(0))
        now = time.monotonic()
        # an old entry proves nothing, and libvirt logs each question that the kernel does not understand
        ask_arp = now - watch.since > ARP_MEMORY and int(now) % ARP_SECONDS == 0
        addresses, told_by = addresses_of(domain, tree, ask_agent=True, ask_arp=ask_arp)
        if told_by == "lease" and leases_of(domain, tree) <= watch.old_leases:
            addresses = []
        if addresses and watch.address_since is None:
            watch = self._watches[uuid] = watch._replace(address_since=now)
        has_nic = tree.find("devices/interface") is not None
        reason = ready_by(watch, addresses, told_by == "agent", has_nic, now)
        if reason:
            return Verdict("ready", reason, addresses)
        if not watch.late and now - watch.since > watch.mark.ready_timeout:
            return Verdict("not-ready", "NotReadyInTime", addresses, serial_tail(console_of(tree)))
        return None


def _read(file: Path) -> "dict[str, str]":
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        return {}  # then each is waited for again


def ready_by(watch: Watch, addresses: "list[str]", agent: bool, has_nic: bool, now: float) -> Optional[str]:
    """Why the VM is ready by its policy, in one word, or None."""
    policy = watch.mark.ready
    if policy == "running":
        return "Running"
    if policy == "agent":
        return "AgentAnswers" if agent else None
    if policy == "address":
        return "AddressKnown" if addresses else None
    if policy.startswith("port:"):
        return "PortOpen" if any(_open(address, int(policy[5:])) for address in addresses) else None
    if agent and (addresses or not has_nic):
        return "AgentAnswers"
    if addresses and watch.address_since is not None and now - watch.address_since > AGENT_PATIENCE:
        return "AddressKnown"
    return "Running" if not has_nic and now - watch.since > AGENT_PATIENCE else None


def serial_tail(path: Optional[str]) -> str:
    """The end of the console's file; control characters but line ends are left out."""
    try:
        data = Path(path or "").read_bytes()[-TAIL:] if path else b""
    except OSError:
        return ""
    text = data.decode(errors="replace")
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable())


def serial_tail_of(domain: "libvirt.virDomain") -> str:
    """The console's end of a domain that may be going."""
    try:
        return serial_tail(console_of(ElementTree.fromstring(domain.XMLDesc(0))))
    except libvirt.libvirtError:
        return ""


def _open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=PORT_SECONDS).close()
        return True
    except OSError:
        return False
