"""Fetches a file by URL onto a host without being led to where the host alone may go (link-local, loopback, private)."""

import hashlib
import http.client
import ipaddress
import socket
import ssl
import time
from pathlib import Path
from typing import BinaryIO, Iterable, NamedTuple, Optional
from urllib.parse import urljoin, urlsplit

from .faults import Fault

CHUNK = 1 << 20
REDIRECTS = 5


class Limits(NamedTuple):
    """Bounds of one download. `mirrors`: private networks that may be fetched from; None = no check of addresses."""

    size: int
    seconds: float
    mirrors: Optional["tuple[str, ...]"]


def fetch(url: str, sha256: str, into: BinaryIO, limits: Limits) -> None:
    """Writes what is at the URL, following checked redirects. Raises Fault ImageUrlRefused, ChecksumMismatch, HostFault."""
    deadline = time.monotonic() + limits.seconds
    try:
        for _ in range(REDIRECTS + 1):
            connection, response = _get(url, limits, deadline)
            with connection:
                if response.status in (301, 302, 303, 307, 308) and response.getheader("Location"):
                    url = urljoin(url, response.getheader("Location", ""))
                    continue
                if response.status != 200:
                    raise Fault("ImageUrlRefused", f"{_shown(url)} answers {response.status}")
                copy(response, sha256, into, limits.size, deadline)
                return
    except (http.client.HTTPException, OSError) as error:
        raise Fault("HostFault", f"the host cannot fetch {_shown(url)}: {error}") from error
    raise Fault("ImageUrlRefused", f"more than {REDIRECTS} redirects")


def copy(source, sha256: str, into: BinaryIO, size: int, deadline: float) -> None:
    """Copies and checks on the way. Raises Fault ChecksumMismatch, ImageInvalid, HostFault."""
    digest, length = hashlib.sha256(), 0
    while data := source.read(CHUNK):
        length += len(data)
        if length > size:
            raise Fault("ImageInvalid", f"it is larger than {size >> 20} MiB")
        if time.monotonic() > deadline:
            raise Fault("HostFault", "the download took too long")
        digest.update(data)
        into.write(data)
    if digest.hexdigest() != sha256:
        raise Fault("ChecksumMismatch", f"the sha256 of what was fetched is {digest.hexdigest()}, not {sha256}")


def allowed_address(host: str, port: int, mirrors: Optional[Iterable[str]]) -> str:
    """One address of the host, after all of them were found to be allowed. Raises Fault ImageUrlRefused."""
    addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if mirrors is not None:
        networks = [ipaddress.ip_network(text) for text in mirrors]
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            address = getattr(address, "ipv4_mapped", None) or address
            if not address.is_global and not any(address in network for network in networks):
                raise Fault(
                    "ImageUrlRefused",
                    f"{host} is {address}, not a public address: add its network to the mirrors file of the host.",
                )
    return sorted(addresses, key=lambda text: ":" in text)[0]


def mirrors_of(settings: Path) -> "tuple[str, ...]":
    """The private networks that this host's own administrator lists in the file `mirrors`, one a line."""
    try:
        lines = (settings / "mirrors").read_text().split()
    except FileNotFoundError:
        return ()
    return tuple(str(ipaddress.ip_network(line, strict=False)) for line in lines)


class _Connection:
    """One request to a pinned address: the name is resolved once, checked, and that very address is used."""

    def __init__(self, address: str, host: str, port: int, secure: bool, timeout: float):
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.http = kind(host, port, timeout=timeout)
        raw = socket.create_connection((address, port), timeout=timeout)
        self.http.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


def _get(url: str, limits: Limits, deadline: float):
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Fault("ImageUrlRefused", "only http and https URLs without credentials are fetched")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = allowed_address(parts.hostname, port, limits.mirrors)
    timeout = max(1.0, min(30.0, deadline - time.monotonic()))
    connection = _Connection(address, parts.hostname, port, secure, timeout)
    target = parts.path or "/"
    connection.http.request("GET", f"{target}?{parts.query}" if parts.query else target)
    return connection, connection.http.getresponse()


def _shown(url: str) -> str:
    """A URL without its query: a presigned one holds a signature."""
    return url.partition("?")[0][:300]
