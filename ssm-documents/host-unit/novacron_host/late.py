"""What documents leave for the host unit to do: asking the agent of a deaf guest, and telling of broken-off fetches."""

import json
import time

import libvirt

from . import answer
from .create import leave_result, worker_lock
from .faults import Fault
from .fence import locked
from .place import Place

# A guest that has not begun to shut down this long after the power button is asked through its agent.
DEAF_AFTER = 10.0
FORGET_AFTER = 3600.0
STARTING = 30.0


def ask_agents(place: Place, connection: "libvirt.virConnect") -> None:
    """Asks the agents of guests that did not hear the button; once each, errors mean there is no agent."""
    for note in (place.state / "asks").glob("*-*"):
        age = time.time() - note.stat().st_mtime
        if age < DEAF_AFTER:
            continue
        note.unlink(missing_ok=True)
        try:
            domain = connection.lookupByUUIDString(note.name)
            if age < FORGET_AFTER and domain.isActive():
                domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
        except libvirt.libvirtError:
            continue


def interrupted(place: Place) -> bool:
    """Turns fetches whose process is gone (a reboot, a kill) into failures to report; whether there were any."""
    found = False
    for left in (place.state / "fetch").glob("*-*.json"):
        if time.time() - left.stat().st_mtime < STARTING or _lives(place, left.stem):
            continue
        order = json.loads(left.read_text())
        said = answer.failure("HostFault", "the fetch of the image was broken off on the host: try again.")
        leave_result(place, order["op"], order["attempt"], said)
        left.unlink(missing_ok=True)
        found = True
    return found


def _lives(place: Place, domain: str) -> bool:
    try:
        with locked(worker_lock(place, domain), 0):
            return False
    except Fault:
        return True
