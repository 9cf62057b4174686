"""The real clock of a host leaps (leaping_clock.c: libvirtd, unit and scripts see it, the monotonic clock goes on); a part of test_faults.py."""

import threading
import time

from lab import INSTALLATION, Vm, eventually, op_id

HOUR = 3600
# To and fro by an hour, past the right time both ways, and back.
LEAPS = (HOUR, 0, -HOUR, HOUR, -HOUR, 0)


class ClockFaults:
    """`lab`, `create`, `undo` and `assert_nothing_of` are the test case's."""

    def leaping(self):
        self.lab.begin_faking_the_clock()
        self.addCleanup(self.lab.end_faking_the_clock)

    def between(self, seconds, *offsets):
        """The clock is set to each in turn, the next one so many seconds later."""
        for offset in offsets:
            self.lab.set_clock(offset)
            time.sleep(seconds)

    def test_beats_and_readiness_go_by_no_clock_that_leaps(self):
        """No beat is missed; what is not ready is told in its time, neither at once nor an hour later; what happens is told."""
        self.leaping()
        vms = [Vm(f"leap-{way}", ready="port:9", timeout=8) for way in ("ahead", "back")]
        for vm, offset in zip(vms, (HOUR, -HOUR)):
            self.lab.set_clock(0)
            self.assertTrue(self.create(vm)["ok"])
            eventually(lambda vm=vm: "started" in self.lab.plane.kinds(vm), 20)
            begun, seen = time.monotonic(), len(self.lab.plane.at)
            self.lab.set_clock(offset)
            eventually(lambda vm=vm: "not-ready" in self.lab.plane.kinds(vm), 30)
            self.assertGreater(time.monotonic() - begun, 4)
            self.between(1, *LEAPS)
            times = [begun, *self.lab.plane.at[seen:], time.monotonic()]
            self.assertLess(max(later - earlier for earlier, later in zip(times, times[1:])), 8)
            self.lab.virsh("suspend", vm.uuid)
            eventually(lambda vm=vm: "paused" in self.lab.plane.kinds(vm), 10)
            self.assertEqual(self.undo(vm)["result"]["state"], "gone")

    def test_a_clock_that_leaps_while_a_verb_runs(self):
        """It was admitted in time: it goes on to its end, once, and is neither ended early nor refused to its next attempt."""
        self.leaping()
        for way, leaps in (("ahead", (HOUR, -HOUR)), ("back", (-HOUR, HOUR))):
            vm = Vm(f"during-{way}")
            self.lab.set_clock(0)
            said = []
            create = threading.Thread(target=lambda: said.append(self.create(vm, attempt=1)))
            create.start()
            journal = self.lab.home / f"h1/novacron-lib/{INSTALLATION}/journal/{vm.uuid}.json"
            eventually(journal.exists, 20, 0.005)
            while create.is_alive():
                self.between(0.3, *leaps)
            with self.subTest(leaps):
                self.assertEqual([each["ok"] for each in said], [True], said)
                self.assertEqual(self.lab.virsh("domstate", vm.uuid), "running")
                self.assertEqual(self.create(vm, attempt=1), said[0])  # from the journal, whatever the time
                self.lab.set_clock(0)
                self.assertEqual(self.undo(vm)["result"]["state"], "gone")
                self.assert_nothing_of(vm)

    def test_a_clock_that_leaps_between_verbs(self):
        """Ahead, a command is refused before it does anything, and both clocks are told; behind, what was undone stays undone."""
        self.leaping()
        ahead, behind = Vm("leapt-ahead"), Vm("leapt-behind")
        self.lab.set_clock(HOUR)
        said = self.create(ahead, attempt=1)
        self.assertEqual((said.get("fault"), said["code"]), ("CommandTooLate", 10), said)
        self.assert_nothing_of(ahead)
        self.lab.set_clock(0)
        self.assertTrue(self.create(ahead, attempt=2)["ok"])
        self.lab.set_clock(-HOUR)
        for attempt in (1, 2):  # a refusal is no answer to remember; what was done is
            self.assertEqual(self.create(ahead, attempt=attempt).get("fault"), "CommandFenced" if attempt == 1 else None)
        self.assertEqual(self.undo(behind, attempt=2)["result"]["state"], "gone")
        op = op_id(f"create {behind.name}")
        for attempt in (1, 3):
            # by the right clock its time is over; by this host's it has an hour left
            late = self.lab.order("create-vm", op, behind.create(op), behind, attempt=attempt, seconds=-60)
            self.assertEqual(late.get("fault"), "CommandFenced", late)
        self.assert_nothing_of(behind)
        self.lab.set_clock(HOUR)
        self.assertEqual(self.undo(ahead).get("fault"), "CommandTooLate")
        self.lab.set_clock(0)
        self.assertEqual(self.undo(ahead)["result"]["state"], "gone")
        self.assert_nothing_of(ahead)
