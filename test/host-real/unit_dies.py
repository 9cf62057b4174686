"""The host unit, or what does a verb for it, is killed while libvirtd does not answer; a part of test_faults.py."""

import threading

from lab import INSTALLATION, Vm, eventually

UNIT = f"/usr/bin/python3 -I /usr/lib/novacron/{INSTALLATION}/current {INSTALLATION}"
LISTENING = f"ss -Hxl | grep /run/novacron/{INSTALLATION}/ || true"


class UnitDies:
    """`lab`, `create`, `order` and `state` are the test case's."""

    def log(self):
        return self.lab.sh(f"cat /var/lib/novacron/{INSTALLATION}/unit.log")

    def meanwhile(self, verb, vm, script, **more):
        """The answer to a verb during which the script is run, after it was begun and before libvirtd can do it."""
        eventually(lambda: self.lab.sh(LISTENING), 20)
        said = []
        self.lab.sh("kill -STOP $(cat /run/libvirtd.pid)")
        try:
            ask = threading.Thread(target=lambda: said.append(self.order(verb, vm, **more)))
            ask.start()
            eventually(lambda: self.lab.sh(f"pgrep -x {verb} || true"), 20, 0.05)
            self.lab.sh(script)
        finally:
            self.lab.sh("kill -CONT $(cat /run/libvirtd.pid)")
        ask.join()
        return said[0]

    def test_a_verb_outlives_whatever_dies_of_the_unit(self):
        vm = Vm("outlived")
        self.assertTrue(self.create(vm)["ok"])
        cases = (
            ("stop-vm", "kill -9 $(pgrep -x stop-vm)", "shut off", 0),
            ("start-vm", f"kill -9 $(pgrep -f '{INSTALLATION} [u]nit')", "running", 1),
            ("reset-vm", f"kill -9 $(pgrep -of '{INSTALLATION} [a]nswer-verbs')", "running", 1),
            ("reboot-vm", f"{UNIT} stop-unit", "running", 1),
        )
        for verb, script, state, by_unit in cases:
            before = self.log().count(f"{verb} ")
            with self.subTest(verb=verb, script=script):
                said = self.meanwhile(verb, vm, script, force=True)
                self.assertTrue(said["ok"], said)
                self.assertEqual(self.state(vm), state)
                eventually(lambda v=verb, n=before + by_unit: self.log().count(f"{v} ") == n, 10)  # after the answer
        self.lab.sh(f"{UNIT} start-unit")
        self.assertEqual(self.order("remove-vm", vm)["result"]["state"], "gone")
