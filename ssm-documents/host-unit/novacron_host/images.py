"""The host's cache of base images: fetched once, checked, kept read-only, one lock an image, dropped when not needed."""

import json
import os
import re
import resource
import struct
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple, Optional

from .faults import Fault
from .fence import locked
from .place import Place, write_whole

_IMAGE_ID = re.compile(r"img-[0-9a-hjkmnp-tv-z]{16}\Z")
SIZE_LIMIT = 64 << 30
SECONDS_LIMIT = 3600
# Up to here a file of the host's own is copied while the document waits; more is done in the background.
COPIED_AT_ONCE = 128 << 20
_QCOW2_MAGIC = b"QFI\xfb"
# magic, version, and where the name of the backing file lies and how long it is
_QCOW2_HEADER = struct.Struct(">4sIQI")


class Base(NamedTuple):
    """A cached image."""

    path: Path
    format: str
    virtual_size: int


def cached(place: Place, spec: dict) -> Optional[Base]:
    """The image if the cache holds it under this checksum, else None. Raises Fault ChecksumMismatch."""
    path = _path(place, spec)
    try:
        known = json.loads(_facts(path).read_text())
    except FileNotFoundError:
        return None
    if known["sha256"] != spec["sha256"]:
        raise Fault("ChecksumMismatch", f"the host's copy of {spec['imageId']} has sha256 {known['sha256']}")
    return Base(path, spec["format"], known["virtualSize"]) if path.exists() else None


def at_once(spec: dict) -> bool:
    """Whether bringing it into the cache is a matter of a second."""
    try:
        return "path" in spec and os.stat(spec["path"]).st_size <= COPIED_AT_ONCE
    except OSError:
        return True  # it will be refused at once


def use(place: Place, spec: dict, kept: ExitStack) -> Base:
    """The image, fetched if need be, which is not dropped as long as `kept` is open. Raises as `bring`."""
    _path(place, spec)
    while True:
        with ExitStack() as lock:
            lock.enter_context(locked(_lock(place, spec["imageId"]), SECONDS_LIMIT, shared=True))
            known = cached(place, spec)
            if known:
                kept.enter_context(lock.pop_all())
                return known
        bring(place, spec)


def bring(place: Place, spec: dict) -> Base:
    """The image, fetched if need be. Raises Fault ImageUrlRefused, ImageInvalid, ChecksumMismatch, DiskFull, HostFault."""
    path = _path(place, spec)
    with locked(_lock(place, spec["imageId"]), SECONDS_LIMIT):
        known = cached(place, spec)
        if known:
            return known
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        fresh = path.with_name(f".{path.name}.new")
        try:
            with open(fresh, "wb") as file:
                _fill(place, spec, file)
                file.flush()
                os.fsync(file.fileno())
            size = virtual_size(fresh, spec["format"])
            os.chmod(fresh, 0o444)
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
        write_whole(_facts(path), json.dumps({"sha256": spec["sha256"], "virtualSize": size}), 0o644, durable=True)
        return Base(path, spec["format"], size)


def virtual_size(path: Path, form: str) -> int:
    """Bytes of the disk in a file. Raises Fault ImageInvalid for one that reaches for other files, or is none."""
    # Images come from outside: qemu-img gets little memory and time for a hostile one.
    done = subprocess.run(
        ["/usr/bin/qemu-img", "info", "-f", form, "--output=json", str(path)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False, preexec_fn=_bounded,
    )  # fmt: skip
    if done.returncode != 0:
        raise Fault("ImageInvalid", f"qemu-img cannot read it as {form}: {done.stderr.decode(errors='replace')[-300:]}")
    info = json.loads(done.stdout)
    data_file = info.get("format-specific", {}).get("data", {}).get("data-file")
    if info.get("backing-filename") or data_file:
        raise Fault("ImageInvalid", "it stands on another file (backing file or external data file): flatten it first.")
    return int(info["virtual-size"])


def held(place: Place) -> "list[str]":
    """Ids of the images in the cache."""
    return sorted(path.name.partition(".")[0] for path in (place.pool / "images").glob("img-*.json"))


def drop(place: Place, ids: Iterable[str]) -> None:
    """Takes images out of the cache; one that a disk stands on, or that a create uses or fetches just now, stays."""
    for image_id in filter(_IMAGE_ID.match, ids):
        try:
            with locked(_lock(place, image_id), 0):
                if not any(image_id in backing for backing in _backings(place)):
                    _remove(place, image_id)
        except Fault:
            print(f"{image_id} stays for now: it is being fetched or cloned", file=sys.stderr)


def _remove(place: Place, image_id: str) -> None:
    """The facts last: an image is listed, and can be dropped again, as long as they are there."""
    home = place.pool / "images"
    for path in [*home.glob(f".{image_id}.*.new"), *home.glob(f"{image_id}.qcow2"), *home.glob(f"{image_id}.raw")]:
        path.unlink(missing_ok=True)
    (home / f"{image_id}.json").unlink(missing_ok=True)


def _backings(place: Place) -> Iterator[str]:
    """What the disks stand on. Twice through disks: a disk that moves meanwhile, aside or back, is met at one end of its way."""
    disks = place.pool / "disks"
    for home in (disks, place.pool / "retained", disks):
        for path in home.rglob("*"):
            backing = backing_of(path) if path.is_file() else None
            if backing:
                yield backing


def backing_of(path: Path) -> Optional[str]:
    """The backing file that a qcow2's header names (QEMU's docs/interop/qcow2.rst); a running QEMU's lock is no hindrance."""
    try:
        with open(path, "rb") as file:
            header = file.read(_QCOW2_HEADER.size)
            if len(header) < _QCOW2_HEADER.size:
                return None
            magic, _, offset, length = _QCOW2_HEADER.unpack(header)
            if magic != _QCOW2_MAGIC or not offset:
                return None
            file.seek(offset)
            return os.fsdecode(file.read(length))
    except FileNotFoundError:
        return None


def _fill(place: Place, spec: dict, file) -> None:
    from .fetching import Limits, copy, fetch, mirrors_of  # 40 ms of http and ssl that a clone of a cached image needs not

    if "url" in spec:
        limits = Limits(SIZE_LIMIT, SECONDS_LIMIT, mirrors_of(place.settings), place.config().get("proxy"))
        fetch(spec["url"], spec["sha256"], file, limits)
        return
    try:
        with open(spec["path"], "rb") as source:
            copy(source, spec["sha256"], file, SIZE_LIMIT, time.monotonic() + SECONDS_LIMIT)
    except FileNotFoundError as error:
        raise Fault("ImageInvalid", f"the host has no file {spec['path']}") from error


def _path(place: Place, spec: dict) -> Path:
    if not _IMAGE_ID.match(spec["imageId"]) or spec["format"] not in ("qcow2", "raw"):
        raise Fault("InvalidRequest", "the image is not described as it should be")
    return place.pool / "images" / f"{spec['imageId']}.{spec['format']}"


def _lock(place: Place, image_id: str) -> Path:
    return place.state / "locks" / f"image-{image_id}.lock"


def _facts(path: Path) -> Path:
    return path.with_suffix(".json")


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
