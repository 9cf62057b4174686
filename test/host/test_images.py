"""The cache of images: what is dropped when the plane needs it no more, and what never is."""

import hashlib
import json
import subprocess
import sys
import threading
import time
import unittest
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from case import Case  # noqa: E402
from novacron_host import images  # noqa: E402
from novacron_host.fence import locked  # noqa: E402
from novacron_host.outbox import Outbox  # noqa: E402
from novacron_host.payload import instant  # noqa: E402
from novacron_host.sender import Sender  # noqa: E402

IMAGE, OTHER = f"img-{'0' * 16}", f"img-{'1' * 16}"


def qemu_img(*words):
    subprocess.run(["qemu-img", "create", "-q", *map(str, words)], check=True, capture_output=True)


class ImageCase(Case):
    def setUp(self):
        super().setUp()
        self.source = self.home / "source.qcow2"
        qemu_img("-f", "qcow2", self.source, "1M")

    def spec(self, image_id=IMAGE, form="qcow2"):
        sha = hashlib.sha256(self.source.read_bytes()).hexdigest()
        return {"imageId": image_id, "path": str(self.source), "sha256": sha, "format": form}


class DropTest(ImageCase):
    def disk(self, path, base):
        path = self.place.pool / path
        path.parent.mkdir(parents=True, exist_ok=True)
        qemu_img("-f", "qcow2", "-b", base, "-F", "qcow2", path)
        return path

    def files(self):
        return sorted(path.name for path in (self.place.pool / "images").iterdir())

    def test_what_is_not_needed_goes_whole_and_nothing_else(self):
        for form in ("qcow2", "raw"):
            with self.subTest(form):
                images.bring(self.place, self.spec(form=form))
                images.bring(self.place, self.spec(OTHER))
                (self.place.pool / "images" / f".{IMAGE}.{form}.new").write_bytes(b"left over by a power cut")
                images.drop(self.place, [IMAGE, "../disks", "*", f"{OTHER}/../x"])
                self.assertEqual(self.files(), [f"{OTHER}.json", f"{OTHER}.qcow2"])

    def test_what_a_disk_stands_on_stays(self):
        for name in ("disks/vm-a-0.qcow2", "retained/vm-b/vm-b-0.qcow2"):
            with self.subTest(name):
                base = images.bring(self.place, self.spec()).path
                disk = self.disk(name, base)
                self.disk("disks/overlay.qcow2", disk)
                images.drop(self.place, [IMAGE])
                self.assertEqual(images.held(self.place), [IMAGE])
                disk.unlink()
                images.drop(self.place, [IMAGE])
                self.assertEqual(images.held(self.place), [])

    def test_what_moves_between_the_homes_of_disks_while_it_is_looked_for_is_found(self):
        base = images.bring(self.place, self.spec()).path
        here, aside = self.disk("disks/vm-a-0.qcow2", base), self.place.pool / "retained/vm-a-0.qcow2"
        aside.parent.mkdir()
        look = Path.rglob
        for before, after in ((here, aside), (aside, here)):

            def meanwhile(home, pattern, before=before, after=after):
                found = list(look(home, pattern))
                if home == after.parent and before.exists():
                    before.rename(after)  # just after its new home was looked through
                return found

            with self.subTest(f"to {after.parent.name}"), mock.patch.object(Path, "rglob", meanwhile):
                images.drop(self.place, [IMAGE])
            self.assertEqual(images.held(self.place), [IMAGE])

    def test_what_a_create_uses_or_fetches_stays(self):
        with ExitStack() as kept:
            base = images.use(self.place, self.spec(), kept)
            images.use(self.place, self.spec(), kept)
            images.drop(self.place, [IMAGE])
            self.assertTrue(base.path.exists())
        with locked(self.place.state / "locks" / f"image-{IMAGE}.lock", 0):
            images.drop(self.place, [IMAGE])
        self.assertTrue(base.path.exists())
        images.drop(self.place, [IMAGE])
        self.assertFalse(base.path.exists())

    def test_what_was_dropped_before_it_could_be_used_is_fetched_again(self):
        bring, brought = images.bring, []

        def overtaken(place, spec):
            bring(place, spec)
            brought.append(spec["imageId"])
            if len(brought) == 1:
                images.drop(place, brought)

        with ExitStack() as kept, mock.patch.object(images, "bring", overtaken):
            self.assertTrue(images.use(self.place, self.spec(), kept).path.exists())
        self.assertEqual(brought, [IMAGE, IMAGE])


class Plane(BaseHTTPRequestHandler):
    answers: "list[dict]" = []
    told: "list[dict]" = []

    def do_POST(self):
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(self.answers.pop(0) if self.answers else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WantedTest(ImageCase):
    def test_the_answer_to_a_report_is_obeyed(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Plane)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        images.bring(self.place, self.spec())
        self.place.settings.mkdir(parents=True)
        self.place.config_file.write_text(json.dumps({"apiUrl": f"http://127.0.0.1:{server.server_address[1]}", "hostId": "h"}))
        self.place.token_file.write_text("t")
        Plane.answers = [{"beatSeconds": 7, "wanted": {"dropImages": [IMAGE], "identity": True}}]
        box = Outbox(self.place)
        box.put({"events": [], "sentAt": "2020-01-01T00:00:00.000Z"})
        sender = Sender(self.place, box)
        sender.start()
        sender.wake()
        for _ in range(100):
            if not images.held(self.place):
                break
            time.sleep(0.05)
        self.assertEqual((images.held(self.place), sender.beat_seconds), ([], 7.0))
        self.assertTrue(sender.is_identity_wanted)
        # when it was sent, not when it was put to wait
        self.assertLess(abs(time.time() - instant(Plane.told[0]["sentAt"]).timestamp()), 20)


if __name__ == "__main__":
    unittest.main()
