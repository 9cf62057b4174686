"""The host's cache of base images: fetched once, checked, kept read-only, one lock an image, dropped when not needed."""

import json
import os
import re
import resource
import stat
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Iterable, Iterator, NamedTuple, Optional

from .faults import Fault
from .fence import locked
from .place import Place, write_whole
from .qcow2 import backing_of

_IMAGE_ID = re.compile(r"img-[0-9a-hjkmnp-tv-z]{16}\Z")
SIZE_LIMIT = 64 << 30
SECONDS_LIMIT = 3600
# Up to here a file of the host's own is copied while the document waits; more is done in the background.
COPIED_AT_ONCE = 128 << 20


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


def sweep(place: Place) -> None:
    """Takes away what fetches left that died on the way: without its facts a file is no image, and nothing stands on it."""
    there = {path.name.lstrip(".").partition(".")[0] for path in (place.pool / "images").glob("*img-*")}
    drop(place, sorted(there.difference(held(place))))


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


def _fill(place: Place, spec: dict, file) -> None:
    from .fetching import Limits, copy, fetch, mirrors_of  # 40 ms of http and ssl that a clone of a cached image needs not

    if "url" in spec:
        limits = Limits(SIZE_LIMIT, SECONDS_LIMIT, mirrors_of(place.settings), place.proxy())
        fetch(spec["url"], spec["sha256"], file, limits)
        return
    try:
        with _shared(spec["path"]) as source:
            copy(source, spec["sha256"], file, SIZE_LIMIT, time.monotonic() + SECONDS_LIMIT)
    except FileNotFoundError as error:
        raise Fault("ImageInvalid", f"the host has no file {spec['path']}") from error


def _shared(path: str) -> BinaryIO:
    """
    A file that everybody on the host may read anyway. We read as root: else whoever registers an image by its path
    could have /etc/shadow, or another VM's disk, cloned into a VM of his own. Raises Fault ImageInvalid.
    """
    # A pipe would keep us waiting for its writer.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or not facts.st_mode & stat.S_IROTH:
        os.close(handle)
        raise Fault("ImageInvalid", f"{path} is no file that everybody on the host may read: chmod a+r it, if it is meant.")
    return open(handle, "rb")


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
