"""Fetching images: addresses, redirects, sizes, checksums; and what qemu-img must not be led to."""

import hashlib
import io
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

import subprocess  # noqa: E402

from case import Case  # noqa: E402
from novacron_host import images  # noqa: E402
from novacron_host.faults import Fault  # noqa: E402
from novacron_host.fetching import Limits, allowed_address, fetch, mirrors_of  # noqa: E402

BODY = b"an image"
SHA = hashlib.sha256(BODY).hexdigest()
HERE = ("127.0.0.0/8",)


class Server(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(BaseHTTPRequestHandler):
    PLACES = {
        "/moved": "/image",
        "/to-metadata": "http://169.254.169.254/latest/meta-data/",
        "/to-file": "file:///etc/shadow",
        "/round": "/round",
    }

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in self.PLACES:
            self.send_response(302)
            self.send_header("Location", self.PLACES[path])
            self.end_headers()
            return
        self.send_response(200 if path == "/image" else 404)
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


class FetchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.shutdown)

    def get(self, path, sha=SHA, mirrors=HERE, size=100):
        into = io.BytesIO()
        fetch(path if "://" in path else self.server.url(path), sha, into, Limits(size, 5, mirrors))
        return into.getvalue()

    def test_what_is_allowed_is_fetched(self):
        self.assertEqual(self.get("/image"), BODY)
        self.assertEqual(self.get("/moved"), BODY)
        self.assertEqual(self.get("/image?signature=1", mirrors=None), BODY)

    def test_what_is_not_is_refused_by_name(self):
        cases = {
            "loopback, not listed": (dict(path="/image", mirrors=()), "ImageUrlRefused"),
            "redirect to metadata": (dict(path="/to-metadata"), "ImageUrlRefused"),
            "redirect to a file": (dict(path="/to-file"), "ImageUrlRefused"),
            "redirect without end": (dict(path="/round"), "ImageUrlRefused"),
            "not there": (dict(path="/nothing"), "ImageUrlRefused"),
            "password in the URL": (dict(path="http://a:b@127.0.0.1/image"), "ImageUrlRefused"),
            "other bytes": (dict(path="/image", sha="0" * 64), "ChecksumMismatch"),
            "too large": (dict(path="/image", size=3), "ImageInvalid"),
            "nobody listens": (dict(path="http://127.0.0.1:9/image"), "HostFault"),
        }
        for name, (call, fault) in cases.items():
            with self.subTest(name), self.assertRaises(Fault) as caught:
                self.get(**call)
            self.assertEqual(caught.exception.name, fault, name)
            self.assertNotIn("signature", caught.exception.detail)

    def test_addresses_that_only_the_host_may_reach(self):
        for host in ("10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1", "fe80::1",
                     "::ffff:10.0.0.1", "0.0.0.0", "100.64.0.1"):  # fmt: skip
            with self.subTest(host), self.assertRaises(Fault):
                allowed_address(host, 80, ())
        self.assertEqual(allowed_address("10.1.2.3", 80, ("10.1.0.0/16",)), "10.1.2.3")
        self.assertEqual(allowed_address("93.184.216.34", 80, ()), "93.184.216.34")

    def test_the_hosts_own_list_of_mirrors(self):
        with tempfile.TemporaryDirectory() as home:
            self.assertEqual(mirrors_of(Path(home)), ())
            (Path(home) / "mirrors").write_text("10.0.0.0/8\n192.168.5.7\n")
            self.assertEqual(mirrors_of(Path(home)), ("10.0.0.0/8", "192.168.5.7/32"))


class ImageTest(Case):
    def qemu_img(self, *words):
        subprocess.run(["qemu-img", *map(str, words)], check=True, capture_output=True)

    def spec(self, source, form="qcow2", **changes):
        sha = hashlib.sha256(source.read_bytes()).hexdigest()
        return {"imageId": f"img-{'0' * 16}", "path": str(source), "sha256": sha, "format": form, **changes}

    def test_a_sound_image_is_kept_once_and_read_only(self):
        source = self.home / "a.qcow2"
        self.qemu_img("create", "-q", "-f", "qcow2", source, "64M")
        base = images.bring(self.place, self.spec(source))
        self.assertEqual((base.virtual_size, base.path.stat().st_mode & 0o777), (64 << 20, 0o444))
        source_spec = self.spec(source)
        source.unlink()
        self.assertEqual(images.bring(self.place, source_spec), base)
        self.assertEqual(images.held(self.place), [f"img-{'0' * 16}"])

    def test_an_image_that_reaches_for_other_files_is_refused(self):
        secret, thief, outside = self.home / "secret", self.home / "thief.qcow2", self.home / "outside.qcow2"
        secret.write_bytes(b"\0" * 65536)
        self.qemu_img("create", "-q", "-f", "qcow2", "-F", "raw", "-b", secret, thief)
        self.qemu_img("create", "-q", "-f", "qcow2", "-o", f"data_file={secret},data_file_raw=on", outside, "64K")
        text = self.home / "text"
        text.write_text("not an image")
        for path in (thief, outside, text):
            with self.subTest(path.name), self.assertRaises(Fault) as caught:
                images.bring(self.place, self.spec(path))
            self.assertEqual(caught.exception.name, "ImageInvalid")
        self.assertEqual(list((self.place.pool / "images").iterdir()), [])

    def test_wrong_checksum_and_missing_file_leave_nothing(self):
        source = self.home / "a.qcow2"
        self.qemu_img("create", "-q", "-f", "qcow2", source, "1M")
        cases = {"ChecksumMismatch": dict(sha256="0" * 64), "ImageInvalid": dict(path=str(self.home / "gone"))}
        for fault, changes in cases.items():
            with self.subTest(fault), self.assertRaises(Fault) as caught:
                images.bring(self.place, self.spec(source, **changes))
            self.assertEqual(caught.exception.name, fault)
        self.assertEqual(images.held(self.place), [])

    def test_an_image_id_cannot_be_a_path(self):
        source = self.home / "a"
        source.write_bytes(b"")
        with self.assertRaises(Fault):
            images.cached(self.place, self.spec(source, imageId="img-../../etc"))


if __name__ == "__main__":
    unittest.main()
