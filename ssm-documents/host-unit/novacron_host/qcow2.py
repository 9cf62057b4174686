"""What a qcow2 file's header says (QEMU's docs/interop/qcow2.rst), read past a running QEMU and its locks."""

import os
import struct
from pathlib import Path
from typing import NamedTuple, Optional

_MAGIC = b"QFI\xfb"
# magic, version, where the name of the backing file lies and how long it is, bits of a cluster, bytes of the disk
_HEADER = struct.Struct(">4sIQIIQ")


class Header(NamedTuple):
    """A qcow2 file."""

    backing: Optional[str]
    size: int


def header_of(path: Path) -> Optional[Header]:
    """The header, or None where there is no such file, or one of another format."""
    try:
        with open(path, "rb") as file:
            start = file.read(_HEADER.size)
            if len(start) < _HEADER.size:
                return None
            magic, _, offset, length, _, size = _HEADER.unpack(start)
            if magic != _MAGIC:
                return None
            file.seek(offset)
            return Header(os.fsdecode(file.read(length)) if offset else None, size)
    except FileNotFoundError:
        return None


def backing_of(path: Path) -> Optional[str]:
    """The backing file that the header names."""
    header = header_of(path)
    return header.backing if header else None
