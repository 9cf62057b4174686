"""What two looks make: recorded from a real guest that writes, and from the kernel of its host; and what no value may come of."""

import contextlib
import io
import json
import os
import re
import shutil
import threading
import time
import unittest
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

from case import Case
from novacron_host import domain_watch, metrics, metrics_queue, plane
from novacron_host.complaint import Complaint
from novacron_host.counters import growth, ratio, share
from novacron_host.domain_metrics import domain_values
from novacron_host.domain_watch import Domain, Domains, DomainWatch
from novacron_host.host_metrics import host_values, pool_usage, read_host
from novacron_host.metrics import Look, Watch, sample_of
from novacron_host.metrics_queue import MetricsQueue
from novacron_host.metrics_sender import MetricsSender
from novacron_host.outbox import Outbox
from novacron_host.payload import instant

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE.parents[1] / "lambdas/domain/metrics/catalog.ts"
# A guest of 160 MiB and one vCPU under QEMU 7.2 (tcg) that writes 4 MiB and syncs, again and again: libvirt 9.0's figures.
RECORDED = json.loads((HERE / "recorded/domstats.json").read_text())
BEFORE, NOW = RECORDED["before"]["stats"], RECORDED["now"]["stats"]
SECONDS = RECORDED["now"]["moment"] - RECORDED["before"]["moment"]

# Linux 6.18 with two CPUs, a virtual disk, loops, compressed swap in memory and a network card.
STAT = """cpu  {user} 1771 13699 {idle} {iowait} 0 293 13 0 4
cpu0 5602 478 5090 194730 158 0 131 4 0 1
intr 1 2
"""
DISKSTATS = """   7       0 loop0 11 0 800 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 208462 18948 {read} 49455 44827 386859 {written} 103264 0 19816 153493 8218 58 795440 595 5064 177
 254       1 vda1 208000 18948 9642000 49455 44827 386859 20462000 103264 0 19816 153493 8218 58 795440 595 5064 177
 252       0 dm-0 208462 0 9642050 49455 44827 0 20462072 103264 0 19816 153493 0 0 0 0 0 0
 253       0 zram0 9 0 72 0 9 0 72 0 0 0 0 0 0 0 0 0 0
"""
NET = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:  390728    3957    0    0    0     0          0         0   390728    3957    0    0    0     0       0          0
virbr0:  999999    3957    0    0    0     0          0         0   999999    3957    0    0    0     0       0          0
 vnet0:  888888    3957    0    0    0     0          0         0   888888    3957    0    0    0     0       0          0
  eth0:{received}   14715    0    0    0     0          0         0  {sent}    9196    0    0    0     0       0          0
