"""remove, undelete, undo-create. What is removed is kept under `retained/<VM id>` until its day, or purged at once."""

import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Iterable, Optional

import libvirt

from .domains import connect, files_of, find, ours, power_off, state_of
from .faults import Fault
from .handover import FETCH, take_back_order
from .payload import Order, instant
from .place import Place, write_whole

_VM_ID = re.compile(r"vm-[0-9a-hjkmnp-tv-z]{16}\Z")
DEFINITION = "domain.xml"
FACTS = "retained.json"


def remove(place: Place, order: Order) -> dict:
    """
    Takes the VM off the host. With `retainUntil` its disks, seed, console log and XML are kept aside, else all of it
    goes. Each stage may find that an earlier attempt has done it.
    """
    vm_id, until = _vm_id(order), order.payload.get("retainUntil")
    if until is not None:
        instant(until)
    kept = _retained(place, vm_id)
    domain = find(connect(), str(order.domain))
    definition = _definition(domain and ours(place, domain, vm_id), kept)
    files = _files(place, vm_id, definition)
    if definition and until:
        write_whole(kept / DEFINITION, definition, durable=True)
        write_whole(kept / FACTS, json.dumps({"retainUntil": until, "op": order.op}))
    if domain:
        _undefine(domain, keep_nvram=bool(until))
    if until:
        _move(files, kept)
    else:
        freed = _delete(files) + _size(kept)
        shutil.rmtree(kept, ignore_errors=True)
        return {"uuid": order.domain, "state": "gone", "detail": f"{freed} bytes freed"}
    return {"uuid": order.domain, "state": "gone", "detail": f"{_size(kept)} bytes retained until {until}"}


def undelete(place: Place, order: Order) -> dict:
    """Brings the definition and its files back; the VM stays stopped. Raises Fault VmLost."""
    vm_id = _vm_id(order)
    kept = _retained(place, vm_id)
    connection = connect()
    domain = find(connection, str(order.domain))
    if not domain:
        try:
            definition = (kept / DEFINITION).read_text()
        except FileNotFoundError:
            raise Fault("VmLost", "the host keeps nothing of this VM any more") from None
        _bring_back(place, kept, definition)
        domain = connection.defineXMLFlags(definition, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    else:
        ours(place, domain, vm_id)
        _bring_back(place, kept, domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
    domain.setAutostart(domain.isActive())
    shutil.rmtree(kept, ignore_errors=True)
    return {"uuid": order.domain, "state": state_of(domain)[0]}


def undo_create(place: Place, order: Order) -> dict:
    """
    Takes back what a create left. The fence has risen before this runs, so that no late create comes after it; the
    files are found by the VM's id, for the domain may never have been defined.
    """
    from . import images  # with what it imports: no other verb of this file pays for it

    vm_id = _vm_id(order)
    domain = find(connect(), str(order.domain))
    definition = _definition(domain and ours(place, domain, vm_id), _retained(place, vm_id))
    files = _files(place, vm_id, definition)
    if domain:
        _undefine(domain, keep_nvram=False)
    freed = _delete(files)
    take_back_order(place, str(order.domain), FETCH)
    images.sweep(place)
    return {"uuid": order.domain, "state": "gone", "detail": f"{freed} bytes freed"}


def _vm_id(order: Order) -> str:
    vm_id = order.payload["vm"]["id"]
    if not _VM_ID.match(vm_id):
        raise Fault("InvalidRequest", "the VM id is not one of ours")
    return vm_id


def _retained(place: Place, vm_id: str) -> Path:
    return place.pool / "retained" / vm_id


def _definition(domain: "Optional[libvirt.virDomain]", kept: Path) -> Optional[str]:
    """The XML of the domain, else the one an earlier attempt put aside."""
    if domain:
        return domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE)
    try:
        return (kept / DEFINITION).read_text()
    except FileNotFoundError:
        return None


def _files(place: Place, vm_id: str, definition: Optional[str]) -> "list[Path]":
    """Files of this VM that exist in the pool: those its XML names and those that bear its id; never a base image."""
    named = files_of(ElementTree.fromstring(definition)) if definition else []
    homes = [place.pool / "disks", place.pool / "seeds"]
    found = {Path(path) for path in named if Path(path).parent in homes}
    for home in homes:
        found.update(home.glob(f"{vm_id}[-.]*"))
    return sorted(path for path in found if path.is_file())


def _undefine(domain: "libvirt.virDomain", keep_nvram: bool) -> None:
    if domain.isActive():
        power_off(domain)
    nvram = libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM if keep_nvram else libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    domain.undefineFlags(
        libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
        | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        | nvram
    )


def _move(files: Iterable[Path], kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True, mode=0o711)  # files whose domain somebody undefined are kept all the same
    for path in files:
        os.replace(path, kept / path.name)


def _bring_back(place: Place, kept: Path, definition: str) -> None:
    homes = {Path(path).name: Path(path) for path in files_of(ElementTree.fromstring(definition))}
    for path in sorted(kept.glob("*")) if kept.exists() else []:
        home = homes.get(path.name)
        if home and place.in_pool(str(home)):
            os.replace(path, home)


def _delete(files: Iterable[Path]) -> int:
    freed = 0
    for path in files:
        freed += path.stat().st_blocks * 512
        path.unlink(missing_ok=True)
    return freed


def _size(directory: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in directory.glob("*")) if directory.exists() else 0
