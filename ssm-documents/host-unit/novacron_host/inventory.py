"""What is on the host: every domain, ours or a stranger's, and the facts that change while it runs."""

import os
import shutil
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Optional

import libvirt

from . import images
from .domains import mark_of, state_of
from .io_errors import IoErrors
from .place import Place
from .qcow2 import header_of

GIB = 1 << 30
AGENT_SECONDS = 3
ADDRESS_SECONDS = 30.0
EMPTY_SECONDS = 10.0
_AGENT = "org.qemu.guest_agent.0"


class AddressBook:
    """Addresses of running domains, asked for again after a while: an agent that hangs costs seconds each time."""

    def __init__(self, installation: str):
        self._installation = installation
        self._known: "dict[str, tuple[float, list[str]]]" = {}

    def of(self, domain: "libvirt.virDomain", tree: ElementTree.Element) -> "list[str]":
        """The domain's addresses. The agents of strangers are left alone."""
        at, addresses = self._known.get(domain.UUIDString(), (0.0, []))
        if time.monotonic() - at > (ADDRESS_SECONDS if addresses else EMPTY_SECONDS):
            mark = mark_of(tree)
            ours = mark is not None and mark.installation == self._installation
            addresses = addresses_of(domain, tree, ask_agent=ours)[0]
            self._known[domain.UUIDString()] = (time.monotonic(), addresses)
        return addresses

    def note(self, uuid: str, addresses: "list[str]") -> None:
        """What the watch for readiness found out."""
        self._known[uuid] = (time.monotonic(), addresses)

    def forget(self, uuid: str) -> None:
        """It was started or stopped."""
        self._known.pop(uuid, None)


def inventory(connection: "libvirt.virConnect", book: AddressBook, io_errors: IoErrors) -> "list[dict]":
    """Every domain of the host; one that vanishes while it is looked at is left out."""
    found = []
    for domain in connection.listAllDomains():
        try:
            found.append(describe(domain, book, io_errors))
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
    return found


def describe(domain: "libvirt.virDomain", book: AddressBook, io_errors: IoErrors) -> dict:
    """One domain as the report carries it."""
    tree = ElementTree.fromstring(domain.XMLDesc(0))
    state, reason = state_of(domain)
    mark = mark_of(tree)
    marked = {"vmId": mark.vm_id, "installation": mark.installation, "operationId": mark.operation} if mark else {}
    return {
        "uuid": domain.UUIDString(),
        "name": domain.name(),
        "state": state,
        "reason": io_errors.reason_of(domain.UUIDString(), reason),
        "vcpus": int(tree.findtext("vcpu", "0")),
        "memoryMiB": domain.maxMemory() // 1024,
        **{key: value for key, value in marked.items() if value},
        "addresses": book.of(domain, tree) if state == "running" else [],
        "disks": [disk for disk in map(lambda element: _disk(domain, element), tree.findall("devices/disk")) if disk],
        "nics": [_nic(element) for element in tree.findall("devices/interface")],
    }


def agent_connected(tree: ElementTree.Element) -> bool:
    """Whether a guest agent holds its end of the channel open, by the live XML."""
    target = tree.find(f"devices/channel/target[@name='{_AGENT}']")
    return target is not None and target.get("state") == "connected"


def addresses_of(
    domain: "libvirt.virDomain", tree: ElementTree.Element, ask_agent: bool, ask_arp: bool = True
) -> "tuple[list[str], Optional[str]]":
    """Addresses and who told them: the agent, else the DHCP lease, else the ARP table; what fails is not known."""
    sources = [(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, "agent")] if ask_agent and agent_connected(tree) else []
    sources += [(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, "lease")]
    sources += [(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP, "arp")] if ask_arp else []
    told_by = None
    for source, name in sources:
        try:
            if name == "agent":
                domain.agentSetResponseTimeout(AGENT_SECONDS)
            nics = domain.interfaceAddresses(source)
        except libvirt.libvirtError:
            continue
        told_by = "agent" if name == "agent" else told_by
        found = [entry["addr"] for nic in nics.values() for entry in nic["addrs"] or [] if _of_use(entry["addr"])]
        if found:
            return found, told_by or name
    return [], told_by


def facts(place: Place, connection: "libvirt.virConnect") -> dict:
    """What changes on a host while it runs."""
    usage = shutil.disk_usage(place.pool)
    return {
        "freeGiB": round(usage.free / GIB, 2),
        "sizeGiB": round(usage.total / GIB, 2),
        "freeMemoryMiB": free_memory_mib(),
        "images": images.held(place),
        "networks": sorted(network.name() for network in connection.listAllNetworks(_ACTIVE)),
        "libvirtVersion": version_text(connection.getLibVersion()),
        "qemuVersion": version_text(connection.getVersion()),
        "kernel": os.uname().release,
    }


def leases_of(domain: "libvirt.virDomain", tree: ElementTree.Element) -> "frozenset[tuple[str, int]]":
    """The DHCP leases of the domain's NICs on libvirt's own networks: MAC and when it ends, which tells renewals."""
    found = set()
    for element in tree.findall("devices/interface[@type='network']"):
        mac, source = element.find("mac"), element.find("source")
        if mac is None or source is None:
            continue
        try:
            network = domain.connect().networkLookupByName(source.get("network", ""))
            found.update((lease["mac"], lease["expirytime"]) for lease in network.DHCPLeases(mac.get("address")))
        except libvirt.libvirtError:
            continue  # a network without DHCP of libvirt's
    return frozenset(found)


_ACTIVE = libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE


def version_text(number: int) -> str:
    """libvirt's version number as people write it."""
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def free_memory_mib() -> int:
    """What the kernel says could be given away without swapping."""
    with open("/proc/meminfo") as file:
        values = dict(line.split(":") for line in file)
    return int(values["MemAvailable"].split()[0]) // 1024


def _of_use(address: str) -> bool:
    return not address.startswith(("127.", "fe80:")) and address != "::1"


def _disk(domain: "libvirt.virDomain", element: ElementTree.Element) -> Optional[dict]:
    target, source = element.find("target"), element.find("source")
    if element.get("device", "disk") != "disk" or element.find("readonly") is not None or target is None:
        return None
    path = "" if source is None else source.get("file") or source.get("dev") or source.get("name") or ""
    size = _size(domain, str(target.get("dev")), path)
    return {"target": target.get("dev"), "path": path[:1024], "sizeGiB": round(size / GIB, 3)}


def _size(domain: "libvirt.virDomain", target: str, path: str) -> int:
    """Bytes of a disk. A qcow2 file tells it itself: libvirt would ask QEMU, which may hang, and with it whoever waits."""
    try:
        header = header_of(Path(path)) if path.startswith("/") and os.path.isfile(path) else None
        return header.size if header else domain.blockInfo(target)[0]
    except (OSError, libvirt.libvirtError):
        return 0


def _nic(element: ElementTree.Element) -> dict:
    mac, source = element.find("mac"), element.find("source")
    network = None if source is None else source.get("network") or source.get("bridge") or source.get("dev")
    nic = {"mac": "" if mac is None else mac.get("address", "")}
    return {**nic, "network": network} if network else nic
