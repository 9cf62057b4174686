"""enrol-host, upgrade-unit and remove-unit: installs, checks and starts the unit; takes it away. VMs are never touched."""

import importlib
import json
import os
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from . import identity, service
from .command import version
from .faults import Fault
from .payload import Order
from .place import Place, write_whole

POOL_PARTS = ("images", "disks", "seeds", "retained")


def enrol(place: Place, order: Order) -> dict:
    """
    Writes the configuration and checks the host; where every check that must hold does, makes this version the
    current one and starts its service. Returns the host's facts, which say what to do about each check that failed.

    Raises Fault EnrolmentRefused where there is no libvirt to ask.
    """
    payload = order.payload
    if payload["installation"] != place.installation:
        raise Fault("InvalidRequest", "the payload is of another installation")
    _configure(place, payload)
    for part in POOL_PARTS:
        (place.pool / part).mkdir(parents=True, exist_ok=True, mode=0o711)
    facts = _facts(place, payload)
    if all(check["ok"] for check in facts["checks"] if check["required"]):
        _make_current(place)
        service.start(place)
    return facts


def upgrade_unit(place: Place, order: Order) -> dict:
    """
    Makes this version the current one and restarts its service; configuration, token, queue and journal are kept.

    Raises Fault HostUnitOutdated on a machine that is not that host (any more).
    """
    if place.config().get("hostId") != order.payload["hostId"]:
        raise Fault("HostUnitOutdated", "this machine is not that host: enrol it again")
    importlib.import_module("novacron_host.unit")  # what cannot even be loaded must not take the place of what runs
    _make_current(place)
    service.start(place)
    return {"state": "upgraded", "unitVersion": version()}


def remove_unit(place: Place, order: Order) -> dict:
    """Takes service, code, configuration and state away; VMs, their disks, what these stand on and the journal stay."""
    from . import images

    service.stop(place)
    images.drop(place, images.held(place))
    for path in place.state.glob("*"):
        if path.name not in ("journal", "locks"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in (place.settings, place.run):
        shutil.rmtree(path, ignore_errors=True)
    # last, and first the name by which documents find it: half a program must not be run
    (place.code / "current").unlink(missing_ok=True)
    shutil.rmtree(place.code, ignore_errors=True)
    return {"state": "gone", "detail": f"host {order.payload.get('hostId', '')} is no host of {place.installation} now"}


def _configure(place: Place, payload: dict) -> None:
    place.settings.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = ("hostId", "hostName", "apiUrl", "poolPath", "beatSeconds", "proxy")
    config = {key: payload[key] for key in kept if payload.get(key) is not None}
    write_whole(place.config_file, json.dumps(config, indent=2), durable=True)
    write_whole(place.token_file, payload["token"], durable=True)


def _facts(place: Place, payload: dict) -> dict:
    try:
        import libvirt
    except ImportError:
        raise Fault(
            "EnrolmentRefused", "python3 has no libvirt: apt-get install python3-libvirt (dnf install python3-libvirt)."
        ) from None
    from . import checks
    from .accel import accel_of
    from .domains import connect
    from .inventory import facts, free_memory_mib

    try:
        connection = connect()
    except libvirt.libvirtError as error:
        raise Fault(
            "EnrolmentRefused", f"libvirt does not answer ({error}): apt-get install libvirt-daemon-system, then"
            " systemctl enable --now libvirtd."
        ) from None  # fmt: skip
    now = facts(place, connection)
    accel = accel_of(place, connection)
    found = [
        checks.libvirt_check(connection.getLibVersion(), now["libvirtVersion"]),
        checks.qemu_check(now["qemuVersion"]),
        checks.pool_check(place),
        checks.network_check(now["networks"]),
        checks.guests_check(),
        *checks.plane_check(payload["apiUrl"], place.proxy()),
        checks.agent_check(),
        checks.accel_check(accel),
    ]
    return {
        "libvirtVersion": now["libvirtVersion"],
        "qemuVersion": now["qemuVersion"],
        "cpuModel": _cpu_model(),
        "cores": connection.getInfo()[2],
        "memoryMiB": _memory_mib(),
        "freeMemoryMiB": free_memory_mib(),
        "accel": accel.kind,
        **({"accelReason": accel.reason} if accel.reason else {}),
        "kernel": now["kernel"],
        "pool": {"path": str(place.pool), "sizeGiB": now["sizeGiB"], "freeGiB": now["freeGiB"]},
        "networks": now["networks"],
        "machineTypes": _machine_types(connection.getCapabilities()),
        "unitVersion": version(),
        "identity": identity.last_link(place),
        "checks": found,
    }


def _make_current(place: Place) -> None:
    """`current` points to the directory this program runs from; the version before stays: its jobs may still run."""
    here = Path(__file__).resolve().parent.parent
    if here.parent != place.code:
        return  # run from its sources, in a test
    link = place.code / "current"
    before = os.readlink(link) if link.is_symlink() else None
    fresh = place.code / ".current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(here.name)
    os.replace(fresh, link)
    for path in place.code.iterdir():
        if path.name not in (here.name, link.name, before):
            shutil.rmtree(path, ignore_errors=True)


def _cpu_model() -> str:
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return "unknown"


def _memory_mib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def _machine_types(capabilities: str) -> "list[str]":
    """The names by which people choose (`pc`, `q35`), not each version of them."""
    machines = ElementTree.fromstring(capabilities).findall("guest/arch[@name='x86_64']/machine[@canonical]")
    return sorted({machine.text for machine in machines if machine.text})
