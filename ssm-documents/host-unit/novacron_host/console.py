"""console-log: one page of the serial console's file, read backwards from an offset."""

import base64
import gzip
import xml.etree.ElementTree as ElementTree
from typing import Mapping

from .domains import connect, console_of, find
from .faults import Fault
from .payload import number_of
from .place import Place

# SSM hands out at most 24,000 characters of what a command prints; the line's frame and JSON take the rest.
GZIP_LIMIT = 22_000
BYTES_LIMIT = 1 << 20
MAX_OFFSET = 10**15 - 1


def console_log(place: Place, domain: str, env: Mapping[str, str]) -> dict:
    """At most `Bytes` bytes that end at `End` (-1 = the end of the file), fewer where they would not fit the answer."""
    limit = number_of(env, "Bytes", 1, BYTES_LIMIT)
    end = number_of(env, "End", -1, MAX_OFFSET)
    found = find(connect(), domain)
    if not found:
        raise Fault("VmLost", f"the host has no domain {domain}")
    path = console_of(ElementTree.fromstring(found.XMLDesc(0)))
    if not path:
        raise Fault("CapabilityMissing", "the domain's serial console is not logged to a file")
    try:
        with open(place.in_pool(path), "rb") as file:
            size = file.seek(0, 2)
            end = size if end < 0 else min(end, size)
            start = max(0, end - limit)
            file.seek(start)
            data = file.read(end - start)
    except FileNotFoundError:
        return {"gzip": _packed(b""), "start": 0, "end": 0}  # it was never started
    data = fitting(data)
    return {"gzip": _packed(data), "start": end - len(data), "end": end}


def fitting(data: bytes) -> bytes:
    """The longest tail, found by halving, that fits the answer once packed."""
    while len(_packed(data)) > GZIP_LIMIT:
        data = data[len(data) // 2 :]
    return data


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()
