"""Finds out how guests really run here, by booting a real Linux kernel: /dev/kvm may open and yet boot nothing."""

import glob
import json
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple, Optional
from xml.etree import ElementTree

import libvirt

from .place import Place, write_whole

BANNER = b"Linux version"
KVM_SECONDS = 20.0
# Emulation is slower, and the machine may be busy.
TCG_SECONDS = 40.0
KERNEL_NAME = "probe.vmlinuz"


class Accel(NamedTuple):
    """`kvm`, `tcg` or `none`; the reason is there where it is not kvm."""

    kind: str
    reason: Optional[str]


def accel_of(place: Place, connection: "libvirt.virConnect") -> Accel:
    """The finding, remembered until kernel or QEMU changes."""
    memory = place.state / "accel.json"
    of = f"{os.uname().release} {connection.getVersion()}"
    try:
        known = json.loads(memory.read_text())
        if known["of"] == of and known["kind"] != "none":
            return Accel(known["kind"], known["reason"])
    except (FileNotFoundError, KeyError, ValueError):
        pass
    found = _probe(place, connection)
    write_whole(memory, json.dumps({"of": of, **found._asdict()}))
    return found


def kernel_to_boot(place: Place) -> Optional[str]:
    """The host's own kernel, else any it has, else the one that was left for the purpose."""
    own = [f"/boot/vmlinuz-{os.uname().release}", *sorted(glob.glob("/boot/vmlinuz-*"), reverse=True)]
    for path in [*own, str(place.state / KERNEL_NAME)]:
        if os.path.isfile(path):
            return path
    return None


def _probe(place: Place, connection: "libvirt.virConnect") -> Accel:
    kernel = kernel_to_boot(place)
    if not kernel:
        return Accel("none", f"no kernel to try with: put one at {place.state / KERNEL_NAME}")
    directory = place.pool / "probe"
    directory.mkdir(parents=True, exist_ok=True, mode=0o711)
    try:
        # a copy: libvirt gives what it boots to QEMU's user, and /boot is not ours
        copied = shutil.copyfile(kernel, directory / "kernel")
        kvm = _boots(connection, "kvm", copied, directory, KVM_SECONDS)
        if not kvm:
            return Accel("kvm", None)
        tcg = _boots(connection, "qemu", copied, directory, TCG_SECONDS)
        return Accel("none", f"kvm: {kvm}; qemu: {tcg}") if tcg else Accel("tcg", f"kvm: {kvm}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _boots(connection, kind: str, kernel: Path, directory: Path, seconds: float) -> Optional[str]:
    """None when the kernel's banner comes on the console in time, else why not."""
    log = directory / f"{kind}.log"
    try:
        domain = connection.createXML(_domain_xml(kind, kernel, log), libvirt.VIR_DOMAIN_START_AUTODESTROY)
    except libvirt.libvirtError as error:
        return f"the domain does not start: {' '.join(str(error).split())}"
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if log.exists() and BANNER in log.read_bytes():
                return None
            time.sleep(0.2)
    finally:
        try:
            domain.destroy()
        except libvirt.libvirtError:
            pass  # its kernel had no root file system and may have ended it
    return f"a Linux kernel says nothing on its console for {seconds:.0f} s"


def _domain_xml(kind: str, kernel: Path, log: Path) -> str:
    domain = ElementTree.Element("domain", type=kind)

    def add(parent: ElementTree.Element, tag: str, text: Optional[str] = None, **attributes: str) -> ElementTree.Element:
        child = ElementTree.SubElement(parent, tag, attributes)
        child.text = text
        return child

    add(domain, "name", f"novacron-probe-{os.getpid()}")
    add(domain, "memory", "256", unit="MiB")
    add(domain, "vcpu", "1")
    system = add(domain, "os")
    add(system, "type", "hvm", arch="x86_64", machine="pc")
    add(system, "kernel", str(kernel))
    add(system, "cmdline", "console=ttyS0 earlyprintk=ttyS0 panic=-1 nokaslr")
    add(add(domain, "features"), "acpi")
    add(domain, "on_reboot", "destroy")
    add(domain, "on_crash", "destroy")
    devices = add(domain, "devices")
    add(add(devices, "serial", type="pty"), "log", file=str(log))
    add(devices, "memballoon", model="none")
    return ElementTree.tostring(domain, encoding="unicode")
