"""What the installation's own directories hold, by VM: the plane finds by it what nobody knows any more."""

import re
import time
from pathlib import Path
from typing import Iterator, Optional

from .place import Place

HOUR = 3600.0
LIMIT = 4000
_OF_VM = re.compile(r"(vm-[0-9a-hjkmnp-tv-z]{16})(?=[-.]|\Z)")


def held(place: Place) -> "list[dict]":
    """One entry for each VM and kind of file, the bytes on disk added up; files of no VM (base images) are left out."""
    sizes: "dict[tuple[str, str], int]" = {}
    for kind, path in _files(place):
        match = _OF_VM.match(path.name)
        if not match:
            continue
        try:
            size = _blocks(path)
        except FileNotFoundError:
            continue  # it went while it was looked at
        key = (match.group(1), kind)
        sizes[key] = sizes.get(key, 0) + size
    return [{"vmId": vm_id, "kind": kind, "bytes": size} for (vm_id, kind), size in sorted(sizes.items())][:LIMIT]


class Holdings:
    """Tells what is held where something came or went, and once an hour all the same: a report may be lost."""

    def __init__(self, place: Place):
        self._place = place
        self._told: "set[tuple[str, str]]" = set()
        self._at: Optional[float] = None

    def news(self) -> "dict[str, list[dict]]":
        """What is held, as a part of the facts; nothing where it was told already."""
        files = held(self._place)
        names = {(entry["vmId"], entry["kind"]) for entry in files}
        now = time.monotonic()
        if self._at is not None and names == self._told and now - self._at < HOUR:
            return {}
        self._told, self._at = names, now
        return {"files": files}


def _files(place: Place) -> "Iterator[tuple[str, Path]]":
    for path in _in(place.pool / "disks"):
        yield "console" if path.name.endswith(".console.log") else "disk", path
    for path in _in(place.pool / "seeds"):
        yield "seed", path
    for path in _in(place.pool / "retained"):
        yield "retained", path


def _in(directory: Path) -> "list[Path]":
    return sorted(directory.iterdir()) if directory.is_dir() else []


def _blocks(path: Path) -> int:
    """What it takes of the disk: a thin clone is larger to look at."""
    if path.is_dir():
        return sum(each.stat().st_blocks * 512 for each in path.iterdir())
    return path.stat().st_blocks * 512
