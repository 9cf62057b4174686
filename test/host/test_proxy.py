"""Fetching through a proxy: https by CONNECT, http by the whole URL; what is judged by the URL, and what goes without it."""

import base64
import hashlib
import io
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from novacron_host import create, images  # noqa: E402
from novacron_host.faults import Fault  # noqa: E402
from novacron_host.fetching import Limits, fetch  # noqa: E402
from novacron_host.place import Place  # noqa: E402

BODY = b"an image"
SHA = hashlib.sha256(BODY).hexdigest()
# only the proxy knows it
ORIGIN = "images.example.org"


class Origin(BaseHTTPRequestHandler):
    def do_GET(self):
        location = self.server.places.get(self.path)
        self.send_response(302 if location else 200)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


class Proxy(BaseHTTPRequestHandler):
    """Knows one origin, by its name, and wants a password."""

    def do_CONNECT(self):
        if not self.admitted(self.path == f"{ORIGIN}:443"):
            return
        with socket.create_connection(self.server.secure.server_address) as onward:
            self.send_response(200)
            self.end_headers()
            pair = [self.connection, onward]
            while True:
                for ready in select.select(pair, [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    pair[1 - pair.index(ready)].sendall(data)

    def do_GET(self):
        if not self.admitted(self.path.startswith(f"http://{ORIGIN}/") and self.headers["Host"] == ORIGIN):
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY)

    def admitted(self, known):
        self.server.asked.append(self.path)
        word = base64.b64encode(b"ann:p@ss").decode()
        status = 407 if self.headers["Proxy-Authorization"] != f"Basic {word}" else 200 if known else 403
        if status != 200:
            self.send_error(status)
        return status == 200

    def log_message(self, *_):
        pass


class ProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        key, cert = (str(Path(home.name) / name) for name in ("key", "cert"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={ORIGIN}", "-addext", f"subjectAltName=DNS:{ORIGIN}", "-keyout", key, "-out", cert],
            check=True, capture_output=True,
        )  # fmt: skip
        trust = mock.patch.dict(os.environ, {"SSL_CERT_FILE": cert})
        trust.start()
        cls.addClassCleanup(trust.stop)
        cls.origin = cls.serve(Origin)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        cls.origin.socket = context.wrap_socket(cls.origin.socket, server_side=True)
        cls.origin.places = {"/to-metadata": "https://169.254.169.254/", "/moved": "/image"}
        cls.proxy = cls.serve(Proxy)
        cls.proxy.secure = cls.origin

    @classmethod
    def serve(cls, handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server

    def setUp(self):
        self.proxy.asked = []

    def url(self, user="ann:p%40ss@"):
        return f"http://{user}127.0.0.1:{self.proxy.server_address[1]}"

    def get(self, url, mirrors=(), **user):
        into = io.BytesIO()
        fetch(url, SHA, into, Limits(100, 5, mirrors, self.url(**user)))
        return into.getvalue()

    def test_the_proxy_is_asked_for_the_name(self):
        for url, asked in (
            (f"https://{ORIGIN}/image", [f"{ORIGIN}:443"]),
            (f"https://{ORIGIN}/moved", [f"{ORIGIN}:443"] * 2),
            (f"http://{ORIGIN}/image?a=1", [f"http://{ORIGIN}/image?a=1"]),
        ):
            with self.subTest(url):
                self.proxy.asked = []
                self.assertEqual(self.get(url), BODY)
                self.assertEqual(self.proxy.asked, asked)

    def test_what_the_url_itself_gives_away_never_reaches_the_proxy(self):
        inside = ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "10.0.0.7", "169.254.169.254", "[::1]", "[fd00::1]",
                  "[::ffff:10.0.0.7]", "localhost", "a.localhost", "localhost.", "metadata.google.internal", "intranet"]  # fmt: skip
        for host in inside:
            for scheme in ("http", "https"):
                with self.subTest(host, scheme=scheme), self.assertRaises(Fault) as caught:
                    self.get(f"{scheme}://{host}/image")
                self.assertEqual(caught.exception.name, "ImageUrlRefused")
        self.assertEqual(self.proxy.asked, [])

    def test_a_redirect_is_judged_alike(self):
        with self.assertRaises(Fault) as caught:
            self.get(f"https://{ORIGIN}/to-metadata")
        self.assertEqual((caught.exception.name, self.proxy.asked), ("ImageUrlRefused", [f"{ORIGIN}:443"]))

    def test_a_proxy_that_refuses_is_told_without_its_password(self):
        for url, user in ((f"https://{ORIGIN}/image", ""), ("https://other.example.org/image", "ann:p%40ss@")):
            with self.subTest(url), self.assertRaises(Fault) as caught:
                self.get(url, user=user)
            self.assertEqual(caught.exception.name, "HostFault")
            self.assertNotIn("p%40ss", caught.exception.detail)

    def test_a_listed_mirror_is_near(self):
        near = self.serve(Origin)
        near.places = {}
        self.assertEqual(self.get(f"http://127.0.0.1:{near.server_address[1]}/image", mirrors=("127.0.0.0/8",)), BODY)
        self.assertEqual(self.proxy.asked, [])

    def test_images_and_user_data_go_by_the_proxy_of_the_enrolment(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        place = Place("test-1", home.name)
        place.settings.mkdir(parents=True)
        place.config_file.write_text(json.dumps({"proxy": self.url()}))
        spec = {"url": f"https://{ORIGIN}/image", "sha256": SHA}
        image = images.bring(place, {**spec, "imageId": f"img-{'0' * 16}", "format": "raw"})
        self.assertEqual(image.path.read_bytes(), BODY)
        self.assertEqual(create._user_data(spec, place.proxy()), BODY)
        self.assertEqual(self.proxy.asked, [f"{ORIGIN}:443"] * 2)

    def test_the_hosts_own_proxy_counts_before_that_of_the_enrolment(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        place = Place("test-1", home.name)
        self.assertIsNone(place.proxy())
        place.settings.mkdir(parents=True)
        place.config_file.write_text(json.dumps({"proxy": "http://proxy.example.org:3128"}))
        self.assertEqual(place.proxy(), "http://proxy.example.org:3128")
        (place.settings / "proxy").write_text(f"{self.url()}\n")
        spec = {"url": f"https://{ORIGIN}/image", "sha256": SHA}
        self.assertEqual(create._user_data(spec, place.proxy()), BODY)
        image = images.bring(place, {**spec, "imageId": f"img-{'0' * 16}", "format": "raw"})
        self.assertEqual((image.path.read_bytes(), self.proxy.asked), (BODY, [f"{ORIGIN}:443"] * 2))


if __name__ == "__main__":
    unittest.main()
