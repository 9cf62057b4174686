"""Where an installation keeps its things on a host. Several installations on one host share nothing but libvirt."""

import fcntl
import json
import os
import re
from pathlib import Path
from typing import Optional

from .faults import Fault

_INSTALLATION = re.compile(r"[a-z][a-z0-9-]{1,20}\Z")
_PLAIN = re.compile(r"/[A-Za-z0-9._/-]{1,500}\Z")


class Place:
    """The paths of one installation; `root` is another directory than / in tests only."""

    def __init__(self, installation: str, root: str = "/"):
        if not _INSTALLATION.match(installation):
            raise Fault("InvalidRequest", "the installation id is not one of ours")
        base = Path(root)
        self.installation = installation
        self.state = base / "var/lib/novacron" / installation
        self.settings = base / "etc/novacron" / installation
        self.code = base / "usr/lib/novacron" / installation
        self.run = base / "run/novacron" / installation
        self.default_pool = base / "var/lib/libvirt/images/novacron" / installation
        self.definitions = base / "etc/libvirt/qemu"
        self.saves = base / "var/lib/libvirt/qemu/save"
        self.services = base / "etc/systemd/system"

    @property
    def journal(self) -> Path:
        return self.state / "journal"

    @property
    def results(self) -> Path:
        """Outcomes that no document waited for; the unit sends and removes them."""
        return self.state / "results"

    @property
    def identity_file(self) -> Path:
        return self.state / "identity"

    @property
    def config_file(self) -> Path:
        return self.settings / "config.json"

    @property
    def token_file(self) -> Path:
        return self.settings / "token"

    def config(self) -> dict:
        """What enrolment wrote; empty before."""
        try:
            return json.loads(self.config_file.read_text())
        except FileNotFoundError:
            return {}

    def proxy(self) -> Optional[str]:
        """What this host reaches out by: the URL its own administrator wrote (it may hold a password), else the enrolment's."""
        try:
            own = (self.settings / "proxy").read_text().strip()
        except FileNotFoundError:
            own = ""
        return own or self.config().get("proxy")

    @property
    def pool(self) -> Path:
        return Path(self.config().get("poolPath", self.default_pool))

    def in_pool(self, path: str) -> Path:
        """A path that the plane names, which must lie in the pool. Raises Fault for any other."""
        pool = str(self.pool)
        if not _PLAIN.match(path) or os.path.normpath(path) != path or not path.startswith(f"{pool}/"):
            raise Fault("InvalidRequest", f"{path[:200]!r} is not a file of the pool {pool}")
        if not os.path.realpath(path).startswith(f"{os.path.realpath(pool)}/"):
            raise Fault("InvalidRequest", f"{path[:200]!r} leads out of the pool {pool}")
        return Path(path)

    def settle(self) -> None:
        """
        What was made and removed here stays so over a power cut: file systems keep directories in memory for half a
        minute, and pool and definitions may lie on another one than what we write ourselves.
        """
        pool = self.pool
        homes = (self.definitions, self.services, self.code, self.settings, pool, pool / "retained", pool / "images")
        for path in (*homes, self.definitions / "autostart", pool / "seeds", pool / "disks"):
            _sync(path)


def clean_environment() -> "dict[str, str]":
    """For processes that outlive a document: without its parameters, some of which are secret."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def write_whole(path: Path, text: str, mode: int = 0o600, durable: bool = False) -> None:
    """Writes a file whole or not at all, a power cut included; what is `durable` is there after one, too."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    fresh = _fresh(path)
    with os.fdopen(_for_one_writer(fresh, mode), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # else a power cut may leave the new name with nothing in it
        os.replace(fresh, path)
    if durable:
        _sync(path.parent)


def _sync(directory: Path) -> None:
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(path: Path) -> None:
    """Removes what `write_whole` wrote, or left where it died."""
    path.unlink(missing_ok=True)
    _fresh(path).unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    """One name for every writer, so that the next one takes over what a dead one left."""
    return path.with_name(f".{path.name}.new")


def _for_one_writer(fresh: Path, mode: int) -> int:
    """The file, empty, and for nobody else until it is closed."""
    while True:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT, mode)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), os.stat(fresh)):
                os.ftruncate(handle, 0)
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)  # the writer who was waited for has moved it away
