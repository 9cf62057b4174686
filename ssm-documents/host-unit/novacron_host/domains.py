"""libvirt's domains in our words: connection, look-up, our mark in the metadata, states and their reasons."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple, Optional

import libvirt

from .faults import Fault
from .place import Place

# Where libvirt notes the process of each domain that runs.
RUNNING = Path("/run/libvirt/qemu")
NAMESPACE = "https://novacron.dev/libvirt/1"

_RUNNING_REASONS = ("unknown", "booted", "migrated", "restored", "from-snapshot", "unpaused", "migration-canceled")
_PAUSED_REASONS = (
    "unknown", "user", "migration", "save", "dump", "ioerror", "watchdog", "from-snapshot", "shutting-down",
    "snapshot", "crashed", "starting-up",
)  # fmt: skip
_OFF_REASONS = ("unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot", "daemon")
# libvirt's state number: our word, and its words for the reason's number
_STATES = {
    libvirt.VIR_DOMAIN_RUNNING: ("running", _RUNNING_REASONS),
    libvirt.VIR_DOMAIN_BLOCKED: ("running", _RUNNING_REASONS),
    libvirt.VIR_DOMAIN_PAUSED: ("suspended", _PAUSED_REASONS),
    libvirt.VIR_DOMAIN_SHUTDOWN: ("stopping", ()),
    libvirt.VIR_DOMAIN_SHUTOFF: ("stopped", _OFF_REASONS),
    libvirt.VIR_DOMAIN_CRASHED: ("error", ("unknown", "panicked")),
    libvirt.VIR_DOMAIN_PMSUSPENDED: ("suspended", ()),
}


class Mark(NamedTuple):
    """What our metadata element says: whose domain it is, and how it is judged ready."""

    installation: str
    vm_id: str
    operation: str
    ready: str
    ready_timeout: int


def connect(uri: str = "qemu:///system") -> "libvirt.virConnect":
    """A connection whose errors are raised only, not printed too."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    return libvirt.open(uri)


def find(connection: "libvirt.virConnect", uuid: str) -> Optional["libvirt.virDomain"]:
    """The domain with this UUID, or None."""
    try:
        return connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        raise


def ours(place: Place, domain: "libvirt.virDomain", vm_id: str) -> "libvirt.virDomain":
    """The domain, if it is the VM that is meant. Raises Fault VmNotManaged."""
    mark = mark_of(ElementTree.fromstring(domain.XMLDesc(0)))
    if not mark or (mark.installation, mark.vm_id) != (place.installation, vm_id):
        raise Fault("VmNotManaged", f"domain {domain.name()} does not carry the mark of {vm_id}: it is left alone.")
    return domain


def existing(place: Place, connection: "libvirt.virConnect", uuid: str, vm_id: str) -> "libvirt.virDomain":
    """The domain of a VM. Raises Fault VmLost, VmNotManaged."""
    domain = find(connection, uuid)
    if not domain:
        raise Fault("VmLost", f"the host has no domain {uuid} any more")
    return ours(place, domain, vm_id)


def mark_of(tree: ElementTree.Element) -> Optional[Mark]:
    """Our metadata element of a domain's XML, or None for a stranger."""
    element = tree.find(f"metadata/{{{NAMESPACE}}}vm")
    if element is None:
        return None
    timeout = element.get("readyTimeoutSeconds", "")
    return Mark(
        element.get("installation", ""),
        element.get("id", ""),
        element.get("operation", ""),
        element.get("ready", "auto"),
        int(timeout) if timeout.isdigit() else 300,
    )


def mark_of_domain(domain: "libvirt.virDomain") -> Optional[Mark]:
    """The mark of a domain, or None: a stranger's, or it has just gone."""
    try:
        return mark_of(ElementTree.fromstring(domain.XMLDesc(0)))
    except libvirt.libvirtError:
        return None


def state_of(domain: "libvirt.virDomain") -> "tuple[str, str]":
    """State and reason in our words. A domain that is off after a crash is `error`, one with a memory image `saved`."""
    number, cause = domain.state()
    word, reasons = _STATES.get(number, ("error", ()))
    reason = reasons[cause] if cause < len(reasons) else str(cause)
    if word == "suspended" and reason == "starting-up":
        return "running", reason
    if word == "stopped" and reason in ("crashed", "failed"):
        return "error", reason
    if word == "stopped" and domain.hasManagedSaveImage():
        return "saved", reason
    return word, reason


def run_of(domain: "libvirt.virDomain") -> Optional[str]:
    """What tells this run of a domain from its earlier ones, or None where libvirt does not say."""
    try:
        return f"{domain.ID()}/{(RUNNING / (domain.name() + '.pid')).stat().st_mtime_ns}"
    except OSError:
        return None


def power_on(domain: "libvirt.virDomain") -> None:
    """Starts it; that somebody else has, a moment ago, is as good."""
    try:
        domain.create()
    except libvirt.libvirtError:
        if not domain.isActive():
            raise


def power_off(domain: "libvirt.virDomain") -> None:
    """Pulls the plug; that the guest has ended by itself, a moment ago, is as good."""
    try:
        domain.destroy()
    except libvirt.libvirtError:
        if domain.isActive():
            raise


def drop_memory(domain: "libvirt.virDomain") -> None:
    """Its next start boots anew: the image of its memory goes, where there is one."""
    if domain.hasManagedSaveImage():
        domain.managedSaveRemove()


def files_of(tree: ElementTree.Element) -> "list[str]":
    """The files a domain's XML names: disks, seed, console log."""
    found = [source.get("file") for source in tree.findall("devices/disk/source")]
    found += [log.get("file") for log in tree.findall("devices/serial/log")]
    found += [source.get("path") for source in tree.findall("devices/serial[@type='file']/source")]
    return [path for path in found if path]


def console_of(tree: ElementTree.Element) -> Optional[str]:
    """The file that the first serial console is logged to."""
    for path in ("devices/serial/log", "devices/console/log"):
        log = tree.find(path)
        if log is not None and log.get("file"):
            return log.get("file")
    source = tree.find("devices/serial[@type='file']/source")
    return source.get("path") if source is not None else None
