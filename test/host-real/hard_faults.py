"""Processes of a real libvirt host are killed or stopped, its pool fails, its network is cut; a part of test_faults.py."""

import threading
import time

from lab import INSTALLATION, POOL, Vm, eventually, op_id
from unit_dies import UNIT

COMMAND = f"/usr/lib/novacron/{INSTALLATION}/current/novacron_host/command.py"
# The script's own number is 45; test/host/test_documents.py holds it against the documents'.
PATIENCE = "s/seconds: int = {}/seconds: int = {}/"
# The unit waits 15 s for the answer to a report (TIMEOUT of novacron_host/sender.py).
ANSWER_SECONDS = 15


class HardFaults:
    """`lab`, `create`, `undo` and `assert_nothing_of` are the test case's."""

    def order(self, verb, vm, **more):
        return self.lab.order(verb, op_id(f"{verb} {vm.name}"), vm.subject(**more), vm)

    def state(self, vm):
        return self.lab.virsh("domstate", vm.uuid)

    def qemu(self, vm, signal):
        self.lab.sh(f"kill -{signal} $(cat /run/libvirt/qemu/{vm.name}-{vm.id[-6:]}.pid)")

    def beats(self):
        return len(self.lab.plane.reports)

    def test_a_script_that_is_killed_on_the_way_is_done_again_or_undone(self):
        """Killed for good when this or that is there: the disk, the definition, a running domain without an answer."""
        for index, there in enumerate(("[ -e {disk}* ]", "[ -e /etc/libvirt/qemu/{name}.xml ]", "[ -e /run/libvirt/qemu/{name}.pid ]")):
            vm = Vm(f"killed-{index}")
            seen = there.format(disk=vm.disk, name=f"{vm.name}-{vm.id[-6:]}")
            watch = f"for _ in $(seq 2000); do if {seen}; then kill -9 $(pgrep -f '{INSTALLATION[:-1]}[{INSTALLATION[-1]}] create-vm'); exit 0; fi; sleep 0.005; done; exit 0"
            killer = threading.Thread(target=self.lab.sh, args=(watch,))
            killer.start()
            try:
                self.create(vm, attempt=1)
            except ValueError:
                pass  # it died without a word, as SSM would tell
            killer.join()
            with self.subTest(there):
                said = self.create(vm, attempt=2)
                self.assertTrue(said["ok"], said)
                eventually(lambda vm=vm: self.state(vm) == "running", 20)  # libvirt may be about to
                self.assertEqual(self.lab.virsh("list", "--all", "--name").count(vm.name), 1)
                self.assertEqual(self.undo(vm)["result"]["state"], "gone")
                self.assert_nothing_of(vm)

    def test_libvirtd_dies_in_the_midst(self):
        vm = Vm("midst")
        answers = []
        create = threading.Thread(target=lambda: answers.append(self.create(vm, attempt=1)))
        create.start()
        eventually(lambda: self.lab.sh(f"ls {POOL}/disks | grep {vm.id} || true"), 20, 0.01)
        self.lab.sh("kill -9 $(cat /run/libvirtd.pid)")
        create.join()
        self.lab.sh("rm -f /run/libvirtd.pid; libvirtd -d -p /run/libvirtd.pid -f /etc/libvirt/libvirtd.conf; virsh -q version >/dev/null")
        if not answers[0]["ok"]:
            self.assertIn(answers[0]["fault"], ("HostUnreachable", "VmLost"), answers)
        said = self.create(vm, attempt=2)
        self.assertEqual((said["ok"], self.state(vm)), (True, "running"), said)
        seen = self.beats()
        self.qemu(vm, "KILL")
        # by its event; by the first look of a unit that has not found the new libvirtd yet
        told = lambda: self.lab.plane.inventory().get(vm.uuid, {}).get("state") == "error"  # noqa: E731
        eventually(lambda: "crashed" in self.lab.plane.kinds(vm) or told(), 30)
        self.assertGreater(self.beats(), seen)
        self.assertEqual(self.undo(vm)["result"]["state"], "gone")
        self.assert_nothing_of(vm)

    def test_libvirtd_dies_and_stays_dead(self):
        """The verb says so by its name, each beat since when; once it is back the host is seen as it is."""
        vm = Vm("orphan")
        self.assertTrue(self.create(vm)["ok"])
        self.lab.sh("kill -9 $(cat /run/libvirtd.pid); rm -f /run/libvirtd.pid")
        try:
            seen = self.beats()
            said = self.order("stop-vm", vm, force=True)
            self.assertEqual((said.get("fault"), said["code"]), ("HostUnreachable", 10), said)
            told = lambda: [r["libvirtAwaySince"] for r in self.lab.plane.reports[seen:] if "libvirtAwaySince" in r]  # noqa: E731
            eventually(lambda: len(told()) > 1, 40)
            self.assertEqual(len(set(told())), 1)
        finally:
            self.lab.sh("libvirtd -d -p /run/libvirtd.pid -f /etc/libvirt/libvirtd.conf; virsh -q version >/dev/null")
        seen = self.beats()
        eventually(lambda: any("inventory" in report for report in self.lab.plane.reports[seen:]), 30)
        self.assertNotIn("libvirtAwaySince", self.lab.plane.reports[-1])
        self.assertEqual(self.state(vm), "running")
        said = self.order("remove-vm", vm)
        self.assertEqual(said.get("result", said).get("state"), "gone", said)
        self.assert_nothing_of(vm)

    def test_what_is_stopped_and_never_answers(self):
        """A QEMU, then libvirtd too: the verb ends by its name, the unit beats on, and afterwards all is as before."""
        hung, other = Vm("hung"), Vm("other")
        for vm in (hung, other):
            self.assertTrue(self.create(vm)["ok"])
        self.qemu(hung, "STOP")
        seen = self.beats()
        self.order("stop-vm", other, force=True)
        eventually(lambda: "stopped" in self.lab.plane.kinds(other), 10)
        eventually(lambda: any("inventory" in report for report in self.lab.plane.reports[seen:]), 30)
        said = []
        self.lab.sh(f"sed -i '{PATIENCE.format(45, 8)}' {COMMAND}; {UNIT} start-unit")
        asks = [threading.Thread(target=lambda: said.append(self.order("stop-vm", hung, force=False)))]
        asks[0].start()
        time.sleep(2)  # it has to reach QEMU before libvirtd is stopped
        self.lab.sh("kill -STOP $(cat /run/libvirtd.pid)")
        try:
            asks.append(threading.Thread(target=lambda: said.append(self.order("start-vm", other))))
            asks[1].start()
            for ask in asks:
                ask.join()
            seen = self.beats()
            eventually(lambda: self.beats() > seen + 1, 40)  # libvirt's own keepalive gives a silent libvirtd up after 20 s
        finally:
            self.lab.sh("kill -CONT $(cat /run/libvirtd.pid)")
            self.qemu(hung, "CONT")
            self.lab.sh(f"sed -i '{PATIENCE.format(8, 45)}' {COMMAND}; {UNIT} start-unit")
        self.assertEqual([(each.get("fault"), each["code"]) for each in said], [("TimedOut", 10)] * 2, said)
        for vm in (hung, other):
            said = self.order("remove-vm", vm)
            self.assertEqual(said.get("result", said).get("state"), "gone", said)
            self.assert_nothing_of(vm)

    def test_a_pool_that_cannot_be_written_or_is_not_there(self):
        cases = (
            ("read-only", f"mount -t tmpfs -o ro,size=64k ro {POOL}/disks", f"umount {POOL}/disks"),
            ("missing", f"mv {POOL} {POOL}.away && : >{POOL}", f"rm {POOL} && mv {POOL}.away {POOL}"),
        )
        for name, spoil, mend in cases:
            vm = Vm(name)
            self.lab.sh(spoil)
            try:
                said = self.create(vm)
            finally:
                self.lab.sh(mend)
            with self.subTest(name):
                self.assertEqual(said.get("fault"), "HostFault", said)
                self.assert_nothing_of(vm)
                self.assertTrue(self.create(vm)["ok"])
                self.undo(vm)

    def test_partition_and_heal(self):
        """The VM runs on, what happens meanwhile is told after it, in its order."""
        vm = Vm("island")
        self.assertTrue(self.create(vm)["ok"])
        eventually(lambda: "started" in self.lab.plane.kinds(vm), 20)
        before = len(self.lab.plane.kinds(vm))  # a start tells of a resumption too

        def meanwhile() -> list[str]:
            return [kind for kind in self.lab.plane.kinds(vm)[before:] if kind in ("paused", "resumed")]

        self.lab.hosts("partition", "1")
        self.lab.virsh("suspend", vm.uuid)
        self.lab.virsh("resume", vm.uuid)
        time.sleep(4)  # two beats are missed
        seen = self.beats()
        self.assertEqual(self.state(vm), "running")
        self.lab.hosts("heal", "1")
        # what the start told may still have been on its way
        eventually(lambda: meanwhile()[-2:] == ["paused", "resumed"], 60)
        self.assertGreater(self.beats(), seen)
        numbers = [report["seq"] for report in self.lab.plane.reports]
        self.assertEqual(numbers, sorted(numbers))
        self.undo(vm)

    def test_partition_in_one_direction(self):
        """Deaf or mute, the host goes on; afterwards all is told in its order, twice at most and then by the same number."""
        vm = Vm("one-way")
        self.assertTrue(self.create(vm)["ok"])
        eventually(lambda: "started" in self.lab.plane.kinds(vm), 20)
        self.addCleanup(self.lab.hosts, "heal", "1")
        for way in ("deaf", "mute", "deaf amid a report"):
            with self.subTest(way):
                before = self.beats()
                amid = way.endswith("report")
                if amid:
                    self.cut_at_next_report(vm)
                else:
                    self.lab.hosts("partition", "1", way)
                cut = time.monotonic()
                self.lab.virsh("suspend", vm.uuid)
                self.lab.virsh("resume", vm.uuid)
                # three beats; or until the unit waits no more for the answer, which TCP would bring after the heal
                time.sleep(ANSWER_SECONDS + 2 if amid else 6)
                told = self.lab.plane.reports[before:]
                self.assertEqual([report for report, at in zip(told, self.lab.plane.at[before:]) if at > cut + 2], [])
                self.assertEqual(self.state(vm), "running")
                self.lab.hosts("heal", "1")
                healed = time.monotonic()
                once = lambda: {report["seq"]: report for report in self.lab.plane.reports[before:]}  # noqa: E731
                kinds = lambda once=once: [  # noqa: E731
                    event["kind"] for report in once().values() for event in report["events"]
                    if event["domain"] == vm.uuid and event["kind"] in ("paused", "resumed")
                ]  # fmt: skip
                numbers = lambda before=before: [report["seq"] for report in self.lab.plane.reports[before:]]  # noqa: E731
                eventually(lambda kinds=kinds: kinds()[-2:] == ["paused", "resumed"], 60)
                if amid:  # its answer was lost: it comes again, and the plane knows its number
                    eventually(lambda numbers=numbers: numbers().count(self.cut_number) == 2, 60)
                print(f"{way}: all told {time.monotonic() - healed:.1f} s after it")
                self.assertEqual(numbers(), sorted(numbers()))
        self.undo(vm)

    def cut_at_next_report(self, vm):
        """The next report of this VM arrives; its answer, and all that comes after, does not."""
        self.cut_number = 0

        def cut(report):
            if self.cut_number == 0 and any(event["domain"] == vm.uuid for event in report["events"]):
                self.cut_number = report["seq"]
                self.lab.hosts("partition", "1", "deaf")

        self.lab.plane.on_report = cut

    def test_a_clock_that_is_an_hour_off(self):
        """Ahead: a command is refused before it does anything. Behind: what was undone stays undone."""
        ahead, behind = Vm("ahead"), Vm("behind")
        op = op_id(f"create {ahead.name}")
        said = self.lab.order("create-vm", op, ahead.create(op), ahead, seconds=60 - 3600)
        self.assertEqual((said.get("fault"), said["code"]), ("CommandTooLate", 10))
        self.assert_nothing_of(ahead)
        self.assertEqual(self.undo(behind, attempt=2)["result"]["state"], "gone")
        op = op_id(f"create {behind.name}")
        said = self.lab.order("create-vm", op, behind.create(op), behind, attempt=1, seconds=60 + 3600)
        self.assertEqual(said.get("fault"), "CommandFenced", said)
        self.assert_nothing_of(behind)

