"""The host unit's parts: the queue's bounds, when a VM is ready, seeds, pages of the console."""

import base64
import gzip
import json
import os
import struct
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from case import Case  # noqa: E402
from fake_libvirt import error  # noqa: E402
from novacron_host import console, domains, inventory, readiness, unit  # noqa: E402
from novacron_host.domains import Mark, console_of, files_of, mark_of  # noqa: E402
from novacron_host.faults import from_libvirt  # noqa: E402
from novacron_host.handover import leave_result  # noqa: E402
from novacron_host.lifecycle import lifecycle  # noqa: E402
from novacron_host.outbox import Outbox  # noqa: E402
from novacron_host.place import Place  # noqa: E402
from novacron_host.seed import SECTOR, iso_image  # noqa: E402

import xml.etree.ElementTree as ElementTree  # noqa: E402

import libvirt  # noqa: E402

OP = f"op-{'a' * 26}"


class OutboxTest(Case):
    def reports(self, box):
        return [json.loads(path.read_text()) for path in sorted((self.place.state / "outbox").glob("*.json"))]

    def test_numbers_rise_over_restarts(self):
        for _ in range(2):
            Outbox(self.place).put({"events": []})
        self.assertEqual([report["seq"] for report in self.reports(None)], [1, 2])

    def test_old_inventories_go_first_then_old_reports_and_never_results(self):
        box = Outbox(self.place, limit=3000)
        leave_result(self.place, OP, 1, {"ok": True, "result": {}})
        for index in range(4):
            box.put({"events": [index], "inventory": ["x" * 1000]})
        kept = self.reports(box)
        self.assertEqual([report["events"] for report in kept], [[0], [1], [2], [3]])
        self.assertNotIn("inventory", kept[0])
        self.assertIn("inventory", kept[-1])
        for index in range(40):
            box.put({"events": ["y" * 200]})
        self.assertGreater(self.reports(box)[0]["seq"], 4)
        self.assertLessEqual(sum(len(json.dumps(report)) for report in self.reports(box)), 3000)
        self.assertEqual([result["op"] for _, result in box.results()], [OP])


class FakeDomain:
    def __init__(self, installation="test-1"):
        self.mark = f"<n:vm xmlns:n='https://novacron.dev/libvirt/1' installation='{installation}' id='vm-1'/>"

    def UUIDString(self):
        return "uuid"

    def name(self):
        return "web-1"

    def ID(self):
        return 7

    def isActive(self):
        return True

    def XMLDesc(self, _flags):
        return f"<domain><metadata>{self.mark}</metadata></domain>"


class FakeConnection:
    def __init__(self, domain):
        self.lookupByUUIDString = lambda _uuid: domain