"""
MEMINFO = """MemTotal:       24684092 kB
MemFree:        22520296 kB
MemAvailable:   23647300 kB
SwapTotal:       1048572 kB
SwapFree:        1048000 kB
HugePages_Total:       0
"""
FIRST = {"user": 14241, "idle": 381184, "iowait": 1041, "read": 9642050, "written": 20462072, "received": 606140437, "sent": 1201622}
SECOND = {"user": 15441, "idle": 382684, "iowait": 1341, "read": 9642350, "written": 20462072, "received": 606155437, "sent": 1204622}


class CountersTest(unittest.TestCase):
    def test_what_is_in_both_grows_together_or_not_at_all(self):
        for what, before, now, expected in (
            ("two", {"a": 1, "b": 5}, {"a": 3, "b": 5}, 2),
            ("one began anew", {"a": 1, "b": 5}, {"a": 3, "b": 4}, None),
            ("one is new", {"a": 1}, {"a": 3, "b": 400}, 2),
            ("one is gone", {"a": 1, "b": 5}, {"a": 3}, 2),
            ("none was there", {}, {"a": 3}, None),
            ("none is there", {"a": 3}, {}, None),
        ):
            with self.subTest(what):
                self.assertEqual(growth(before, now), expected)

    def test_nothing_is_divided_by_nothing(self):
        self.assertEqual([ratio(1, 0), ratio(None, 1), ratio(1, None), ratio(0, 3), ratio(1, 3)], [None, None, None, 0.0, 0.333333])
        self.assertEqual([share(5, 4), share(-1, 4), share(None, 4), share(1, 4)], [1.0, 0.0, None, 0.25])


class DomainTest(unittest.TestCase):
    def values(self, before=None, now=None):
        return domain_values(BEFORE if before is None else before, NOW if now is None else now, SECONDS)

    def test_a_recorded_guest(self):
        self.assertEqual(
            self.values(),
            {
                "vm.cpu.utilization": 0.906889,
                "vm.cpu.steal": 0.0317054,
                "vm.memory.allocated": 163840 * 1024,
                "vm.memory.resident": 235980 * 1024,
                "vm.memory.usage": (125308 - 86368) * 1024,
                "vm.disk.read.operations": 0.0,
                "vm.disk.write.operations": 290.591,
                "vm.disk.flush.operations": 63.4356,
                "vm.disk.read.bytes": 0.0,
                "vm.disk.write.bytes": 129793000.0,
                "vm.disk.write.latency": 0.000173804,
                "vm.disk.flush.latency": 0.000788018,
                "vm.network.receive.bytes": 24.2548,
                "vm.network.transmit.bytes": 0.0,
                "vm.network.receive.packets": 0.466438,
                "vm.network.transmit.packets": 0.0,
                "vm.network.dropped": 0.0,
                "vm.network.errors": 0.0,
            },
        )

    def test_a_domain_that_was_not_there_has_what_is_not_counted(self):
        allocated = {"vm.memory.allocated": 163840 * 1024, "vm.memory.resident": 235980 * 1024}
        self.assertEqual(self.values(before={}), allocated)

    def test_counters_that_began_anew_have_no_value(self):
        again = {key: value // 2 if key.split(".")[0] in ("vcpu", "net", "block") and key.count(".") > 1 and isinstance(value, int) else value for key, value in BEFORE.items()}  # fmt: skip
        found = self.values(before=NOW, now=again)
        self.assertEqual({name for name in found if found[name] and "memory" not in name}, set())
        self.assertNotIn("vm.cpu.utilization", found)
        self.assertNotIn("vm.disk.write.bytes", found)

    def test_what_libvirt_does_not_tell_is_absent(self):
        # as NOWAIT leaves it for a guest that hangs
        told = ("state.", "vcpu.", "net.", "balloon.current", "balloon.maximum", "balloon.rss")
        now = {key: value for key, value in NOW.items() if key.startswith(told)}
        found = self.values(now=now)
        self.assertFalse([name for name in found if name.startswith("vm.disk") or name == "vm.memory.usage"])
        self.assertIn("vm.cpu.utilization", found)
        self.assertEqual(self.values(now={}), {})

    def test_memory_in_use_is_told_only_where_the_guest_told_it_anew(self):
        for what, before, now, expected in (
            ("its driver stopped", {}, {"balloon.last-update": BEFORE["balloon.last-update"]}, None),
            ("it has no driver", {"balloon.last-update": 0}, {"balloon.last-update": 0}, None),
            ("an old driver", {}, {"balloon.usable": None}, (125308 - 76212) * 1024),
            ("a strange driver", {}, {"balloon.usable": 999999}, 0),
            ("it says no total", {}, {"balloon.available": None}, None),
        ):
            with self.subTest(what):
                changed = {key: value for key, value in {**NOW, **now}.items() if value is not None}
                self.assertEqual(self.values({**BEFORE, **before}, changed).get("vm.memory.usage"), expected)

    def test_a_kernel_that_does_not_count_the_wait_gives_no_steal(self):
        nought = {"vcpu.0.delay": 0}
        self.assertNotIn("vm.cpu.steal", self.values({**BEFORE, **nought}, {**NOW, **nought}))

    def test_vcpus_share_the_time_of_all(self):
        two = {"vcpu.current": 2, "vcpu.3.time": 5 * 10**9, "vcpu.3.halt_wait_ns.sum": 7, "vcpu.3.guest_mode.cur": False}
        grown = 13.61 / (2 * SECONDS)
        found = self.values({**BEFORE, **two}, {**NOW, **two})["vm.cpu.utilization"]
        self.assertAlmostEqual(found, grown, 5)

    def test_disks_are_known_by_name_whatever_their_number(self):
        moved = {key.replace("block.0", "block.1"): value for key, value in NOW.items()}
        new = {"block.count": 2, "block.0.name": "vdb", "block.0.wr.bytes": 1 << 40, "block.0.wr.reqs": 9, "block.0.wr.times": 9}
        self.assertEqual(self.values(now={**moved, **new})["vm.disk.write.bytes"], 129793000.0)


class HostTest(Case):
    """A machine's own /proc and /sys."""

    def setUp(self):
        super().setUp()
        for name in ("block/vda/device", "block/loop0", "block/dm-0", "block/zram0", "class/net/eth0/device", "class/net/lo", "class/net/virbr0", "class/net/vnet0"):  # fmt: skip
            (self.home / "sys" / name).mkdir(parents=True)
        (self.home / "proc/net").mkdir(parents=True)

    def look(self, counts, pool=(100, 40), meminfo=MEMINFO):
        for name, text in (("stat", STAT), ("diskstats", DISKSTATS), ("net/dev", NET)):
            (self.home / "proc" / name).write_text(text.format(**counts))
        (self.home / "proc/meminfo").write_text(meminfo)
        (self.home / "proc/loadavg").write_text("0.55 0.36 0.19 5/168 11530\n")
        return read_host(pool, self.home)

    def test_a_recorded_host(self):
        self.assertEqual(
            host_values(self.look(FIRST), self.look(SECOND), 15.0),
            {
                "host.cpu.utilization": 0.4,
                "host.cpu.iowait": 0.1,
                "host.cpu.load": 0.55,
                "host.memory.limit": 24684092 * 1024,
                "host.memory.usage": (24684092 - 23647300) * 1024,
                "host.swap.usage": 572 * 1024,
                "host.disk.read.bytes": 10240.0,
                "host.disk.write.bytes": 0.0,
                "host.network.receive.bytes": 1000.0,
                "host.network.transmit.bytes": 200.0,
                "host.pool.limit": 100,
                "host.pool.usage": 40,
            },
        )

    def test_what_is_not_there_has_no_value(self):
        for name in ("block/vda/device", "class/net/eth0/device"):
            (self.home / "sys" / name).rmdir()
        found = host_values(self.look(FIRST), self.look(SECOND, pool=None, meminfo="MemTotal: 9 kB\n"), 15.0)
        self.assertEqual(set(found), {"host.cpu.utilization", "host.cpu.iowait", "host.cpu.load", "host.memory.limit"})

    def test_the_kernels_own_wait_for_disks_may_fall(self):
        found = host_values(self.look(SECOND), self.look({**SECOND, "iowait": 1041, "idle": 384684, "user": 15541}), 15.0)
        self.assertNotIn("host.cpu.iowait", found)
        self.assertNotIn("host.cpu.utilization", found)
        again = host_values(self.look(SECOND), self.look(FIRST), 15.0)
        self.assertEqual({name for name in again if name.startswith(("host.network", "host.disk.read"))}, set())

    def test_this_machine_is_read(self):
        now = read_host(pool_usage(self.home))
        self.assertGreater(now.cpu["idle"], 0)
        self.assertGreater(now.memory["MemTotal"], now.memory["MemAvailable"])
        self.assertGreater(now.pool[0], now.pool[1])


