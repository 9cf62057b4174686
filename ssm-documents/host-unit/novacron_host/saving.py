"""
A stop that keeps the guest's memory on the host's disk (libvirt's managed save), from which the next start goes on.

It takes as long as the disk does, so it goes on in the background: the document answers `stopping`, and libvirt's event, or
the outcome that is left for the host unit, tells the end. What fails leaves the VM running.
"""

import shutil
import threading

import libvirt

from . import answer
from .command import attempt
from .domains import connect, existing, state_of
from .faults import Fault, disk_full
from .fence import Fence, locked
from .handover import SAVE, go_on, leave_result, left_order, take_back_order, worker_lock
from .payload import Order
from .place import Place

MIB = 1 << 20
# The disk that saves lie on is the host's own: it is never filled.
RESERVE = 512 * MIB
# Before the plane's patience is over: it is told why.
EARLIER_SECONDS = 5.0
LEAST_SECONDS = 5.0
# One of an attempt before is waited for.
OTHER_SECONDS = 900.0


def begin(place: Place, order: Order, domain: "libvirt.virDomain") -> dict:
    """Sees to it that the VM is saved. Raises Fault DiskFull, before the guest notices anything, where its memory may not fit."""
    _assert_room(place, domain)
    go_on(place, order, SAVE)
    return {"state": "stopping", "detail": "its memory is being saved"}


def save(place: Place, uuid: str) -> None:
    """The background half: saves, unless something overtook it, and leaves the outcome for the unit to report."""
    with locked(worker_lock(place, uuid, SAVE), OTHER_SECONDS):
        order = left_order(place, uuid, SAVE)
        if not order:
            return
        fence = Fence(place, uuid)
        with fence.lock():
            is_held = fence.holds(order)
        # without the lock, so that whoever gives up is let in; libvirt does one thing with a domain at a time
        overtaken = answer.failure("CommandFenced", "it was overtaken before its memory was saved")
        said = attempt(lambda: _saved(place, order)) if is_held else overtaken
        with fence.lock():
            if fence.holds(order):
                fence.record(order, said)
        leave_result(place, order.op, order.attempt, said)
        if left_order(place, uuid, SAVE) == order:  # else it is the next attempt's, whose process waits for this one
            take_back_order(place, uuid, SAVE)


def _assert_room(place: Place, domain: "libvirt.virDomain") -> None:
    """All of its memory at the worst; pages that the guest never used take nothing."""
    home = place.saves if place.saves.is_dir() else place.saves.parent
    needed, free = domain.maxMemory() * 1024, shutil.disk_usage(home).free - RESERVE
    if needed > free:
        raise disk_full(f"its memory may take {needed // MIB} MiB in {place.saves}, and {max(0, free // MIB)} MiB are free there")


def _saved(place: Place, order: Order) -> dict:
    domain = existing(place, connect(), str(order.domain), order.payload["vm"]["id"])
    autostart = domain.autostart()
    domain.setAutostart(0)  # first: saved, it must not come back with its host, whoever dies meanwhile
    try:
        if domain.isActive():
            _save_within(domain, max(LEAST_SECONDS, order.payload["graceSeconds"] - EARLIER_SECONDS))
    except BaseException:
        domain.setAutostart(autostart)
        raise
    state, reason = state_of(domain)
    return {"uuid": domain.UUIDString(), "state": state, "detail": reason}


def _save_within(domain: "libvirt.virDomain", seconds: float) -> None:
    """Ends what takes longer; the guest goes on where it was paused. Raises Fault DiskFull, HostFault."""
    over = threading.Event()

    def give_up() -> None:
        over.set()
        try:
            domain.abortJob()
        except libvirt.libvirtError:
            pass  # it has just ended by itself

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        domain.managedSave(libvirt.VIR_DOMAIN_SAVE_RUNNING)
    except libvirt.libvirtError as error:
        if not domain.isActive():
            return  # it has ended by itself, or another has saved it
        raise _refusal(f"not done within {seconds:.0f} s" if over.is_set() else " ".join(str(error).split())) from error
    finally:
        timer.cancel()
        _go_on_running(domain)


def _go_on_running(domain: "libvirt.virDomain") -> None:
    """libvirt does so by itself, as far as it gets."""
    if domain.isActive() and state_of(domain)[0] == "suspended":
        domain.resume()


def _refusal(why: str) -> Fault:
    if "No space left on device" in why:
        return disk_full(f"its memory was not saved, and it goes on running: {why}")
    return Fault("HostFault", f"its memory was not saved, and it goes on running: {why}. Stop it without saving, if need be.")
