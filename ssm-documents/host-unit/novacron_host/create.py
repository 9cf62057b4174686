"""create-vm: thin clone, seed, define, autostart, start. Done twice it makes one VM; what fails takes its things back."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack
from pathlib import Path
from typing import Optional

import libvirt

from . import answer
from .command import attempt
from .definition import check_definition
from .domains import connect, find, ours, power_off, power_on, state_of
from .faults import Fault
from .fence import Fence, locked
from .handover import FETCH, go_on, leave_result, left_order, take_back_order, worker_lock
from .images import SECONDS_LIMIT, Base, at_once, cached, use
from .payload import Order
from .place import Place

GIB = 1 << 30
LARGEST_GIB = 65_536
USER_DATA_LIMIT = 1 << 20
QEMU_IMG_SECONDS = 60
FETCHING = {"state": "fetching"}


def create(place: Place, order: Order) -> dict:
    """
    Makes the VM and starts it. Where its image must be fetched first that goes on in the background, the answer says
    `fetching`, and the host unit reports the outcome.
    """
    _check(place, order)
    specs = [disk["base"] for disk in order.payload["disks"] if disk.get("base")]
    if all(cached(place, spec) or at_once(spec) for spec in specs):
        with ExitStack() as kept:
            return _build(place, order, _bases(place, order, kept))
    go_on(place, order, FETCH)
    return FETCHING


def fetch_and_create(place: Place, domain: str) -> None:
    """
    The background half: fetches without the VM's lock, so that undo can pass; builds only if nothing overtook it. One of
    an attempt before is waited for.
    """
    with locked(worker_lock(place, domain, FETCH), SECONDS_LIMIT), ExitStack() as kept:
        order = left_order(place, domain, FETCH)
        if not order:
            return
        fetched = attempt(lambda: {"fetched": len(_bases(place, order, kept))})
        fence = Fence(place, domain)
        with fence.lock():
            if not fence.holds(order):
                said = answer.failure("CommandFenced", "it was overtaken while its image was fetched")
            elif fetched["ok"]:
                said = attempt(lambda: create(place, order))
            else:
                said = fetched
            fence.record(order, said)
        leave_result(place, order.op, order.attempt, said)
        if left_order(place, domain, FETCH) == order:  # else it is the next attempt's, whose process waits for this one
            take_back_order(place, domain, FETCH)


def _bases(place: Place, order: Order, kept: ExitStack) -> "list[Optional[Base]]":
    """What each disk stands on, fetched if need be and not dropped while `kept` is open."""
    specs = [disk.get("base") for disk in order.payload["disks"]]
    return [use(place, spec, kept) if spec else None for spec in specs]


def _check(place: Place, order: Order) -> None:
    payload = order.payload
    for path in [payload["seed"]["path"], payload["console"], *(disk["path"] for disk in payload["disks"])]:
        place.in_pool(path)
    for size in (disk["sizeGiB"] for disk in payload["disks"]):
        if type(size) not in (int, float) or not 0 < size <= LARGEST_GIB:
            raise Fault("InvalidRequest", f"a disk has more than 0 and at most {LARGEST_GIB} GiB")
    check_definition(place, payload["domainXml"], str(order.domain))


def _build(place: Place, order: Order, bases: "list[Optional[Base]]") -> dict:
    payload = order.payload
    connection = connect()
    domain = find(connection, str(order.domain))
    with ExitStack() as undo:
        if domain:
            ours(place, domain, payload["vm"]["id"])
        if not domain or not domain.isActive():
            for disk, base in zip(payload["disks"], bases):
                _make_disk(place.in_pool(disk["path"]), round(disk["sizeGiB"] * GIB), base, undo)
            _make_seed(place, payload["seed"], undo)
        if not domain:
            undo.callback(_undefine, connection, str(order.domain), undo)
            domain = connection.defineXMLFlags(payload["domainXml"], libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
        domain.setAutostart(1)
        if not domain.isActive():
            power_on(domain)
        undo.pop_all()
    return _result(domain, payload)


def _make_disk(path: Path, size: int, base: Optional[Base], undo: ExitStack) -> None:
    """A thin clone, or an empty disk; one that is there already is an earlier attempt's and stays."""
    if path.exists():
        return
    if base and size < base.virtual_size:
        raise Fault("SpecRefused", f"the image's disk is {base.virtual_size / GIB:.2f} GiB; {size / GIB:.2f} is too small")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    # A name that undo and remove find by the VM's id; the disk's own is for a whole one, that nobody else can read.
    fresh = path.with_name(f"{path.name}.new")
    for made in (path, fresh):
        undo.callback(made.unlink, missing_ok=True)
    backing = ["-b", str(base.path), "-F", base.format] if base else []
    done = subprocess.run(
        ["/usr/bin/qemu-img", "create", "-q", "-f", "qcow2", *backing, str(fresh), str(size)],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=QEMU_IMG_SECONDS,
    )  # fmt: skip
    if done.returncode != 0:
        text = done.stderr.decode(errors="replace").strip()[-300:]
        raise Fault("DiskFull" if "No space left" in text else "HostFault", f"qemu-img create: {text}")
    os.chmod(fresh, 0o600)
    with open(fresh, "rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, path)


def _make_seed(place: Place, spec: dict, undo: ExitStack) -> None:
    from .seed import iso_image

    files = {"meta-data": spec["metaData"].encode(), "user-data": _user_data(spec["userData"], place.proxy())}
    if spec.get("networkConfig"):
        files["network-config"] = spec["networkConfig"].encode()
    path = place.in_pool(spec["path"])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    undo.callback(path.unlink, missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(iso_image(files))
        file.flush()
        os.fsync(file.fileno())


def _user_data(spec: dict, proxy: Optional[str]) -> bytes:
    """The text itself, or what lies at the plane's own presigned URL (the plane's word needs no check of addresses)."""
    if "url" not in spec:
        return spec["text"].encode()
    import io

    from .fetching import Limits, fetch

    into = io.BytesIO()
    fetch(spec["url"], spec["sha256"], into, Limits(USER_DATA_LIMIT, 20, None, proxy))
    return into.getvalue()


def _undefine(connection: "libvirt.virConnect", uuid: str, undo: ExitStack) -> None:
    """What libvirt may have taken though it never said so (it died) keeps its files: the next attempt, or undo, finds both."""
    try:
        domain = find(connection, uuid)
        if not domain:
            return
        if domain.isActive():
            power_off(domain)
        domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM)
    except libvirt.libvirtError as error:
        undo.pop_all()
        print(f"undo: {error}", file=sys.stderr)  # the failure that is being undone is the one to tell


def _result(domain: "libvirt.virDomain", payload: dict) -> dict:
    tree = ElementTree.fromstring(payload["domainXml"])
    return {
        "uuid": domain.UUIDString(),
        "state": state_of(domain)[0],
        "macs": [mac.get("address") for mac in tree.findall("devices/interface/mac")],
        "disks": [{"path": disk["path"], "sizeGiB": disk["sizeGiB"]} for disk in payload["disks"]],
        "console": payload["console"],
    }