class ReadyTest(unittest.TestCase):
    def test_each_policy(self):
        early, late_now = 1.0, 100.0
        cases = [
            # policy, addresses, agent, nic, now, expected
            ("running", [], False, True, early, "Running"),
            ("agent", ["10.0.0.1"], False, True, late_now, None),
            ("agent", [], True, True, early, "AgentAnswers"),
            ("address", [], True, True, late_now, None),
            ("address", ["10.0.0.1"], False, True, early, "AddressKnown"),
            ("auto", ["10.0.0.1"], True, True, early, "AgentAnswers"),
            ("auto", [], True, True, early, None),
            ("auto", ["10.0.0.1"], False, True, early, None),
            ("auto", ["10.0.0.1"], False, True, late_now, "AddressKnown"),
            ("auto", [], False, False, early, None),
            ("auto", [], False, False, late_now, "Running"),
            ("port:9", ["127.0.0.1"], True, True, late_now, None),
        ]
        for policy, addresses, agent, nic, now, expected in cases:
            with self.subTest(policy=policy, addresses=addresses, agent=agent, now=now):
                mark = Mark("i", "vm", "op", policy, 60)
                watch = readiness.Watch(mark, 0.0, address_since=0.0 if addresses else None)
                self.assertEqual(readiness.ready_by(watch, addresses, agent, nic, now), expected)

    def test_a_boot_proves_nothing_by_old_leases_but_a_pause_does(self):
        watches = readiness.Readiness(Place("test-1", "/nowhere"))
        domain = FakeDomain()
        with mock.patch.object(readiness, "leases_of", lambda *_: frozenset({("10.0.0.1", 9)})):
            watches.resume(domain)
            self.assertEqual(watches._watches["uuid"].old_leases, frozenset())
            watches.begin(domain)  # a reboot: whatever was waited for, the wait begins anew
            booted = watches._watches["uuid"]
            self.assertEqual(booted.old_leases, {("10.0.0.1", 9)})
            watches.resume(domain)  # libvirt resumes the domain that it reboots
            self.assertIs(watches._watches["uuid"], booted)
            watches.end("uuid")
            watches.resume(FakeDomain(installation="others"))
        self.assertEqual(watches._watches, {})

    def test_a_run_that_was_told_ready_is_not_asked_about_again_by_the_next_unit(self):
        with tempfile.TemporaryDirectory() as home, mock.patch.object(domains, "RUNNING", Path(home)), \
                mock.patch.object(readiness, "leases_of", lambda *_: frozenset()):
            process, place, domain = Path(home) / "web-1.pid", Place("test-1", home), FakeDomain()
            process.write_text("1")
            watches = readiness.Readiness(place)
            watches.meet(domain)
            with mock.patch.object(readiness.Readiness, "_judge", lambda *_: readiness.Verdict("ready", "Running", [])):
                ((uuid, _, verdict),) = watches.verdicts(FakeConnection(domain))
            self.assertEqual((uuid, verdict.kind, watches._watches), ("uuid", "ready", {}))
            for what, happens, waits in (
                ("the same run", lambda _: None, False),
                ("a run of which libvirt says nothing", lambda _: process.unlink(), True),
                ("another run", lambda _: process.write_text("2"), True),
            ):
                with self.subTest(what):
                    happens(None)
                    again = readiness.Readiness(place)
                    again.meet(domain)
                    self.assertEqual("uuid" in again._watches, waits)
            process.touch()
            os.utime(process, ns=(1, 1))
            for after in ("begin", "end"):
                told = readiness.Readiness(place)
                told._note_ready("uuid", domains.run_of(domain))
                getattr(told, after)(domain if after == "begin" else "uuid")
                anew = readiness.Readiness(place)
                anew.meet(domain)
                self.assertIn("uuid", anew._watches)  # a reboot in the same run, a stop

    def test_the_serial_tail_is_short_and_plain(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * 10_000 + b"\x1b[2J\x00end\r\n\xff")
            file.flush()
            tail = readiness.serial_tail(file.name)
        self.assertTrue(tail.endswith("end\n\ufffd"))
        self.assertLessEqual(len(tail), readiness.TAIL)
        self.assertNotIn("\x1b", tail)
        self.assertEqual(readiness.serial_tail("/nowhere"), "")


class HangingGuestTest(Case):
    """Its inventory is waited for; nobody else's events are."""

    def setUp(self):
        super().setUp()
        self.unit = unit.Unit(self.place)
        self.unit._connection = mock.Mock(lookupByUUIDString=mock.Mock(side_effect=libvirt.libvirtError("gone")))
        self.hang = threading.Event()
        self.addCleanup(self.hang.set)
        for name, by in (("inventory", lambda *_: self.hang.wait() and [{"uuid": "c"}]), ("facts", lambda *_: {})):
            patch = mock.patch.object(unit, name, by)
            patch.start()
            self.addCleanup(patch.stop)

    def happens(self, uuid):
        self.unit._happened.put({"domain": uuid, "kind": "crashed"})

    def reports(self):
        return [json.loads(path.read_text()) for path in sorted((self.place.state / "outbox").glob("0*.json"))]

    def told(self):
        return [event["domain"] for report in self.reports() for event in report["events"]]

    def test_what_befalls_others_is_told_meanwhile_and_once(self):
        self.happens("a")
        turn = threading.Thread(target=self.unit._turn)
        turn.start()
        self.until(lambda: self.told() == ["a"])
        self.happens("b")
        self.until(lambda: self.told() == ["a", "b"])
        self.assertFalse(any("inventory" in report for report in self.reports()))
        self.hang.set()
        turn.join()
        self.assertEqual(self.told(), ["a", "b"])
        self.assertEqual(self.reports()[-1]["inventory"], [{"uuid": "c"}])

    def test_what_is_seen_at_once_is_told_together(self):
        self.hang.set()
        self.happens("a")
        self.unit._turn()
        ((events, inventory),) = [(report["events"], report["inventory"]) for report in self.reports()]
        self.assertEqual(([event["domain"] for event in events], inventory), (["a"], [{"uuid": "c"}]))

    def until(self, what):
        for _ in range(1000):
            if what():
                return
            time.sleep(0.02)
        raise AssertionError("it does not come to be")


