"""Where an installation keeps its things on a host. Several installations on one host share nothing but libvirt."""

import json
import os
import re
from pathlib import Path

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
        self.default_pool = base / "var/lib/libvirt/images/novacron" / installation

    @property
    def journal(self) -> Path:
        return self.state / "journal"

    @property
    def results(self) -> Path:
        """Outcomes that no document waited for; the unit sends and removes them."""
        return self.state / "results"

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

    @property
    def pool(self) -> Path:
        return Path(self.config().get("poolPath", self.default_pool))

    def in_pool(self, path: str) -> Path:
        """A path that the plane names, which must lie in the pool. Raises Fault for any other."""
        pool = str(self.pool)
        if not _PLAIN.match(path) or os.path.normpath(path) != path or not path.startswith(f"{pool}/"):
            raise Fault("InvalidRequest", f"{path[:200]!r} is not a file of the pool {pool}")
        return Path(path)


def clean_environment() -> "dict[str, str]":
    """For processes that outlive a document: without its parameters, some of which are secret."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def write_whole(path: Path, text: str, mode: int = 0o600, durable: bool = False) -> None:
    """Writes a file whole or not at all; `durable` also survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.replace(fresh, path)
