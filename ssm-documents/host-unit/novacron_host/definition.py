"""
The last wall before libvirt: a definition may hold what lambdas/providers/kvm/domain-xml.ts writes, and nothing else.

libvirt obeys a domain's XML as root: it would open any file of the host, run any program as emulator, pass any option to
QEMU. Whatever reaches here by whatever mistake of the plane, a domain of ours has files of the pool only.
"""

import xml.etree.ElementTree as ElementTree

from .domains import NAMESPACE
from .faults import Fault
from .place import Place

LENGTH_LIMIT = 65_536
# Each element by its path, with the attributes that it may have; `=` gives the only values.
_SHAPE = """
domain type=kvm|qemu
domain/name
domain/uuid
domain/title
domain/metadata
domain/metadata/vm installation id operation ready readyTimeoutSeconds
domain/memory unit=MiB
domain/vcpu placement=static
domain/os
domain/os/type arch machine
domain/features
domain/features/acpi
domain/features/apic
domain/cpu mode check migratable
domain/clock offset
domain/clock/timer name tickpolicy present
domain/on_poweroff
domain/on_reboot
domain/on_crash
domain/devices
domain/devices/disk type=file device=disk|cdrom
domain/devices/disk/driver name=qemu type=qcow2|raw discard
domain/devices/disk/source file
domain/devices/disk/target dev bus
domain/devices/disk/boot order
domain/devices/disk/readonly
domain/devices/controller type model
domain/devices/interface type=network
domain/devices/interface/mac address
domain/devices/interface/source network
domain/devices/interface/model type=virtio
domain/devices/serial type=pty
domain/devices/serial/log file append
domain/devices/serial/target port
domain/devices/console type=pty
domain/devices/console/target type port
domain/devices/channel type=unix
domain/devices/channel/target type=virtio name=org.qemu.guest_agent.0
domain/devices/memballoon model
domain/devices/memballoon/stats period
domain/devices/rng model
domain/devices/rng/backend model=random
domain/devices/panic model
"""
_RULES = {
    path: {name: values.split("|") if values else None for name, _, values in (each.partition("=") for each in allowed)}
    for path, *allowed in (line.split() for line in _SHAPE.strip().splitlines())
}


def check_definition(place: Place, text: str, uuid: str) -> None:
    """Raises Fault SpecRefused for a definition that holds more than ours do, InvalidRequest where it is of another domain."""
    # No comment, no CDATA, no DOCTYPE with its entities: our serializer writes none.
    if len(text) > LENGTH_LIMIT or "<!" in text or "<?" in text:
        raise Fault("SpecRefused", "the domain XML is larger than ours are, or declares something")
    try:
        tree = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise Fault("SpecRefused", f"the domain XML cannot be read: {error}") from error
    _check_element(place, tree, tree.tag)
    if [element.text for element in tree.findall("uuid")] != [uuid]:
        raise Fault("InvalidRequest", "the domain XML is of another domain")


def _check_element(place: Place, element: ElementTree.Element, path: str) -> None:
    rules = _RULES.get(path)
    if rules is None:
        raise Fault("SpecRefused", f"a domain of ours has no {path[:200]}")
    for name, value in element.attrib.items():
        allowed = rules.get(name)
        if name not in rules or (allowed and value not in allowed):
            raise Fault("SpecRefused", f"in a domain of ours {path} has no {name[:50]}={value[:100]!r}")
        if name == "file":
            place.in_pool(value)
    if path.endswith("rng/backend") and element.text != "/dev/urandom":
        raise Fault("SpecRefused", "random numbers come from /dev/urandom")
    for child in element:
        tag = child.tag.replace(f"{{{NAMESPACE}}}vm", "vm") if path == "domain/metadata" else child.tag
        _check_element(place, child, f"{path}/{tag}")