class AwayTest(Case):
    """Beats tell since when libvirt does not answer, and no more of it once it does."""

    def test_from_the_first_failure_to_the_next_connection(self):
        subject, reports = unit.Unit(self.place), []
        subject._sender.beat_seconds = -1.0
        connection = mock.Mock(listAllDomains=lambda *_: [], listAllNetworks=lambda *_: [])
        said = iter(("closed", "refused", "refused", connection))

        def connect():
            answer = next(said)
            if isinstance(answer, str):
                raise libvirt.libvirtError(answer)
            return answer

        with mock.patch.object(unit, "connect", connect), mock.patch.object(unit.time, "sleep"), \
                mock.patch.object(subject._outbox, "put", lambda report: reports.append(dict(report))), \
                mock.patch.object(unit, "inventory", lambda *_: []), mock.patch.object(unit, "facts", lambda *_: {}):
            for _ in range(4):
                subject._turn_or_wait()
        since = [report.get("libvirtAwaySince") for report in reports]
        self.assertEqual(since, [since[0]] * 3 + [None])
        self.assertRegex(since[0], r"^\d{4}-\d\d-\d\dT[\d:.]+Z$")
        self.assertEqual(["inventory" in report for report in reports], [False] * 3 + [True])


class NamesTest(unittest.TestCase):
    """Errors of the connection are the host's silence; the same codes of QEMU's driver are not."""

    def test_by_code_and_domain(self):
        rpc, qemu = 7, 10
        for code, domain, name in (
            (5, 0, "HostUnreachable"), (39, rpc, "HostUnreachable"), (38, rpc, "HostUnreachable"), (1, rpc, "HostUnreachable"),
            (38, qemu, "HostFault"), (1, qemu, "HostFault"), (45, rpc, "HostFault"), (42, qemu, "VmLost"), (27, qemu, "SpecRefused"),
        ):  # fmt: skip
            with self.subTest(code=code, domain=domain):
                self.assertEqual(from_libvirt(error(code, "text", domain)).name, name)


class LifecycleTest(unittest.TestCase):
    def test_what_befalls_a_guest_has_its_word(self):
        for event, detail, expected in (
            (libvirt.VIR_DOMAIN_EVENT_CRASHED, libvirt.VIR_DOMAIN_EVENT_CRASHED_PANICKED, ("crashed", "panicked")),
            (libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_CRASHED, ("crashed", "crashed")),
            (libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_FAILED, ("crashed", "failed")),
            (libvirt.VIR_DOMAIN_EVENT_STOPPED, libvirt.VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN, ("stopped", "shutdown")),
            (libvirt.VIR_DOMAIN_EVENT_SHUTDOWN, libvirt.VIR_DOMAIN_EVENT_SHUTDOWN_GUEST, ("shutdown", "guest")),
            (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED_IOERROR, ("paused", "ioerror")),
            (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED_WATCHDOG, ("paused", "watchdog")),
            (libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED, libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED_DISK, ("paused", "disk")),
            (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, 99, ("paused", "99")),
            (99, 0, None),
        ):
            with self.subTest(expected):
                self.assertEqual(lifecycle(event, detail), expected)


