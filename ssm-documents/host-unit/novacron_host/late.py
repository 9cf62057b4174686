"""What documents leave for the host unit to do: asking the agent of a deaf guest, and telling of what was broken off."""

import json
import time
from pathlib import Path

import libvirt

from . import answer
from .domains import run_of
from .faults import Fault
from .fence import locked
from .handover import FETCH, SAVE, leave_result, worker_lock
from .place import Place

# A guest that has not begun to shut down this long after the power button is asked through its agent.
DEAF_AFTER = 10.0
STARTING = 30.0
_BROKEN_OFF = {
    FETCH: "the fetch of the image was broken off on the host: try again.",
    SAVE: "the save was broken off on the host: the VM's state tells whether it went on.",
}


class Late:
    """Ages count from when this unit saw a thing first: the host's clock may leap either way."""

    def __init__(self, place: Place):
        self._place = place
        self._seen: "dict[str, tuple[int, float]]" = {}

    def ask_agents(self, connection: "libvirt.virConnect") -> None:
        """Asks the agents of guests that did not hear the button; once each, errors mean there is no agent."""
        for note in (self._place.state / "asks").glob("*-*"):
            if self._age(note) < DEAF_AFTER:
                continue
            run = note.read_text()
            note.unlink()
            try:
                domain = connection.lookupByUUIDString(note.name)
                # the run that was to end: it may have ended, and been started again
                if domain.isActive() and run and run == run_of(domain):
                    domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
            except libvirt.libvirtError:
                continue

    def interrupted(self) -> bool:
        """Turns work whose process is gone (a reboot, a kill) into failures to report; whether there was any."""
        found = False
        for work, detail in _BROKEN_OFF.items():
            for left in (self._place.state / work).glob("*-*.json"):
                if self._age(left) < STARTING or _lives(self._place, left.stem, work):
                    continue
                order = json.loads(left.read_text())
                leave_result(self._place, order["op"], order["attempt"], answer.failure("HostFault", detail))
                left.unlink(missing_ok=True)
                found = True
        return found

    def _age(self, path: Path) -> float:
        try:
            written = path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0.0  # taken back just now
        now = time.monotonic()
        known, since = self._seen.get(str(path), (written, now))
        self._seen[str(path)] = (written, since if known == written else now)
        return now - self._seen[str(path)][1]


def _lives(place: Place, domain: str, work: str) -> bool:
    try:
        with locked(worker_lock(place, domain, work), 0):
            return False
    except Fault:
        return True