class SampleTest(HostTest):
    def test_the_names_are_those_of_the_catalogue(self):
        """But what only EC2 tells, and what stands beside the kernel's figures in a sample."""
        catalogue = set(re.findall(r"^  '([a-z.]+)': \{", CATALOGUE.read_text(), re.MULTILINE))
        domains = domain_values({**BEFORE, "block.0.rd.reqs": 1, "block.0.rd.times": 1}, NOW, 15.0)
        sample = sample_of(self.seen(100.0, {}), self.seen(115.0, {}, SECOND))
        self.assertEqual({*domains, *sample["host"]}, catalogue - {"vm.cpu.credits", "vm.status.failed"})

    def seen(self, moment, domains, counts=FIRST):
        found = None if domains is None else Domains(moment, domains)
        return Look("2026-11-27T08:00:00.000Z", moment, self.look(counts), 3, found)

    def test_what_the_plane_is_told(self):
        before = self.seen(100.0, {"a": Domain("vm-1", BEFORE), "gone": Domain("vm-2", BEFORE)})
        now = self.seen(115.0, {"stranger": Domain(None, {**NOW, "state.state": 3}), "a": Domain("vm-1", NOW)}, SECOND)
        sample = sample_of(before, now)
        self.assertEqual((sample["at"], sample["intervalSeconds"]), ("2026-11-27T08:00:00.000Z", 15.0))
        self.assertEqual((sample["host"]["host.vms.running"], sample["host"]["host.agent.backlog"]), (1, 3))
        self.assertEqual([(each["uuid"], each.get("vmId")) for each in sample["domains"]], [("a", "vm-1"), ("stranger", None)])
        ours, stranger = (each["values"] for each in sample["domains"])
        self.assertEqual(ours, domain_values(BEFORE, NOW, 15.0))
        self.assertEqual(set(stranger), {"vm.memory.allocated", "vm.memory.resident"})

    def test_no_time_is_no_sample(self):
        self.assertIsNone(sample_of(self.seen(100.0, {}), self.seen(100.0, {})))
        self.assertIsNone(sample_of(self.seen(100.0, {}), self.seen(100.0004, {})))

    def test_where_libvirt_does_not_answer_the_host_is_told(self):
        sample = sample_of(self.seen(100.0, {"a": Domain("vm-1", BEFORE)}), self.seen(115.0, None, SECOND))
        self.assertEqual(sample["domains"], [])
        self.assertNotIn("host.vms.running", sample["host"])
        self.assertEqual(sample["host"]["host.cpu.utilization"], 0.4)

    def test_a_rate_is_over_the_time_since_libvirt_answered(self):
        before = self.seen(115.0, None)._replace(domains=Domains(100.0, {"a": Domain("vm-1", BEFORE)}))
        sample = sample_of(before, self.seen(130.0, {"a": Domain("vm-1", NOW)}))
        self.assertEqual(sample["intervalSeconds"], 15.0)
        self.assertEqual(sample["domains"][0]["values"], domain_values(BEFORE, NOW, 30.0))

    def test_ours_go_first_where_they_are_too_many(self):
        many = {f"s{index}": Domain(None, {}) for index in range(metrics.MOST_DOMAINS)}
        sample = sample_of(self.seen(100.0, {}), self.seen(115.0, {**many, "a": Domain("vm-1", NOW)}))
        self.assertEqual((len(sample["domains"]), sample["domains"][0]["uuid"]), (metrics.MOST_DOMAINS, "a"))