class IoErrorTest(Case):
    """A disk's error and the pause that follows it, as libvirt tells them."""

    PAUSES, REPORTS = libvirt.VIR_DOMAIN_EVENT_IO_ERROR_PAUSE, libvirt.VIR_DOMAIN_EVENT_IO_ERROR_REPORT
    PAUSED = (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, libvirt.VIR_DOMAIN_EVENT_SUSPENDED_IOERROR)
    RESUMED = (libvirt.VIR_DOMAIN_EVENT_RESUMED, libvirt.VIR_DOMAIN_EVENT_RESUMED_UNPAUSED)

    def setUp(self):
        super().setUp()
        self.unit, self.domain = unit.Unit(self.place), FakeDomain()

    def fails(self, path="/p/a", alias="virtio-disk0", action=PAUSES, reason="enospc"):
        self.unit._on_io_error(None, self.domain, path, alias, action, reason, None)

    def told(self, event):
        self.unit._on_lifecycle(None, self.domain, *event, None)
        return self.unit._happened.get_nowait()["reason"]

    def test_the_pause_names_disk_and_cause(self):
        for error, expected in (
            ({}, "ioerror: enospc on /p/a"),
            ({"path": "", "reason": ""}, "ioerror: unspecified error on virtio-disk0"),
            ({"action": self.REPORTS}, "ioerror"),
            ({"path": f"/{'x' * 300}"}, f"ioerror: enospc on /{'x' * 180}"),
        ):
            with self.subTest(expected):
                self.fails(**error)
                self.assertEqual(self.told(self.PAUSED), expected)
                self.assertEqual(self.told(self.RESUMED), "unpaused")

    def test_the_first_error_of_a_pause_is_its_cause_and_the_next_pause_has_its_own(self):
        self.fails()
        self.fails(path="/p/b")
        self.assertEqual(self.told(self.PAUSED), "ioerror: enospc on /p/a")
        self.told(self.RESUMED)
        self.fails(path="/p/b")
        self.assertEqual(self.told(self.PAUSED), "ioerror: enospc on /p/b")

    def test_the_inventory_says_it_while_the_domain_stays_paused(self):
        self.fails()
        self.domain.XMLDesc = lambda _flags: "<domain/>"
        self.domain.maxMemory = lambda: 1024
        self.domain.state = lambda: (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR)
        connection = mock.Mock(listAllDomains=lambda: [self.domain])
        (seen,) = inventory.inventory(connection, self.unit._book, self.unit._io_errors)
        self.assertEqual((seen["state"], seen["reason"]), ("suspended", "ioerror: enospc on /p/a"))
        self.domain.state = lambda: (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER)
        (seen,) = inventory.inventory(connection, self.unit._book, self.unit._io_errors)
        self.assertEqual(seen["reason"], "user")


class SeedTest(unittest.TestCase):
    def test_both_trees_lead_to_the_same_bytes(self):
        files = {"meta-data": b"instance-id: x\n", "user-data": b"#" * 5000, "network-config": b""}
        image = iso_image(files)
        self.assertEqual(len(image) % SECTOR, 0)
        for descriptor, decode in ((16, lambda name: name.decode().split(".;")[0]), (17, lambda name: name.decode("utf-16-be"))):
            root = image[descriptor * SECTOR + 156 :]
            at = struct.unpack("<I", root[2:6])[0] * SECTOR
            found = {}
            while image[at]:
                start, length = struct.unpack("<I4xI", image[at + 2 : at + 14])
                name = image[at + 33 : at + 33 + image[at + 32]]
                if len(name) > 1:
                    found[decode(name)] = image[start * SECTOR : start * SECTOR + length]
                at += image[at]
            self.assertEqual(found, files)
        self.assertEqual(image[16 * SECTOR + 40 : 16 * SECTOR + 46], b"cidata")


class ConsoleTest(unittest.TestCase):
    def test_what_does_not_pack_is_shortened_at_the_front(self):
        noise = os.urandom(100_000)
        kept = console.fitting(noise)
        self.assertTrue(noise.endswith(kept) and kept)
        self.assertLessEqual(len(base64.b64encode(gzip.compress(kept))), console.GZIP_LIMIT)
        self.assertEqual(console.fitting(b"a" * 500_000), b"a" * 500_000)


class XmlTest(unittest.TestCase):
    XML = """<domain><metadata><n:vm xmlns:n='https://novacron.dev/libvirt/1' installation='i' id='vm-1' operation='op-1'
      ready='port:22' readyTimeoutSeconds='90'/></metadata><devices><disk><source file='/p/a'/></disk><disk/>
      <serial type='pty'><log file='/p/c'/></serial>
      <channel><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel></devices></domain>"""

    def test_mark_files_console_and_agent(self):
        tree = ElementTree.fromstring(self.XML)
        self.assertEqual(mark_of(tree), Mark("i", "vm-1", "op-1", "port:22", 90))
        self.assertEqual(files_of(tree), ["/p/a", "/p/c"])
        self.assertEqual(console_of(tree), "/p/c")
        self.assertTrue(inventory.agent_connected(tree))

    def test_a_stranger_has_no_mark(self):
        self.assertIsNone(mark_of(ElementTree.fromstring("<domain><metadata><x/></metadata></domain>")))


if __name__ == "__main__":
    unittest.main()
