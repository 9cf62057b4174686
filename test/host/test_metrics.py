"""What two looks make: recorded from a real guest that writes, and from the kernel of its host; and what no value may come of."""

import re
import unittest
from pathlib import Path

from case import Case
from novacron_host import metrics
from novacron_host.counters import growth, ratio, share
from novacron_host.domain_metrics import domain_values
from novacron_host.domain_watch import Domain, Domains
from novacron_host.host_metrics import host_values, pool_usage, read_host
from novacron_host.metrics import Look, sample_of
from recordings import BEFORE, NOW, SECONDS

CATALOGUE = Path(__file__).resolve().parents[2] / "lambdas/domain/metrics/catalog.ts"

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


if __name__ == "__main__":
    unittest.main()