def sample(index=0, size=0):
    """What a queue takes for one."""
    return {"at": index, "domains": os.urandom(size // 2).hex()}


class QueueTest(Case):
    def kept(self, queue):
        return [each["at"] for each in queue.first()[1]]

    def test_oldest_first_over_restarts_and_so_many_at_once(self):
        for index in range(30):
            MetricsQueue(self.place).put(sample(index))
        queue = MetricsQueue(self.place)
        paths, found = queue.first()
        self.assertEqual([each["at"] for each in found], list(range(20)))
        queue.remove(paths)
        self.assertEqual(self.kept(queue), list(range(20, 30)))
        self.assertEqual(self.kept(MetricsQueue(self.place)), list(range(20, 30)))
        queue.clear()
        self.assertEqual(queue.first(), ([], []))
        self.assertEqual(os.listdir(self.place.state / "metrics"), [])

    def test_the_oldest_are_given_up_by_size_and_by_number(self):
        for bounds in ({"most_bytes": 3000}, {"most_samples": 4}):
            with self.subTest(bounds):
                queue = MetricsQueue(self.place, **bounds)
                for index in range(9):
                    queue.put(sample(index, 1000))
                kept = self.kept(queue)
                self.assertEqual(kept, list(range(9 - len(kept), 9)))
                self.assertLess(len(kept), 6)
                directory = self.place.state / "metrics"
                self.assertEqual(len(os.listdir(directory)), len(kept))
                self.assertLessEqual(sum(path.stat().st_size for path in directory.iterdir()), bounds.get("most_bytes", 10_000))
                queue.clear()

    def test_a_queue_that_a_unit_with_other_bounds_left_is_cut_at_the_next_sample(self):
        for index in range(9):
            MetricsQueue(self.place).put(sample(index))
        queue = MetricsQueue(self.place, most_samples=2)
        queue.put(sample(9))
        self.assertEqual(self.kept(queue), [8, 9])

    def test_a_request_has_no_more_bytes_than_the_plane_takes(self):
        queue = MetricsQueue(self.place)
        for index in range(5):
            queue.put(sample(index, metrics_queue.BATCH_BYTES // 2 - 100))
        self.assertEqual(self.kept(queue), [0, 1])
        queue.remove(queue.first()[0])
        queue.put(sample(9, 2 * metrics_queue.BATCH_BYTES))
        for expected in ([2, 3], [4], [9]):
            self.assertEqual(self.kept(queue), expected)
            queue.remove(queue.first()[0])

    def test_what_is_torn_or_no_number_is_passed_over(self):
        queue = MetricsQueue(self.place)
        for index in range(4):
            queue.put(sample(index))
        paths = queue.first()[0]
        paths[0].write_bytes(b"")
        paths[1].write_bytes(paths[1].read_bytes()[:10])
        paths[2].write_bytes(zlib.compress(b"{"))
        (self.place.state / "metrics/.000000000005").write_bytes(b"half")
        queue = MetricsQueue(self.place)
        self.assertEqual((self.kept(queue), queue.first()[0]), ([3], paths))
        with self.assertRaises(ValueError):
            queue.put({"at": float("nan")})
        self.assertEqual(self.kept(queue), [3])


class Plane(BaseHTTPRequestHandler):
    """Gives the server's answers in turn, the last of them for ever; None: it takes the request and says nothing."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((self.path, self.headers["Authorization"], body))
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.server.hanging.wait()
            return
        status, said = answer
        text = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class OnPlane(Case):
    def setUp(self):
        super().setUp()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Plane)
        self.server.daemon_threads = True
        self.server.told, self.server.hanging = [], threading.Event()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.addCleanup(self.server.hanging.set)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.place.settings.mkdir(parents=True)
        url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.place.config_file.write_text(json.dumps({"apiUrl": url, "hostId": "h-1"}))
        self.place.token_file.write_text("word\n")
        self.queue = MetricsQueue(self.place)
        self.sender = MetricsSender(self.place, self.queue)

    def answers(self, *answers):
        self.server.answers = list(answers)

    def send(self):
        """What came of sending once, and what was said about it."""
        with contextlib.redirect_stderr(io.StringIO()) as said:
            done = self.sender.send_next()
        return done, said.getvalue()

    def waiting(self):
        return [each["at"] for each in self.queue.first()[1]]


class SenderTest(OnPlane):
    def test_a_batch_is_sent_with_the_token_and_the_answer_is_heeded(self):
        self.assertEqual(self.send(), (None, ""))
        self.answers((200, {"sampleSeconds": 30, "token": "another"}))
        for index in range(3):
            self.sender.put(sample(index))
        self.assertEqual(self.send(), (True, ""))
        path, token, body = self.server.told[0]
        self.assertEqual((path, token), ("/v1/hosts/h-1/metrics", "Bearer word"))
        self.assertEqual(set(body), {"unitVersion", "sentAt", "samples"})
        self.assertEqual([each["at"] for each in body["samples"]], [0, 1, 2])
        self.assertLess(abs(time.time() - instant(body["sentAt"]).timestamp()), 20)
        self.assertEqual((self.waiting(), self.sender.sample_seconds), ([], 30))
        self.assertEqual(self.place.token_file.read_text(), "word\n")  # the report's answer changes it, and nothing else does

    def test_it_goes_on_trying_where_its_configuration_is_away(self):
        self.answers((200, {}))
        self.sender.put(sample(0))
        away = self.place.config_file.rename(self.place.settings / "away")
        done, said = self.send()
        self.assertIs(done, False)
        self.assertIn("not enrolled", said)
        away.rename(self.place.config_file)
        self.assertEqual(self.send(), (True, ""))

    def test_the_plane_may_ask_within_bounds(self):
        for said, expected in ((1, 15), (40, 40), (999, 60), ("soon", 60), (None, 60)):
            self.answers((200, {"sampleSeconds": said}))
            self.sender.put(sample())
            self.send()
            self.assertEqual(self.sender.sample_seconds, expected)

    def test_what_is_worth_sending_again_and_what_is_not(self):
        for status, is_done in ((503, False), (500, False), (401, False), (403, False), (429, False), (400, True), (413, True)):
            self.queue.clear()
            self.sender.put(sample(status))
            self.answers((status, {"type": "/problems/X"}))
            with self.subTest(status):
                self.assertEqual(self.send()[0], is_done)
                self.assertEqual(self.waiting(), [] if is_done else [status])
                self.assertTrue(self.sender.is_wanted())

    def test_an_answer_that_is_none_is_none(self):
        self.sender.put(sample(1))
        for answer in ([], "x"):
            self.answers((200, answer))
            self.assertEqual((self.send()[0], self.waiting()), (False, [1]))

    def test_nobody_listens(self):
        self.place.config_file.write_text(json.dumps({"apiUrl": "http://127.0.0.1:9", "hostId": "h-1"}))
        self.sender.put(sample(1))
        self.assertEqual((self.send()[0], self.waiting()), (False, [1]))

    def test_an_outage_is_said_once(self):
        self.sender.put(sample(1))
        self.answers((503, {"requestId": "a"}))
        self.assertIn("metrics are not taken (503)", self.send()[1])
        self.answers((503, {"requestId": "b"}))
        self.assertEqual(self.send(), (False, ""))
        self.answers((200, {}))
        self.assertEqual(self.send(), (True, ""))
        self.sender.put(sample(1))
        self.answers((503, {}))
        self.assertIn("503", self.send()[1])

    def test_a_plane_without_the_route_is_left_alone_for_ten_minutes(self):
        self.answers((404, {"message": "Not Found"}))
        now = [1000.0]
        with mock.patch.object(time, "monotonic", lambda: now[0]):
            for index in range(30):
                self.sender.put(sample(index))
            done, said = self.send()
            self.assertEqual((done, said.count("\n"), self.waiting(), self.sender.is_wanted()), (True, 1, [], False))
            now[0] += 599
            self.assertFalse(self.sender.is_wanted())
            now[0] += 1
            self.assertTrue(self.sender.is_wanted())
            self.sender.put(sample(31))
            self.assertEqual((self.send(), self.sender.is_wanted()), ((True, ""), False))

    def test_samples_of_which_nothing_is_left_go(self):
        self.sender.put(sample(1))
        self.queue.first()[0][0].write_bytes(b"")
        self.assertEqual((self.send(), self.queue.first()), ((True, ""), ([], [])))

    def test_the_thread_goes_on_until_all_are_taken_after_an_outage(self):
        self.answers((503, {}), (200, {}))
        for index in range(45):
            self.sender.put(sample(index))
        with mock.patch.object(plane.random, "uniform", lambda *_: 0.0), contextlib.redirect_stderr(io.StringIO()):
            self.sender.start()
            until(lambda: self.queue.first() == ([], []))
        told = [[each["at"] for each in body["samples"]] for _, _, body in self.server.told]
        self.assertEqual([(len(each), each[0]) for each in told], [(20, 0), (20, 0), (20, 20), (5, 40)])

    def test_a_disk_that_fails_ends_no_thread(self):
        self.answers((200, {}))
        failing = [OSError("read only"), None]

        def first():
            error = failing.pop(0) if failing else None
            if error:
                raise error
            return MetricsQueue.first(self.queue)

        with mock.patch.object(self.queue, "first", first), mock.patch.object(plane.random, "uniform", lambda *_: 0.0), \
                contextlib.redirect_stderr(io.StringIO()):
            self.sender.put(sample(1))
            self.sender.start()
            until(lambda: self.server.told)


class ComplaintTest(unittest.TestCase):
    def test_the_same_is_said_again_only_after_it_was_well(self):
        complaint = Complaint()
        with contextlib.redirect_stderr(io.StringIO()) as said:
            for what, detail in (("a", 1), ("a", 2), ("b", 1), ("a", 1)):
                complaint.tell(what, detail)
            complaint.close()
            complaint.tell("a", 3)
        self.assertEqual(said.getvalue(), "a: 1\nb: 1\na: 1\na: 3\n")


class FakeDomain:
    def __init__(self, uuid, run=1, installation="test-1", vm="vm-1"):
        self.uuid, self.run, self.asked = uuid, run, 0
        self.mark = f"<n:vm xmlns:n='https://novacron.dev/libvirt/1' installation='{installation}' id='{vm}'/>"

    def UUIDString(self):
        return self.uuid

    def ID(self):
        return self.run

    def XMLDesc(self, _flags):
        self.asked += 1
        return f"<domain><metadata>{self.mark}</metadata></domain>"


class FakeConnection:
    """`hang` holds as many of those who ask as are `held`."""

    def __init__(self, *domains):
        self.domains, self.hang, self.held, self.error = domains, threading.Event(), 0, None
        self.hanging = 0

    def setKeepAlive(self, *_):
        pass

    def getAllDomainStats(self, *_):
        if self.held:
            self.held -= 1
            self.hanging += 1
            self.hang.wait()
        if self.error:
            raise self.error
        return [(domain, NOW) for domain in self.domains]


class WatchTest(OnPlane):
    def setUp(self):
        super().setUp()
        self.domain = FakeDomain("a")
        self.connection = FakeConnection(self.domain, FakeDomain("b", installation="others"))
        self.addCleanup(self.connection.hang.set)
        self.opened = []
        for module, name, by in (
            (domain_watch, "connect", lambda: self.opened.append(1) or self.connection),
            (domain_watch, "PATIENCE", 0.2),
            (metrics, "POOL_SECONDS", 0.05),
        ):
            patch = mock.patch.object(module, name, by)
            patch.start()
            self.addCleanup(patch.stop)
        self.place.pool.mkdir(parents=True)
        self.domains = DomainWatch(self.place)
        self.watch = Watch(self.place, Outbox(self.place), self.sender)

    def look(self):
        with mock.patch.object(domain_watch, "PATIENCE", 20):
            return self.domains.look()

    def test_whose_a_domain_is_is_asked_once_a_run(self):
        for _ in range(2):
            found = self.look().found
            self.assertEqual({uuid: domain.vm_id for uuid, domain in found.items()}, {"a": "vm-1", "b": None})
        self.assertEqual(self.domain.asked, 1)
        self.domain.run = 2
        self.look()
        self.assertEqual((self.domain.asked, len(self.opened)), (2, 1))
        self.connection.domains = ()
        self.look()
        self.assertEqual(self.domains._vm_ids, {})

    def test_a_question_that_hangs_is_passed_by_in_the_same_look(self):
        for hung in range(1, domain_watch.QUESTIONS):
            self.connection.held = 1
            with mock.patch.object(domain_watch, "PATIENCE", 1):
                self.assertEqual(set(self.domains.look().found), {"a", "b"})
            self.assertEqual(self.connection.hanging, hung)
            self.assertEqual(set(self.look().found), {"a", "b"})

    def test_so_many_hang_and_no_more(self):
        self.connection.held = 100
        for _ in range(domain_watch.QUESTIONS):
            self.assertIsNone(self.domains.look())
        self.assertEqual(self.connection.hanging, domain_watch.QUESTIONS)
        self.connection.held = 0
        self.assertIsNone(self.domains.look())
        self.connection.hang.set()
        until(lambda: self.look() is not None)

    def test_what_comes_late_is_told_at_the_next_look_unless_something_newer_was(self):
        late = [Domains(100.0, {"late": Domain(None, NOW)}), Domains(110.0, {"later": Domain(None, NOW)})]
        for question, answer in zip(self.domains._questions, reversed(late)):
            question.begin(lambda answer=answer: answer)
            until(question._under_way.done)
        self.connection.held = 100
        self.assertIs(self.domains.look(), late[1])
        older = self.domains._questions[-1]
        self.assertTrue(older.begin(lambda: late[0]))
        until(older._under_way.done)
        self.assertIsNone(self.domains.look())

    def test_libvirtd_that_is_away_is_reached_anew(self):
        self.connection.error = domain_watch.libvirt.libvirtError("gone")
        self.assertIsNone(self.look())
        self.opened.clear()
        self.connection.error = None
        self.assertEqual((len(self.look().found), len(self.opened)), (2, 1))

    def test_turns_make_samples_and_a_lost_look_costs_domains_only(self):
        before = self.watch.turn(None)
        self.assertEqual(self.queue.first(), ([], []))
        with mock.patch.object(domain_watch, "PATIENCE", 20):
            before = self.watch.turn(before)
        self.connection.held = domain_watch.TRIES
        lost = self.watch.turn(before)
        self.assertIs(lost.domains, before.domains)
        found = self.queue.first()[1]
        self.assertEqual([len(each["domains"]) for each in found], [2, 0])
        self.assertIn("host.pool.limit", found[0]["host"])

    def test_a_pool_that_hangs_or_is_not_there_has_no_size(self):
        hang = threading.Event()
        self.addCleanup(hang.set)
        with mock.patch.object(metrics, "pool_usage", lambda _: hang.wait()):
            for _ in range(2):
                self.assertIsNone(self.watch.turn(None).host.pool)
        hang.set()
        until(self.watch._pool._under_way.done)
        shutil.rmtree(self.place.pool)
        with mock.patch.object(metrics, "POOL_SECONDS", 20):
            self.assertIsNone(self.watch.turn(None).host.pool)

    def test_nothing_is_looked_at_for_a_plane_that_wants_nothing(self):
        self.answers((404, {}))
        self.sender.put(sample())
        self.send()
        self.assertIsNone(self.watch.turn(None))
        self.assertEqual(self.opened, [])

    def test_what_cannot_be_read_is_said_once_and_costs_a_sample(self):
        with mock.patch.object(metrics, "read_host", mock.Mock(side_effect=ValueError("a kernel of tomorrow"))), \
                contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertIsNone(self.watch.turn(None))
            self.assertIsNone(self.watch.turn(None))
        self.assertEqual(said.getvalue(), "no sample is taken: ValueError('a kernel of tomorrow')\n")


def until(what):
    for _ in range(1000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to be")


if __name__ == "__main__":
    unittest.main()
