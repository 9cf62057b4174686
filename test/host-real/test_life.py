"""Every verb on a real libvirt host, with guests that really boot (emulated: slow, so few boots serve many tests)."""

import base64
import gzip
import hashlib
import time
import unittest

from lab import INSTALLATION, POOL, ROOT, Lab, Vm, base32, eventually, image_spec, op_id, read_answer

RETAIN = "2099-01-01T00:00:00.000Z"


class OneLife(unittest.TestCase):
    """create, ready, stop, start, reboot, reset, remove, undelete, purge; steps in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        state = f"/var/lib/novacron/{INSTALLATION}"
        cls.lab.sh(f"mkdir -p {state} && cp {ROOT}/.novacron/cache/test.vmlinuz {state}/probe.vmlinuz")
        cls.facts = cls.lab.enrol()
        cls.vm = Vm("web-1")
        cls.op = op_id("create web-1")

    def state(self, vm=None):
        return self.lab.virsh("domstate", (vm or self.vm).uuid)

    def order(self, verb, op, vm=None, **more):
        vm = vm or self.vm
        return self.lab.order(verb, op_id(op), vm.subject(**more), vm)

    def console(self, vm=None):
        code, out = self.lab.run("console-log", {"Domain": (vm or self.vm).uuid, "Bytes": "60000"})
        self.assertEqual(code, 0, out)
        return gzip.decompress(base64.b64decode(read_answer(out)["result"]["gzip"])).decode(errors="replace")

    def test_01_enrolment_finds_out_what_the_host_is(self):
        self.assertTrue(self.facts["ok"], self.facts)
        facts = self.facts["result"]
        self.assertIn(facts["accel"], ("kvm", "tcg"))
        self.assertIn("default", facts["networks"])
        self.assertIn("pc", facts["machineTypes"])
        failed = [check for check in facts["checks"] if not check["ok"]]
        self.assertEqual([check for check in failed if check["required"]], [])
        self.assertTrue(all(check["fix"] for check in failed))
        # the hosts of a plane of this clone are given it (local/libvirt-hosts.ts)
        self.lab.sh(f"cp /var/lib/novacron/{INSTALLATION}/accel.json {ROOT}/.novacron/cache/")

    def test_02_the_unit_reports_with_the_token_and_takes_a_new_one(self):
        eventually(lambda: self.lab.plane.inventory() is not None and self.lab.plane.reports)
        self.assertEqual(self.lab.plane.tokens[0], "Bearer first-token")
        self.lab.plane.rotate_to = "second-token"
        eventually(lambda: self.lab.plane.tokens[-1] == "Bearer second-token", 20)
        self.assertEqual(self.lab.sh(f"stat -c %a /etc/novacron/{INSTALLATION}/token").strip(), "600")

    def test_03_create_boots_and_tells_ready_with_address(self):
        seed = "#!/bin/sh\necho \"it's $(hostname) & <ready>\" >/dev/ttyS0\n"
        said = self.lab.order("create-vm", self.op, self.vm.create(self.op, seed), self.vm)
        self.assertTrue(said["ok"], said)
        self.assertEqual(said["result"]["state"], "running")
        ready = eventually(lambda: [e for e in self.lab.plane.events(self.vm) if e["kind"] == "ready"], 150)[0]
        self.assertEqual((ready["vmId"], ready["reason"]), (self.vm.id, "AgentAnswers"))
        self.assertRegex(ready["addresses"][0], r"^192\.168\.122\.\d+$")
        text = self.console()
        self.assertIn("it's web-1 & <ready>", text)
        self.assertIn(f"READY host=web-1 instance={self.vm.id}", text)

    def test_03b_the_host_proves_to_be_itself_and_nothing_is_changed_by_it(self):
        known = self.facts["result"]["identity"]
        state, settings = f"/var/lib/novacron/{INSTALLATION}", f"/etc/novacron/{INSTALLATION}"
        look = f"cat {settings}/config.json {state}/identity; stat -c '%a %U %y' {state}/identity; virsh -q list --all"
        before = self.lab.sh(look)
        self.assertIn("600 root", before)
        link = self.prove(known)["link"]
        self.assertEqual(hashlib.sha256(link.encode()).hexdigest(), known)
        self.assertEqual(hashlib.sha256(self.prove(link)["link"].encode()).hexdigest(), link)
        self.assertEqual(self.prove("none"), {"preparedAs": f"h-{base32('host', 16)}", "vmIds": [self.vm.id]})
        self.assertEqual(self.prove("0" * 64), {})
        self.assertEqual(self.lab.sh(look), before)
        self.lab.plane.wanted = {"identity": True}
        seen = len(self.lab.plane.reports)
        # the first is answered by the wish, the second sent by a unit that has heard it
        eventually(lambda: len(self.lab.plane.reports) >= seen + 2, 60)
        self.lab.have_facts_told()
        told = lambda: [r["facts"]["identity"] for r in self.lab.plane.reports if "identity" in r.get("facts", {})]  # noqa: E731
        self.assertEqual(eventually(told, 150)[0], known)
        self.lab.plane.wanted = {}
        self.lab.sh(f"mv {state}/identity {state}/away && mv {settings}/config.json {settings}/away")
        self.assertEqual((self.prove(known), self.prove("none")), ({}, {}))
        self.lab.sh(f"mv {state}/away {state}/identity && mv {settings}/away {settings}/config.json")
        self.assertEqual(self.state(), "running")

    def prove(self, link):
        code, out = self.lab.run("prove-host", {"Link": link})
        self.assertEqual(code, 0, out)
        return read_answer(out)["result"]

    def test_03a_it_is_measured_as_its_guest_works(self):
        writes = "while [ ! -e /run/enough ]; do dd if=/dev/zero of=/data/x bs=64k count=16; sync; done"
        self.lab.in_guest(self.vm, "/bin/sh", "-c", writes)
        measured = lambda: self.lab.plane.measured(self.vm)  # noqa: E731
        wrote = eventually(lambda: [v for v in measured() if v.get("vm.disk.write.bytes", 0) > 1 << 20], 90)[-1]
        for name in ("vm.cpu.utilization", "vm.disk.flush.operations", "vm.disk.flush.latency", "vm.disk.write.latency"):
            self.assertGreater(wrote[name], 0, name)
        self.assertEqual(wrote["vm.memory.allocated"], 160 << 20)
        told = eventually(lambda: [v for v in measured() if "vm.memory.usage" in v], 60)[-1]
        self.assertTrue(1 << 20 < told["vm.memory.usage"] < 160 << 20, told)
        sample = self.lab.plane.samples[-1]
        self.assertEqual((sample["host"]["host.vms.running"], sample["host"]["host.agent.backlog"]), (1, 0))
        self.assertTrue(14 < sample["intervalSeconds"] < 25, sample)
        self.lab.in_guest(self.vm, "/bin/touch", "/run/enough")  # it is asked to stop soon

    def test_04_create_again_makes_no_second_domain(self):
        for attempt in (1, 2):
            said = self.lab.order("create-vm", self.op, self.vm.create(self.op), self.vm, attempt=attempt)
            self.assertEqual((said["ok"], said["result"]["state"]), (True, "running"), said)
        self.assertEqual(self.lab.virsh("list", "--all", "--name").split(), [f"web-1-{self.vm.id[-6:]}"])

    def test_05_files_belong_to_qemu_and_the_image_stays_read_only(self):
        self.assertIn("libvirt-qemu", self.lab.sh(f"stat -c %U {self.vm.disk}"))
        self.assertEqual(self.lab.sh(f"stat -c %a {POOL}/images/{image_spec()['imageId']}.qcow2").strip(), "444")

    def test_06_late_lower_and_overtaken_commands_do_nothing(self):
        before = self.state()
        cases = {
            ("CommandFenced", 11): self.lab.order("create-vm", self.op, self.vm.create(self.op), self.vm, attempt=1),
            ("CommandTooLate", 10): self.lab.order(
                "stop-vm", op_id("late"), self.vm.subject(force=True), self.vm, seconds=-1
            ),
        }
        for refusal, said in cases.items():
            self.assertEqual((said.get("fault"), said["code"]), refusal)
        self.order("start-vm", "newer")
        overtaken = self.lab.order("create-vm", self.op, self.vm.create(self.op), self.vm, attempt=9)
        self.assertEqual((overtaken["ok"], overtaken.get("fault")), (False, "CommandFenced"))
        self.assertEqual(self.state(), before)

    def test_07_stop_asks_and_the_event_tells(self):
        said = self.order("stop-vm", "stop", force=False, graceSeconds=60)
        self.assertEqual((said["ok"], said["result"]["state"]), (True, "stopping"), said)
        eventually(lambda: "stopped" in self.lab.plane.kinds(self.vm), 60)
        self.assertEqual(self.state(), "shut off")
        self.assertIn("ACPI shutdown", self.console())
        again = self.order("stop-vm", "stop again", force=False, graceSeconds=60)
        self.assertEqual(again["result"]["state"], "stopped")

    def test_08_a_guest_that_is_deaf_to_acpi_is_asked_through_its_agent(self):
        self.order("start-vm", "start")
        count = lambda: self.lab.plane.kinds(self.vm).count("ready")  # noqa: E731
        eventually(lambda: count() >= 2, 120)
        self.lab.in_guest(self.vm, "/bin/touch", "/data/acpi-ignore")
        self.order("stop-vm", "deaf", force=False, graceSeconds=60)
        eventually(lambda: self.state() == "shut off", 60)
        self.assertIn("ACPI ignored", self.console())

    def told_ready(self, seen):
        news = self.lab.plane.kinds(self.vm)[seen:]
        return "ready" in news and news

    def test_09_reboot_reset_and_the_plug(self):
        refused = self.order("reboot-vm", "reboot while off")
        self.assertEqual(refused.get("fault"), "InvalidTransition")
        for verb, label in (("start-vm", "start 2"), ("reset-vm", "reset"), ("reboot-vm", "reboot")):
            seen = len(self.lab.plane.kinds(self.vm))
            self.assertEqual(self.order(verb, label)["result"]["state"], "running")
            # each boot is told, and judged anew
            news = eventually(lambda: self.told_ready(seen), 150)
            self.assertIn("started", news[: news.index("ready")], label)
            self.lab.in_guest(self.vm, "/bin/rm", "-f", "/data/acpi-ignore")
        self.assertEqual(self.order("stop-vm", "plug", force=True)["result"]["state"], "stopped")
        self.assertEqual(self.state(), "shut off")

    def test_10_a_host_that_reboots_without_the_plane_brings_its_vms_back(self):
        starts_with_host = lambda: "enable" in self.lab.virsh("dominfo", self.vm.uuid).split("Autostart:")[1].split("\n")[0]  # noqa: E731
        self.assertFalse(starts_with_host())  # it was stopped
        self.lab.plane.away = True
        self.order("start-vm", "start 3")
        self.assertTrue(starts_with_host())
        self.lab.hosts("kill", "1")
        self.lab.hosts("start", "1")
        eventually(lambda: self.state() == "running", 30)
        self.lab.sh(f"/usr/bin/python3 -I /usr/lib/novacron/{INSTALLATION}/current {INSTALLATION} start-unit")
        time.sleep(3)
        seen = len(self.lab.plane.reports)
        self.lab.plane.away = False
        eventually(lambda: len(self.lab.plane.reports) > seen, 90)
        eventually(lambda: self.lab.plane.inventory().get(self.vm.uuid, {}).get("state") == "running", 30)

    def told_off(self, seen):
        return [e["reason"] for e in self.lab.plane.events(self.vm)[seen:] if e["kind"] == "stopped"]

    def test_10a_its_memory_is_kept_over_a_reboot_of_the_host_and_restored(self):
        seen = len(self.lab.plane.events(self.vm))
        self.assertEqual(self.order("stop-vm", "save", save=True, force=False, graceSeconds=60)["result"]["state"], "stopping")
        self.assertEqual(eventually(lambda: self.told_off(seen), 30), ["saved"])
        self.lab.hosts("kill", "1")
        self.lab.hosts("start", "1")
        again = self.order("stop-vm", "save again", save=True, force=False, graceSeconds=60)
        self.assertEqual(again["result"]["state"], "saved")
        self.assertEqual(self.state(), "shut off")
        size = len(self.console())
        self.assertEqual(self.order("start-vm", "restore")["result"]["state"], "running")
        self.assertEqual(self.lab.virsh("domstate", self.vm.uuid, "--reason"), "running (restored)")
        self.assertNotIn("Linux version", self.console()[size:])  # nothing booted
        self.lab.sh(f"/usr/bin/python3 -I /usr/lib/novacron/{INSTALLATION}/current {INSTALLATION} start-unit")
        self.order("stop-vm", "save and let go", save=True, force=False, graceSeconds=60)
        eventually(lambda: "saved" in self.lab.virsh("domstate", self.vm.uuid, "--reason"), 30)
        self.lab.virsh("managedsave-remove", self.vm.uuid)  # somebody's own hand
        eventually(lambda: self.lab.plane.inventory().get(self.vm.uuid, {}).get("state") == "stopped", 90)
        self.assertEqual(self.order("start-vm", "anew")["result"]["state"], "running")

    def test_11_libvirtd_restarts_under_the_unit(self):
        self.lab.hosts("bounce", "1")
        seen = len(self.lab.plane.reports)
        self.order("stop-vm", "plug 2", force=True)
        eventually(lambda: any("inventory" in r for r in self.lab.plane.reports[seen:]), 30)
        eventually(lambda: self.lab.plane.inventory()[self.vm.uuid]["state"] == "stopped", 30)

    def test_12_strangers_are_seen_and_left_alone(self):
        stranger = Vm("stranger", network="default")
        xml = f"""<domain type='qemu'><name>old-db</name><uuid>{stranger.uuid}</uuid><memory unit='MiB'>32</memory>
          <os><type arch='x86_64' machine='pc'>hvm</type></os></domain>"""
        path = self.lab.directory / "old.xml"
        path.write_text(xml)
        self.lab.virsh("define", str(path))
        seen = eventually(lambda: self.lab.plane.inventory().get(stranger.uuid), 30)
        self.assertEqual((seen["name"], seen["state"], "vmId" in seen), ("old-db", "stopped", False))
        for verb in ("stop-vm", "remove-vm", "undo-create-vm"):
            said = self.order(verb, f"{verb} stranger", stranger, force=True)
            self.assertEqual(said.get("fault"), "VmNotManaged", verb)
        self.assertIn("old-db", self.lab.virsh("list", "--all", "--name"))

    def test_13_remove_keeps_undelete_brings_back_purge_leaves_nothing(self):
        said = self.order("remove-vm", "remove", retainUntil=RETAIN)
        self.assertEqual(said["result"]["state"], "gone", said)
        self.assertRegex(said["result"]["detail"], r"^[1-9]\d+ bytes retained until 2099")
        kept = self.lab.sh(f"ls {POOL}/retained/{self.vm.id}").split()
        self.assertIn("domain.xml", kept)
        self.assertEqual(self.order("remove-vm", "remove again", retainUntil=RETAIN)["result"]["state"], "gone")
        self.assertEqual(self.order("undelete-vm", "undelete")["result"]["state"], "stopped")
        self.assertEqual(self.order("start-vm", "start 4")["result"]["state"], "running")
        self.assertEqual(self.order("remove-vm", "purge")["result"]["state"], "gone")
        left = self.lab.sh(f"find {POOL} -name '*{self.vm.id}*'")
        self.assertEqual(left.strip(), "")
        self.assertEqual(self.order("undelete-vm", "undelete nothing").get("fault"), "VmLost")
        self.assertEqual(self.order("remove-vm", "remove nothing")["result"]["state"], "gone")


if __name__ == "__main__":
    unittest.main(verbosity=2)
