"""Upgrade and removal of the host unit die at each of their calls and are done again: there is always a whole program, or none."""

import json
import os
import shutil
import sys
import unittest
from pathlib import Path
from unittest import mock

SOURCES = Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"
sys.path.insert(0, str(SOURCES))

from case import Case  # noqa: E402
from novacron_host import enrol  # noqa: E402
from novacron_host.payload import Order, instant  # noqa: E402
from rig import Kill, run  # noqa: E402

HOST = f"h-{'0' * 16}"
ORDER = Order("op", 1, instant("2026-11-25T12:00:00.000Z"), None, {"installation": "test-1", "hostId": HOST})


class UnitCrashPoints(Case):
    def prepare(self):
        shutil.rmtree(self.home / "usr", ignore_errors=True)
        for version in ("1-a", "1-b", "1-c"):
            program = self.place.code / version / "novacron_host"
            program.mkdir(parents=True)
            for file in (program.parent / "VERSION", program / "enrol.py"):
                file.write_text(version)
        (self.place.code / "current").symlink_to("1-b")
        for file, text in (
            (self.place.config_file, json.dumps({"hostId": HOST})), (self.place.token_file, "secret"),
            (self.place.journal / "vm.json", "{}"), (self.place.state / "outbox/1.json", "{}"),
            (self.place.state / "ready.json", "{}"), (self.place.pool / "disks/vm.qcow2", "disk"),
        ):  # fmt: skip
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def do(self, verb, kill=None):
        here = str(self.place.code / "1-c/novacron_host/enrol.py")

        def act(rig):
            for name in ("start", "stop"):
                rig.replace(enrol.service, name, lambda _, name=name: rig.call(name, lambda: None))
            with mock.patch.object(enrol, "__file__", here):
                return verb(self.place, ORDER)

        return run(act, kill)

    def points(self, verb):
        self.prepare()
        calls = self.do(verb).calls
        return [Kill(at, when) for at in range(1, len(calls) + 1) for when in ("before", "after")]

    def files(self):
        found = (path.relative_to(self.home) for path in self.home.rglob("*") if path.is_file() or path.is_symlink())
        return sorted(str(path) for path in found if "locks" not in path.parts)

    def test_upgrade(self):
        for kill in self.points(enrol.upgrade_unit):
            with self.subTest(kill=kill):
                self.prepare()
                self.do(enrol.upgrade_unit, kill)
                self.assertIn((self.place.code / "current/VERSION").read_text(), ("1-b", "1-c"))
                self.assertEqual(self.do(enrol.upgrade_unit).answer["state"], "upgraded")
                self.assertEqual(os.readlink(self.place.code / "current"), "1-c")
                left = {path.name for path in self.place.code.iterdir()}
                self.assertLessEqual({"1-c", "current"}, left)
                self.assertLessEqual(left, {"1-b", "1-c", "current"})

    def test_removal(self):
        for kill in self.points(enrol.remove_unit):
            with self.subTest(kill=kill):
                self.prepare()
                self.do(enrol.remove_unit, kill)
                if (self.place.code / "current").exists():
                    self.assertEqual((self.place.code / "current/VERSION").read_text(), "1-b")
                    self.assertEqual(self.do(enrol.remove_unit).answer["state"], "gone")
                kept = [path for path in self.files() if not path.startswith("usr/")]
                self.assertEqual(kept, ["var/lib/libvirt/images/novacron/test-1/disks/vm.qcow2", "var/lib/novacron/test-1/journal/vm.json"])


if __name__ == "__main__":
    unittest.main()
