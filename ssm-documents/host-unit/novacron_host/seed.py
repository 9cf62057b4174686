"""Writes a NoCloud seed: an ISO 9660 image (ECMA-119) with Joliet names, label `cidata`, a few small files in its root.

Written here so that a host needs neither genisoimage nor a shell. Linux takes the Joliet names where no Rock Ridge
is; the plain names are given in lower case too (as genisoimage -allow-lowercase does).
"""

import struct
import time
from typing import Mapping

SECTOR = 2048
LABEL = "cidata"
_PRIMARY, _JOLIET, _END = 16, 17, 18
_PATH_TABLES = {_PRIMARY: (19, 20), _JOLIET: (21, 22)}
_ROOTS = {_PRIMARY: 23, _JOLIET: 24}
_FIRST_FILE = 25
# As cdrtools does: readers that look for other file systems read on, and an end within their buffer is an error.
_PADDING = 150
_DIRECTORY, _FILE = 2, 0


def iso_image(files: Mapping[str, bytes]) -> bytes:
    """The image; names are those of the NoCloud files, all in one directory sector."""
    places, sector = {}, _FIRST_FILE
    for name, data in files.items():
        places[name] = (sector, len(data))
        sector += max(1, -(-len(data) // SECTOR))
    image = bytearray((sector + _PADDING) * SECTOR)
    for volume in (_PRIMARY, _JOLIET):
        _put(image, volume, _descriptor(volume, sector))
        little, big = _PATH_TABLES[volume]
        _put(image, little, struct.pack("<BBIHH", 1, 0, _ROOTS[volume], 1, 0))
        _put(image, big, struct.pack(">BBIHH", 1, 0, _ROOTS[volume], 1, 0))
        _put(image, _ROOTS[volume], _root(volume, places))
    _put(image, _END, b"\xffCD001\x01")
    for name, data in files.items():
        _put(image, places[name][0], data)
    return bytes(image)


def _put(image: bytearray, sector: int, data: bytes) -> None:
    image[sector * SECTOR : sector * SECTOR + len(data)] = data


def _both(form: str, value: int) -> bytes:
    """A number in both byte orders, as the standard wants."""
    return struct.pack(f"<{form}", value) + struct.pack(f">{form}", value)


def _text(volume: int, text: str, length: int) -> bytes:
    if volume == _JOLIET:
        return text.encode("utf-16-be").ljust(length, b"\0")[:length]
    return text.encode("ascii").ljust(length)[:length]


def _record(name: bytes, sector: int, length: int, kind: int) -> bytes:
    padding = b"" if len(name) % 2 else b"\0"
    now = time.gmtime()
    stamp = bytes((now.tm_year - 1900, now.tm_mon, now.tm_mday, now.tm_hour, now.tm_min, now.tm_sec, 0))
    body = b"\0" + _both("I", sector) + _both("I", length) + stamp + bytes((kind, 0, 0)) + _both("H", 1)
    body += bytes((len(name),)) + name + padding
    return bytes((len(body) + 1,)) + body


def _root(volume: int, places: Mapping[str, "tuple[int, int]"]) -> bytes:
    here = _ROOTS[volume]
    records = _record(b"\0", here, SECTOR, _DIRECTORY) + _record(b"\1", here, SECTOR, _DIRECTORY)
    for name in sorted(places):
        encoded = name.encode("utf-16-be") if volume == _JOLIET else name.encode("ascii") + b".;1"
        records += _record(encoded, *places[name], _FILE)
    return records


def _descriptor(volume: int, sectors: int) -> bytes:
    little, big = _PATH_TABLES[volume]
    joliet = volume == _JOLIET
    never = b"0" * 16 + b"\0"
    parts = (
        bytes((2 if joliet else 1,)) + b"CD001\x01\0",
        _text(volume, "LINUX", 32),
        _text(volume, LABEL, 32),
        bytes(8),
        _both("I", sectors),
        (b"%/E" if joliet else b"").ljust(32, b"\0"),
        _both("H", 1),
        _both("H", 1),
        _both("H", SECTOR),
        _both("I", 10),
        struct.pack("<II", little, 0),
        struct.pack(">II", big, 0),
        _record(b"\0", _ROOTS[volume], SECTOR, _DIRECTORY),
        *(_text(volume, "", 128) for _ in range(4)),
        *(_text(volume, "", 37) for _ in range(3)),
        never * 4,
        b"\x01\0",
    )
    return b"".join(parts)
