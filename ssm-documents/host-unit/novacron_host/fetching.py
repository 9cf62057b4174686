"""
Fetches a file by URL onto a host without being led to where the host alone may go (link-local, loopback, private).

Without a proxy a name is resolved once, all its addresses are judged, and one of them is used. With a proxy it is the
proxy that resolves and connects: what can be judged here is what the URL itself gives, an address in any notation and
names that mean an inside; what a public name leads to at the proxy is for the proxy's own rules. Redirects are judged
alike, and what was fetched counts by its checksum only, either way.
"""

import base64
import hashlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Iterable, Iterator, NamedTuple, Optional
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from .faults import Fault

CHUNK = 1 << 20
REDIRECTS = 5
# As lambdas/domain/image-url.ts has it.
_INSIDE = re.compile(
    r"(^|\.)(localhost|local|internal|localdomain|home\.arpa|instance-data|lan|corp|home|intranet|private)\Z"
)
# A name's labels, or an IPv6 address. Nothing is left over that a resolver or a proxy could read in another way.
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?\Z|[0-9A-Fa-f:.]{2,45}\Z")
_WEB_PORTS, _FIRST_FREE_PORT = (80, 443), 1024
# Global by the book, and yet an inside: Azure's and Alibaba's metadata, and what a NAT64 or 6to4 gateway leads to.
_NEVER = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "100.100.100.200/32", "192.88.99.0/24", "2001::/32")))
_WORLDWIDE = ipaddress.ip_network("2000::/3")
# Networks whose last four bytes are an IPv4 address: compatible, mapped, translated (RFC 4291, 2765, 6052, 8215).
_IPV4_AT_END = tuple(
    map(ipaddress.ip_network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"))
)


class Limits(NamedTuple):
    """Bounds of one download. `mirrors`: private networks that may be fetched from; None = no check of addresses."""

    size: int
    seconds: float
    mirrors: Optional["tuple[str, ...]"]
    # Mirrors are near: what lies in them is reached without it.
    proxy: Optional[str] = None


def fetch(url: str, sha256: str, into: BinaryIO, limits: Limits) -> None:
    """Writes what is at the URL, following checked redirects. Raises Fault ImageUrlRefused, ChecksumMismatch, HostFault."""
    deadline = time.monotonic() + limits.seconds
    try:
        for _ in range(REDIRECTS + 1):
            connection = _get(url, limits, deadline)
            with closing(connection), _ended_at(deadline, connection), closing(connection.getresponse()) as response:
                if response.status in (301, 302, 303, 307, 308) and response.getheader("Location"):
                    url = _moved(url, response.getheader("Location", ""))
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
    # One read of the system's at a time: a source that drips would keep a whole chunk waiting beyond any deadline.
    while data := source.read1(CHUNK):
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
    addresses = _addresses(host, port)
    if mirrors is not None:
        strangers = [address for address in addresses if not _within(address, mirrors)]
        if strangers:
            _refuse_odd_port(port)
        for address in strangers:
            if not _is_public(address):
                raise _inside(host, str(address))
    return str(sorted(addresses, key=lambda address: address.version)[0])


def _refuse_odd_port(port: int) -> None:
    """A fetch must not speak to somebody's mail server."""
    if port not in _WEB_PORTS and port < _FIRST_FREE_PORT:
        raise Fault("ImageUrlRefused", f"port {port} is not one that images are fetched from: 443, 80, or 1024 and above")


def refuse_given(host: str, port: int, mirrors: Optional[Iterable[str]]) -> None:
    """What can be refused of a host that the proxy will resolve: see above. Raises Fault ImageUrlRefused."""
    if mirrors is None:
        return
    _refuse_odd_port(port)
    host = host.rstrip(".").lower()
    address = _literal(host)
    if address is None:
        if _INSIDE.search(host) or "." not in host:
            raise _inside(host, "a name of an internal network")
    elif not _is_public(address):
        raise _inside(host, str(address))


def _inside(host: str, what: str) -> Fault:
    return Fault(
        "ImageUrlRefused", f"{host} is {what}, not a public address: add its network to the mirrors file of the host."
    )


def _literal(host: str):
    """The address that a host's name is, in any notation that a resolver takes for one (127.1, 0x7f000001), or None."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


def _plain(address):
    """An IPv4 address that is dressed as IPv6 counts as what it is."""
    if address.version == 4:
        return address
    if any(address in network for network in _IPV4_AT_END) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or address


def _is_public(address) -> bool:
    address = _plain(address)
    if address.is_multicast or address.is_reserved or any(address in network for network in _NEVER):
        return False
    return address.is_global and (address.version == 4 or address in _WORLDWIDE)


def _addresses(host: str, port: int) -> list:
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return [ipaddress.ip_address(text.partition("%")[0]) for text in sorted(found)]


def _within(address, mirrors: Iterable[str]) -> bool:
    return any(_plain(address) in ipaddress.ip_network(text) for text in mirrors)


def _is_mirror(host: str, port: int, mirrors: Optional[Iterable[str]]) -> bool:
    """Whether the host's own administrator has listed where it lies."""
    if not mirrors:
        return False
    try:
        return all(_within(address, mirrors) for address in _addresses(host, port))
    except OSError:
        return False  # only the proxy knows the name


def mirrors_of(settings: Path) -> "tuple[str, ...]":
    """The private networks that this host's own administrator lists in the file `mirrors`, one a line."""
    try:
        lines = (settings / "mirrors").read_text().split()
    except FileNotFoundError:
        return ()
    return tuple(str(ipaddress.ip_network(line, strict=False)) for line in lines)


def _direct(parts: SplitResult, port: int, limits: Limits, timeout: float) -> http.client.HTTPConnection:
    """A connection to a pinned address: the name is resolved once, checked, and that very address is used."""
    host, secure = str(parts.hostname), parts.scheme == "https"
    address = allowed_address(host, port, limits.mirrors)
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port, timeout=timeout)
    raw = socket.create_connection((address, port), timeout=timeout)
    connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if secure else raw
    return connection


