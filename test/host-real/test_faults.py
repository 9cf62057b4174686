"""What goes wrong on a real libvirt host leaves nothing behind and is told by its name. One guest only has to finish booting."""

import threading
import unittest

from clock_faults import ClockFaults
from hard_faults import HardFaults
from lab import IMAGE, INSTALLATION, POOL, Lab, Vm, eventually, image_spec, op_id, read_answer
from unit_dies import UnitDies


class Faults(HardFaults, ClockFaults, UnitDies, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.lab.leave_acceleration_untried()
        said = cls.lab.enrol()
        assert said["ok"], said

    def create(self, subject, attempt=0, **changes):
        op = op_id(f"create {subject.name}")
        return self.lab.order("create-vm", op, subject.create(op, **changes), subject, attempt=attempt)

    def undo(self, vm, attempt=0):
        return self.lab.order("undo-create-vm", op_id(f"create {vm.name}"), vm.subject(), vm, attempt=attempt)

    def assert_nothing_of(self, vm):
        self.assertNotIn(vm.name, self.lab.virsh("list", "--all", "--name"))
        self.assertEqual(self.lab.sh(f"find {POOL} -name '*{vm.id}*'").strip(), "")

    def test_a_create_that_fails_takes_its_things_back(self):
        def xml(vm, old, new):
            return vm.xml(op_id(f"create {vm.name}")).replace(old, new)

        lost, strange, small, other = Vm("no-network", network="nowhere"), Vm("strange"), Vm("small"), Vm("other")
        cases = [
            (lost, {}, "SpecRefused"),
            (strange, {"domainXml": xml(strange, "<vcpu>", "<surprise/><vcpu>")}, "SpecRefused"),
            (other, {"domainXml": xml(other, other.uuid, "0" * 8 + other.uuid[8:])}, "InvalidRequest"),
            (small, {"disks": [{"path": small.disk, "sizeGiB": 0.01, "base": image_spec()}]}, "SpecRefused"),
        ]
        for vm, changes, fault in cases:
            with self.subTest(vm.name):
                said = self.create(vm, **changes)
                self.assertEqual((said.get("fault"), said["code"] in (10, 12)), (fault, True), said)
                self.assert_nothing_of(vm)

    def test_a_full_disk(self):
        vm = Vm("full")
        self.lab.sh(f"mount -t tmpfs -o size=64k full {POOL}/disks")
        try:
            said = self.create(vm)
            self.assertEqual(said.get("fault"), "DiskFull", said)
            self.assert_nothing_of(vm)
        finally:
            self.lab.sh(f"umount {POOL}/disks")

    def test_a_guest_that_finds_no_room_is_told_and_one_that_goes_by_itself_too(self):
        vm = Vm("no-room", ready="agent")
        told = lambda kind: [event["reason"] for event in self.lab.plane.events(vm) if event["kind"] == kind]  # noqa: E731
        self.lab.sh(f"mount -t tmpfs -o size=20m,mode=711 full {POOL}/disks")
        try:
            self.assertTrue(self.create(vm)["ok"])
            eventually(lambda: told("ready"), 300)
            self.lab.in_guest(vm, "/bin/sh", "-c", "dd if=/dev/urandom of=/data/x bs=64k count=400; sync; poweroff -f")
            why = f"ioerror: enospc on {vm.disk}"
            self.assertEqual(eventually(lambda: told("paused"), 120), [why])
            eventually(lambda: self.lab.plane.inventory().get(vm.uuid, {}).get("reason") == why, 30)
            self.lab.sh(f"mount -o remount,size=200m {POOL}/disks")
            self.lab.virsh("resume", vm.uuid)
            eventually(lambda: told("resumed"), 10)
            eventually(lambda: told("stopped"), 120)
            self.assertEqual((told("shutdown"), told("stopped")), (["guest"], ["shutdown"]))
            self.assertEqual(self.undo(vm)["result"]["state"], "gone")
        finally:
            self.lab.sh(f"umount -l {POOL}/disks")

    def test_text_of_people_never_reaches_a_shell(self):
        vm = Vm("shell")
        evil = "$(touch /tmp/novacron-pwned) `touch /tmp/novacron-pwned` '; touch /tmp/novacron-pwned; ' {{ Op }} \"\n"
        changes = {
            "vm": {"id": vm.id, "name": vm.name, "hostname": evil},
            "seed": {"path": vm.seed, "metaData": evil, "userData": {"text": evil}},
        }
        said = self.create(vm, **changes)
        self.assertTrue(said["ok"], said)
        self.assertEqual(self.lab.sh("ls /tmp/novacron-pwned 2>/dev/null || true"), "")
        self.assertIn("touch", self.lab.sh(f"strings {vm.seed} || cat {vm.seed}"))
        self.assertEqual(self.undo(vm)["result"]["state"], "gone")
        self.assert_nothing_of(vm)

    def test_a_path_outside_the_pool_is_refused(self):
        vm = Vm("outside")
        said = self.create(vm, console="/etc/cron.d/novacron")
        self.assertEqual((said["fault"], said["code"]), ("InvalidRequest", 12))

    def test_undo_that_comes_first_keeps_the_create_out(self):
        vm = Vm("undone")
        self.assertEqual(self.undo(vm, attempt=2)["result"]["state"], "gone")
        for attempt in (1, 3):
            op = op_id(f"create {vm.name}")
            said = self.lab.order("create-vm", op, vm.create(op), vm, attempt=attempt)
            self.assertEqual((said["fault"], said["code"]), ("CommandFenced", 11))
        self.assert_nothing_of(vm)

    def test_two_creates_at_once_make_one_domain(self):
        vm, answers = Vm("twice"), []
        op = op_id("create twice")
        run = lambda: answers.append(self.lab.order("create-vm", op, vm.create(op), vm, attempt=1))  # noqa: E731
        both = [threading.Thread(target=run) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        self.assertEqual([said["ok"] for said in answers], [True, True], answers)
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(self.lab.virsh("list", "--name").count("twice-"), 1)
        self.undo(vm)

    def test_garbled_payloads_are_refused(self):
        values = {"Op": op_id("x"), "Attempt": "1", "NotAfter": "2099-01-01T00:00:00.000Z", "Domain": Vm("x").uuid}
        code, out = self.lab.run("start-vm", {**values, "Payload": "eyJ2bSI6", "Digest": "0" * 64})
        self.assertEqual((code, read_answer(out)["fault"]), (12, "CommandGarbled"))

    def test_an_image_from_a_url_is_fetched_in_the_background(self):
        self.lab.plane.files = {"/image": IMAGE.read_bytes(), "/moved": "/image"}
        mirrors = f"/etc/novacron/{INSTALLATION}/mirrors"
        base = image_spec(imageId=f"img-{'7' * 16}", url=f"http://127.0.0.1:{self.lab.port}/moved")
        base.pop("path")
        refused, vm = Vm("loopback"), Vm("fetched")
        for subject, setup in ((refused, f"rm -f {mirrors}"), (vm, f"echo 127.0.0.0/8 >{mirrors}")):
            self.lab.sh(setup)
            said = self.create(subject, disks=[{"path": subject.disk, "sizeGiB": 0.125, "base": base}])
            self.assertEqual(said["result"], {"state": "fetching"}, said)

            def result(op=op_id(f"create {subject.name}")):
                return next((late for late in self.lab.plane.results() if late["op"] == op), None)

            subject.late = eventually(result, 60)["answer"]
        self.assertEqual(refused.late["fault"], "ImageUrlRefused")
        self.assert_nothing_of(refused)
        self.assertEqual((vm.late["ok"], vm.late["result"]["state"]), (True, "running"), vm.late)
        again = self.lab.order("create-vm", op_id("create fetched"), vm.create(op_id("create fetched")), vm, attempt=1)
        self.assertEqual(again["result"]["state"], "running")
        self.undo(vm)
        self.assert_nothing_of(vm)

    def test_what_befalls_a_guest_is_told_in_seconds(self):
        vm = Vm("unlucky", ready="port:9", timeout=10)
        self.create(vm)
        kinds = lambda: self.lab.plane.kinds(vm)  # noqa: E731
        self.lab.virsh("suspend", vm.uuid)
        eventually(lambda: "paused" in kinds(), 10)
        self.lab.virsh("resume", vm.uuid)
        eventually(lambda: "resumed" in kinds()[kinds().index("paused") :], 10)
        eventually(lambda: "not-ready" in kinds(), 60)
        (late,) = [event for event in self.lab.plane.events(vm) if event["kind"] == "not-ready"]
        self.assertEqual(late["reason"], "NotReadyInTime")
        self.assertIn("SYSLINUX", late["serialTail"])
        self.assertEqual(self.lab.virsh("domstate", vm.uuid), "running")
        self.lab.sh(f"kill -9 $(cat /run/libvirt/qemu/unlucky-{vm.id[-6:]}.pid)")
        eventually(lambda: "crashed" in kinds(), 10)
        self.assertEqual(self.undo(vm)["result"]["state"], "gone")

    def test_z_remove_unit_leaves_vms(self):
        vm = Vm("stays")
        self.create(vm)
        payload = {"installation": INSTALLATION, "hostId": "h"}
        said = self.lab.order("remove-unit", op_id("remove unit"), payload)
        self.assertTrue(said["ok"], said)
        self.assertIn("stays-", self.lab.virsh("list", "--name"))
        self.assertIn(f"{image_spec()['imageId']}.qcow2", self.lab.sh(f"ls {POOL}/images"))
        self.assertEqual(self.lab.sh("ls -A /usr/lib/novacron /etc/novacron").split(), ["/etc/novacron:", "/usr/lib/novacron:"])
        self.assertEqual(self.lab.sh(f"ps -eo args | grep '[c]urrent {INSTALLATION}' || true"), "")
        self.assertEqual(self.create(Vm("after")).get("fault"), "HostUnitOutdated")


if __name__ == "__main__":
    unittest.main(verbosity=2)
