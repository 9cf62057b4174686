"""No fetch is led to where the host alone may go: every way that is known to write, resolve, redirect or rebind an address."""

import hashlib
import io
import os
import socket
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from case import Case  # noqa: E402
from novacron_host import images  # noqa: E402
from novacron_host.faults import Fault  # noqa: E402
from novacron_host.fetching import Limits, fetch  # noqa: E402

BODY = b"an image"
SHA = hashlib.sha256(BODY).hexdigest()
PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + BODY

# Addresses that only the host, or its network, may reach, in the notations that resolvers and parsers take.
INSIDE = (
    "127.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "127.255.255.254", "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.16689662",
    "10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]",
    "[::7f00:1]", "[::ffff:0:7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:7f00:1::1]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]", "[fc00::1]",
    "[fd00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
)  # fmt: skip
# What public names may be made to lead to.
RESOLVED = {
    "rebound.example": ["127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "mixed.example": [PUBLIC, "10.0.0.1"],
    "mixed-six.example": [PUBLIC, "fd00::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "sixtofour.example": ["2002:a9fe:a9fe::1"],
    "scoped.example": ["fe80::1%lo"],
    "multicast.example": ["224.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
}
# URLs that two parsers may read in two ways, and schemes and ports of other protocols.
ODD = (
    f"http://{PUBLIC}@127.0.0.1/", "http://127.0.0.1@public.example/", "http://a:b@public.example/", "http://:b@public.example/",
    "http://@public.example/", "http://public.example\\@127.0.0.1/", "http://public.example\\.127.0.0.1/",
    "http://127.0.0.1\t.public.example/", "http://pub\nlic.example/", "http://127。0。0。1/", "http://１２７.0.0.1/",
    "http://loc\u00adalhost/", "http://ⓛocalhost/", "http://public.example;127.0.0.1/", "http://public.example,127.0.0.1/",
    "http://127.0.0.1%2epublic.example/", "http://public..example/", "http://public.example../", "http://.public.example/",
    "http://public.example:99999/", "http://public.example:x/", "http://[::1/", "http:///x", "http:127.0.0.1/", "//127.0.0.1/",
    "http://public.example:22/", "http://public.example:25/", "http://public.example:6/", "file:///etc/shadow",
    "ftp://public.example/", "gopher://127.0.0.1/", "dict://127.0.0.1:11211/", "jar:http://127.0.0.1!/", "data:,x", "",
    "HTTP://LOCALHOST/", "http://public.example /", "http://x\x00.example/",
)  # fmt: skip


class Inside(BaseException):
    """A connection to an address inside was tried. No `except` of the product's may hide it."""


class Lab:
    """A resolver and a network of the test's own: what is public leads to `serve`, all else is a break-in."""

    def __init__(self, serve=lambda peer, _: peer.sendall(OK)):
        self.serve, self.connected, self.questions = serve, [], []
        self.answers = dict(RESOLVED)

    def resolve(self, host, port, *_, **__):
        self.questions.append(host)
        found = self.answers.get(host.lower())
        found = found.pop(0) if found and isinstance(found[0], list) else found
        if found is None:
            try:
                found = [socket.inet_ntoa(socket.inet_aton(host))]  # as glibc does: octal, hex, decimal, short forms
            except OSError:
                found = [host] if ":" in host else [PUBLIC]
        return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port)) for one in found]

    def connect(self, address, timeout=None, **_):
        self.connected.append(address)
        if address[0] != PUBLIC:
            raise Inside(f"connected to {address}")
        near, far = socket.socketpair()
        near.settimeout(timeout)
        threading.Thread(target=self._answer, args=(far,), daemon=True).start()
        return near

    def _answer(self, far):
        with far:
            try:
                asked = far.recv(65536)
                self.serve(far, asked)
            except OSError:
                pass  # the product has hung up, as it should

    def fetch(self, url, **limits):
        into = io.BytesIO()
        with mock.patch("socket.getaddrinfo", self.resolve), mock.patch("socket.create_connection", self.connect):
            fetch(url, SHA, into, Limits(**{"size": 100, "seconds": 5, "mirrors": (), **limits}))
        return into.getvalue()


