"""
The power of a real libvirt host is cut amid a verb, or right after its answer: QEMU, libvirtd, script and unit die at once,
the disk loses what was not synced, and the host boots again. `NOVACRON_CASES` cuts at so many random moments too, and
`NOVACRON_DISK` takes another file system than XFS, which keeps most in memory: ext4.
"""

import os
import random
import threading
import time
import unittest

from lab import INSTALLATION, POOL, Lab, Vm, eventually, op_id

KIND = os.environ.get("NOVACRON_DISK", "xfs")
CASES = int(os.environ.get("NOVACRON_CASES", "0"))
SEED = int(os.environ.get("NOVACRON_SEED", "1"))
RETAIN = "2099-01-01T00:00:00.000Z"


class Power(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(disk=KIND)
        cls.addClassCleanup(cls.lab.close)
        cls.lab.leave_acceleration_untried()
        cls.lab.sh("sync")  # what the packages installed is older than this
        said = cls.lab.enrol()
        assert said["ok"], said
        cls.random = random.Random(SEED)
        cls.pool = cls.lab.home / "h1/lib/images/novacron" / INSTALLATION

    def setUp(self):
        if "enrolment" not in self.id():
            self.lab.sh("sync")  # what was there before is no part of it

    def begin(self, verb, vm, attempt=0, op="", **more):
        """A verb in a thread; what it answered, if it lived to, is in `said`."""
        said: list = []
        payload = vm.create(op_id(f"create {vm.name}")) if verb == "create-vm" else vm.subject(**more)
        name = op_id(op or f"{verb} {vm.name}")

        def run():
            try:
                said.append(self.lab.order(verb, name, payload, vm, attempt=attempt))
            except (ValueError, AssertionError):
                pass  # it died without a word, as SSM would tell

        thread = threading.Thread(target=run)
        thread.start()
        return thread, said

    def do(self, verb, vm, attempt=0, op="", **more):
        thread, said = self.begin(verb, vm, attempt, op, **more)
        thread.join()
        self.assertTrue(said, f"{verb} without an answer")
        return said[0]

    def undo(self, vm, attempt=0):
        return self.do("undo-create-vm", vm, attempt, op=f"create {vm.name}")

    def cut_and_boot(self):
        seen = max((report["seq"] for report in self.lab.plane.reports), default=0)
        count = len(self.lab.plane.reports)
        self.lab.power_cut()
        self.lab.boot()
        # the plane takes only what is numbered higher than all that it has heard
        eventually(lambda: any(report["seq"] > seen for report in self.lab.plane.reports[count:]), 35)

    def state(self, vm):
        return self.lab.virsh("domstate", vm.uuid)

    def names(self):
        return self.lab.virsh("list", "--all", "--name").split()

    def assert_nothing_of(self, vm):
        self.assertNotIn(vm.name, self.lab.virsh("list", "--all", "--name"))
        self.assertEqual(self.lab.sh(f"find {POOL} /etc/libvirt/qemu -name '*{vm.id}*'").strip(), "")

    def assert_lives(self, vm):
        """One domain, with a whole disk, that runs or can be started."""
        self.assertEqual(self.lab.virsh("list", "--all", "--name").count(vm.name), 1)
        self.lab.sh(f"qemu-img check -q -U {vm.disk}")
        if self.state(vm) != "running":
            said = self.do("start-vm", vm, op=f"start {vm.name} {time.monotonic()}")
            self.assertTrue(said["ok"], said)
        self.assertEqual(self.state(vm), "running")

    def points(self, vm):
        """By what can be seen of a create on the way: a disk being made, made, a seed, a definition, a process, an answer."""
        h1 = self.lab.home / "h1"
        definition = f"{vm.name}-{vm.id[-6:]}.xml"
        return {
            "admitted": lambda: (h1 / "novacron-lib" / INSTALLATION / "journal" / f"{vm.uuid}.json").exists(),
            "disk": lambda: (self.pool / "disks" / f"{vm.id}-0.qcow2").exists(),
            "seed": lambda: (self.pool / "seeds" / f"{vm.id}.iso").exists(),
            "defined": lambda: (h1 / "etc/qemu" / definition).exists(),
            "running": lambda: (h1 / "run/libvirt/qemu" / definition).exists(),
        }

    def test_0_right_after_the_enrolment(self):
        """Before anything was written for another reason: program, token and configuration are there."""
        self.cut_and_boot()

    def test_amid_a_create(self):
        """Done again it makes the VM, undone it leaves nothing."""
        points = ["admitted", "disk", "seed", "defined", "running"]
        for index, point in enumerate(points if CASES else ["disk", "running"]):
            vm = Vm(f"cut-{point}")
            reached = self.points(vm)[point]
            thread, said = self.begin("create-vm", vm, attempt=1)
            eventually(lambda: reached() or said, 60, 0.001)
            self.cut_and_boot()
            thread.join()
            with self.subTest(point):
                if index % 2 == 0:
                    again = self.do("create-vm", vm, attempt=2)
                    self.assertTrue(again["ok"], again)
                    self.assert_lives(vm)
                undone = self.undo(vm, attempt=3)
                self.assertTrue(undone["ok"], undone)
                self.assert_nothing_of(vm)

    def test_right_after_an_answer(self):
        """What the plane was told holds: created is there and comes up, stopped stays so, gone is gone, undone stays undone."""
        vm, kept, undone = Vm("answered"), Vm("retained"), Vm("taken-back")
        for each in (vm, kept, undone):
            self.assertTrue(self.do("create-vm", each)["ok"])
        self.cut_and_boot()
        for each in (vm, kept, undone):
            with self.subTest("created", vm=each.name):
                eventually(lambda each=each: self.state(each) == "running", 30)
                self.assert_lives(each)
        self.assertEqual(self.do("stop-vm", vm, force=True)["result"]["state"], "stopped")
        self.assertEqual(self.do("remove-vm", kept, retainUntil=RETAIN)["result"]["state"], "gone")
        self.assertEqual(self.undo(undone, attempt=7)["result"]["state"], "gone")
        self.cut_and_boot()
        with self.subTest("stopped"):
            self.assertEqual(self.state(vm), "shut off")
        with self.subTest("removed, and kept aside"):
            self.assertNotIn(f"{kept.name}-{kept.id[-6:]}", self.names())
            self.assertEqual(self.lab.sh(f"find {POOL}/disks {POOL}/seeds -name '*{kept.id}*'").strip(), "")
            said = self.do("undelete-vm", kept)
            self.assertEqual(said.get("result", said).get("state"), "stopped", said)
            self.assert_lives(kept)
        with self.subTest("undone"):
            self.assert_nothing_of(undone)
            late = self.do("create-vm", undone, attempt=6)
            self.assertEqual(late.get("fault"), "CommandFenced", late)
            self.assert_nothing_of(undone)
        with self.subTest("started"):
            self.assertTrue(self.do("start-vm", vm)["ok"])
        for each in (vm, kept):
            self.assertEqual(self.do("remove-vm", each, op=f"purge {each.name}")["result"]["state"], "gone")
        self.cut_and_boot()
        for each in (vm, kept):
            with self.subTest("purged", vm=each.name):
                self.assert_nothing_of(each)

    @unittest.skipUnless(CASES, "NOVACRON_CASES says how often")
    def test_random_moments(self):
        """A life, cut at any moment of any of its verbs; the verb is then asked for again, as the plane does."""
        for case in range(CASES):
            vm = Vm(f"life-{case}")
            verb = self.random.choice(["create-vm", "stop-vm", "start-vm", "remove-vm", "undo-create-vm"])
            delay = self.random.uniform(0.1, 2.0 if verb == "create-vm" else 1.0)
            if verb != "create-vm":
                self.assertTrue(self.do("create-vm", vm, attempt=1)["ok"])
            if verb == "start-vm":
                self.do("stop-vm", vm, force=True)
            with self.subTest(case=case, verb=verb, delay=delay):
                thread, _ = self.begin(verb, vm, 1, f"cut {verb} {case}", **({"force": True} if verb == "stop-vm" else {}))
                time.sleep(delay)
                self.cut_and_boot()
                thread.join()
                again = self.do(verb, vm, 2, f"cut {verb} {case}", **({"force": True} if verb == "stop-vm" else {}))
                self.assertTrue(again["ok"], again)
                if verb in ("create-vm", "stop-vm", "start-vm"):
                    self.assert_lives(vm)
            self.do("remove-vm", vm, op=f"tidy {case}")
            self.assert_nothing_of(vm)


if __name__ == "__main__":
    unittest.main(verbosity=2)
