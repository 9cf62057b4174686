"""What a host does later, beside, or not at all: notes and orders that documents left, questions that hang."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

UNIT = Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"
sys.path.insert(0, str(UNIT))

from case import Case  # noqa: E402
from novacron_host import aside, late  # noqa: E402
from novacron_host.fence import locked  # noqa: E402
from novacron_host.handover import FETCH, worker_lock  # noqa: E402
from novacron_host.outbox import Outbox  # noqa: E402
from test_unit import OP, FakeConnection, FakeDomain  # noqa: E402


class LateTest(Case):
    """Ages are by the unit's own clock: the host's may leap an hour, forward or back."""

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        clock = mock.patch.object(late, "time", SimpleNamespace(monotonic=lambda: self.now))
        clock.start()
        self.addCleanup(clock.stop)
        self.late = late.Late(self.place)

    def leave(self, kind, name, text, leap=0):
        file = self.place.state / kind / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (file.stat().st_mtime + leap,) * 2)

    def test_a_fetch_whose_process_is_gone_is_told_as_failed(self):
        for leap in (0, 3600, -3600):
            with self.subTest(leap):
                self.leave("fetch", "4fa4-1.json", json.dumps({"op": OP, "attempt": 3}), leap)
                self.assertFalse(self.late.interrupted())
                self.now += late.STARTING + 1
                self.assertTrue(self.late.interrupted())
                ((file, result),) = Outbox(self.place).results()
                self.assertEqual((result["op"], result["attempt"], result["answer"]["fault"]), (OP, 3, "HostFault"))
                self.assertFalse(self.late.interrupted())
                file.unlink()

    def test_one_that_lives_or_has_just_begun_is_waited_for(self):
        self.leave("fetch", "4fa4-1.json", json.dumps({"op": OP, "attempt": 3}))
        self.assertFalse(self.late.interrupted())
        self.now += late.STARTING + 1
        with locked(worker_lock(self.place, "4fa4-1", FETCH), 0):
            self.assertFalse(self.late.interrupted())
        self.leave("fetch", "4fa4-1.json", json.dumps({"op": OP, "attempt": 4}), leap=-3600)  # the next attempt's
        self.assertFalse(self.late.interrupted())

    def test_a_deaf_guest_is_asked_in_the_run_that_was_to_end_and_in_no_other(self):
        for run, asked in (("7/1", ["uuid-1"]), ("6/1", []), ("", [])):
            for leap in (0, 3600, -3600):
                with self.subTest(run=run, leap=leap), mock.patch.object(late, "run_of", lambda _: "7/1"):
                    domain = FakeDomain()
                    heard = []
                    domain.shutdownFlags = lambda _: heard.append("uuid-1")
                    self.leave("asks", "uuid-1", run, leap)
                    self.late.ask_agents(FakeConnection(domain))
                    self.assertEqual(heard, [])
                    self.now += late.DEAF_AFTER + 1
                    self.late.ask_agents(FakeConnection(domain))
                    self.late.ask_agents(FakeConnection(domain))
                    self.assertEqual(heard, asked)


class AsideTest(unittest.TestCase):
    def test_what_hangs_is_left_alone_and_what_it_says_late_is_forgotten(self):
        asked, released = aside.Aside("test"), threading.Event()
        self.assertIsNone(asked.take(0))
        self.assertTrue(asked.begin(lambda: released.wait(60) and "old"))
        self.assertIsNone(asked.take(0.01))
        self.assertFalse(asked.begin(lambda: "new"))
        asked.forget()
        self.assertFalse(asked.begin(lambda: "new"))
        released.set()
        while not asked.begin(lambda: "new"):
            asked.forget()
        self.assertEqual(asked.take(60), "new")

    def test_an_error_is_told_to_who_takes_it(self):
        asked = aside.Aside("test")
        asked.begin(lambda: 1 // 0)
        with self.assertRaises(ZeroDivisionError):
            asked.take(60)
        self.assertTrue(asked.begin(lambda: 1))


# A start whose libvirtd takes the call and says nothing.
HANGS = """
import sys, time
sys.path.insert(0, sys.argv[3])
from novacron_host import command, place, power
power.connect = lambda: time.sleep(600)
command.VERBS["start-vm"] = command.VERBS["start-vm"]._replace(seconds=0.2)
command.Place = lambda name: place.Place(name, sys.argv[4])
command.main()
"""


class HangsTest(Case):
    def test_a_verb_that_hangs_ends_by_its_name_and_lets_the_next_one_in(self):
        text = base64.b64encode(b'{"vm":{"id":"vm-1"}}').decode()
        values = {
            "Op": OP, "Attempt": "1", "NotAfter": "2099-01-01T00:00:00.000Z",
            "Domain": "4fa44310-91b3-5314-8938-157d348ec32e",
            "Payload": text, "Digest": hashlib.sha256(text.encode()).hexdigest(),
        }  # fmt: skip
        env = {"PATH": "/usr/bin:/bin", **{f"SSM_{name}": value for name, value in values.items()}}
        line = [sys.executable, "-c", HANGS, "test-1", "start-vm", str(UNIT), str(self.home)]
        for _ in range(2):
            done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=120)
            word, _, _, said = done.stdout.strip().split(" ", 3)
            self.assertEqual((word, json.loads(said)["fault"], done.returncode), ("NOVACRON1", "TimedOut", 10), done)


if __name__ == "__main__":
    unittest.main()
