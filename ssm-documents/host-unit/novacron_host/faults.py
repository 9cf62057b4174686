"""Failures with the names of lambdas/domain/faults.ts, and libvirt's error codes in these names."""

import errno


class Fault(Exception):
    """A failure with one of our names; `detail` is for the person and says what to do."""

    def __init__(self, name: str, detail: str):
        super().__init__(detail)
        self.name = name
        self.detail = detail


# Numbers of https://libvirt.org/html/libvirt-virterror.html#virErrorNumber, so that libvirt need not be imported here.
_NO_CONNECTION = {5, 39}  # NO_CONNECT, RPC
_LINK = 7  # VIR_FROM_RPC, the domain of errors of the connection itself
_LINK_BROKEN = {1, 38}  # INTERNAL_ERROR, SYSTEM_ERROR: there it was closed, or nobody listens
_REFUSED_XML = {8, 27, 35, 67, 92}  # INVALID_ARG, XML_ERROR, XML_DETAIL, CONFIG_UNSUPPORTED, XML_INVALID_SCHEMA
_NO_DOMAIN = 42
_NO_NETWORK = 43
_NO_SPACE_TEXT = "No space left on device"


def from_libvirt(error) -> Fault:
    """The fault that a libvirtError stands for; by code, never by text (text is translated), disk space excepted."""
    code = error.get_error_code()
    text = " ".join(str(error).split())
    if code == _NO_DOMAIN:
        return Fault("VmLost", f"libvirt does not know the domain: {text}")
    if _NO_SPACE_TEXT in text:
        return disk_full(text)
    if code in _REFUSED_XML:
        return Fault("SpecRefused", f"libvirt refuses the definition: {text}")
    if code == _NO_NETWORK:
        return Fault("SpecRefused", f"{text}: start that network on the host, or choose one that the host has.")
    if code in _NO_CONNECTION or (code in _LINK_BROKEN and error.get_error_domain() == _LINK):
        return Fault("HostUnreachable", f"libvirt does not answer on the host ({text}): is libvirtd running?")
    return Fault("HostFault", f"libvirt: {text}")


def disk_full(text: str) -> Fault:
    """The host has no space."""
    return Fault("DiskFull", f"{text}: free space in the host's pool, or purge retained VMs.")


def from_os(error: OSError) -> Fault:
    """The fault that an OSError stands for."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(str(error))
    return Fault("HostFault", f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