class SsrfTest(Case):
    tries = [f"http://{host}/latest" for host in (*INSIDE, *RESOLVED)] + list(ODD)

    def refuses(self, lab, url, **limits):
        with self.assertRaises(Fault, msg=url) as caught:
            lab.fetch(url, **limits)
        self.assertEqual(caught.exception.name, "ImageUrlRefused", url)

    def test_the_lab_lets_a_public_name_through(self):
        self.assertEqual(Lab().fetch("http://public.example/x?y=1"), BODY)
        self.assertEqual(Lab().fetch("http://public.example.:8080/x"), BODY)

    def test_at_least_sixty_ways_in_are_tried_and_none_connects(self):
        self.assertGreaterEqual(len(set(self.tries)), 100)
        for url in self.tries:
            with self.subTest(url):
                lab = Lab()
                self.refuses(lab, url)
                self.assertEqual(lab.connected, [])

    def test_nor_does_a_redirect(self):
        for url in self.tries:
            if not url.isascii() or not url.isprintable() or url in ("", "http:127.0.0.1/", "http:///x"):
                continue  # no header, or a place of the same server
            with self.subTest(url):
                moved = f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()
                lab = Lab(lambda peer, _, moved=moved: peer.sendall(moved))
                self.refuses(lab, "http://public.example/")
                self.assertEqual([address for address, _ in lab.connected], [PUBLIC])

    def test_a_proxy_is_asked_for_nothing_that_the_url_itself_shows_to_be_inside(self):
        hidden = {name for name in RESOLVED if not name.startswith(("localhost", "metadata"))}
        for url in [f"http://{host}/latest" for host in (*INSIDE, *RESOLVED) if host not in hidden] + list(ODD):
            with self.subTest(url):
                lab = Lab()
                self.refuses(lab, url, proxy=f"http://{PUBLIC}:3128")
                self.assertEqual(lab.connected, [])

    def test_a_name_is_resolved_once_and_the_judged_address_is_the_one_used(self):
        lab = Lab()
        lab.answers["rebinding.example"] = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
        self.assertEqual(lab.fetch("http://rebinding.example/"), BODY)
        self.assertEqual((lab.questions, lab.connected), (["rebinding.example"], [(PUBLIC, 80)]))

    def test_what_never_ends_is_ended(self):
        def drip(peer, before, each):
            peer.sendall(before)
            while True:
                peer.sendall(each)
                threading.Event().wait(0.02)

        cases = {
            "headers without end": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            "a body that drips": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x"),
            "chunks that drip": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        }
        for name, (before, each) in cases.items():
            with self.subTest(name), self.assertRaises(Fault) as caught:
                lab = Lab(lambda peer, _, before=before, each=each: drip(peer, before, each))
                lab.fetch("http://public.example/", size=1 << 20, seconds=0.3)
            self.assertIn(caught.exception.name, ("HostFault", "ChecksumMismatch"), name)

    def test_what_is_too_large_or_cut_is_no_image(self):
        for answer in (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096, OK[:-1], b"", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500):
            with self.subTest(answer[:40]), self.assertRaises(Fault):
                Lab(lambda peer, _, answer=answer: peer.sendall(answer)).fetch("http://public.example/")


class OwnFilesTest(Case):
    """An image that is named by a path is read as root."""

    def spec(self, path):
        sha = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else SHA
        return {"imageId": f"img-{'0' * 16}", "path": str(path), "sha256": sha, "format": "raw"}

    def test_what_not_everybody_may_read_is_not_cloned(self):
        secret, link, pipe = self.home / "shadow", self.home / "link", self.home / "pipe"
        secret.write_bytes(b"root:x" * 100)
        secret.chmod(0o640)
        link.symlink_to(secret)
        os.mkfifo(pipe)
        os.chmod(pipe, 0o644)
        for path in (secret, link, pipe, self.home, Path("/dev/zero")):
            with self.subTest(path.name), self.assertRaises((Fault, OSError)) as caught:
                images.bring(self.place, self.spec(path))
            self.assertNotIn("sha256", str(caught.exception))
        self.assertEqual(images.held(self.place), [])
        secret.chmod(0o644)
        self.assertEqual(images.bring(self.place, self.spec(link)).virtual_size, 1024)


if __name__ == "__main__":
    unittest.main()