def _tunnel(parts: SplitResult, port: int, via: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """https through the proxy by CONNECT: TLS is with the origin, and the proxy sees its name only."""
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection(str(via.hostname), via.port or 80, timeout=timeout, context=context)
    connection.set_tunnel(str(parts.hostname), port, _credentials(via))
    return connection


def _credentials(via: SplitResult) -> "dict[str, str]":
    if not via.username:
        return {}
    pair = f"{unquote(via.username)}:{unquote(via.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _read(url: str) -> "tuple[SplitResult, int]":
    """A URL's parts and port. Raises Fault ImageUrlRefused for one that is not plainly a web address."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Fault("ImageUrlRefused", f"{_shown(url)} is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise Fault("ImageUrlRefused", "only http and https URLs without credentials are fetched")
    if not _HOST.match(parts.hostname) or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Fault("ImageUrlRefused", "a URL is printable ASCII with a plain name or address in it")
    return parts, port


def _get(url: str, limits: Limits, deadline: float) -> http.client.HTTPConnection:
    """A connection on which the URL was asked for, judged before."""
    parts, port = _read(url)
    timeout = max(1.0, min(30.0, deadline - time.monotonic()))
    target, headers = (f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"), {}
    if not limits.proxy or _is_mirror(parts.hostname, port, limits.mirrors):
        connection = _direct(parts, port, limits, timeout)
    else:
        refuse_given(parts.hostname, port, limits.mirrors)
        via = urlsplit(limits.proxy)
        if parts.scheme == "https":
            connection = _tunnel(parts, port, via, timeout)
        else:
            connection = http.client.HTTPConnection(str(via.hostname), via.port or 80, timeout=timeout)
            target, headers = parts._replace(fragment="").geturl(), _credentials(via)
    connection.request("GET", target, headers=headers)
    return connection


def _moved(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Fault("ImageUrlRefused", f"{_shown(url)} leads to what is no URL") from None


@contextmanager
def _ended_at(deadline: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Ends the connection at the deadline: a header that drips, byte by byte, is within each read's own time-out."""
    open_socket = connection.sock
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), _cut, [open_socket])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(open_socket: socket.socket) -> None:
    try:
        socket.socket.shutdown(open_socket, socket.SHUT_RDWR)  # under TLS's own, which would take the reader's session away
    except OSError:
        pass  # it has ended by itself


def _shown(url: str) -> str:
    """A URL without its query: a presigned one holds a signature."""
    return url.partition("?")[0][:300]
