"""Upgrading the unit: which version is current afterwards, what is kept, and on which machine it is refused."""

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
from novacron_host.faults import Fault  # noqa: E402
from novacron_host.payload import Order, instant  # noqa: E402

HOST = f"h-{'0' * 16}"


class UpgradeTest(Case):
    def setUp(self):
        super().setUp()
        self.place.settings.mkdir(parents=True)
        self.place.config_file.write_text(json.dumps({"hostId": HOST}))
        self.started = []

    def upgrade(self, version, host=HOST):
        """As the document does: unpacks a version, then runs the verb from it."""
        program = self.place.code / version
        if not program.exists():
            shutil.copytree(SOURCES, program, ignore=shutil.ignore_patterns("__pycache__"))
        order = Order("op", 1, instant("2026-11-25T12:00:00.000Z"), None, {"installation": "test-1", "hostId": host})
        here = str(program / "novacron_host/enrol.py")
        with mock.patch.object(enrol, "__file__", here), mock.patch.object(enrol.service, "start", self.started.append):
            return enrol.upgrade_unit(self.place, order)

    def versions(self):
        return sorted(path.name for path in self.place.code.iterdir())

    def test_the_new_version_is_current_and_started_and_the_one_before_stays(self):
        for version, kept in (("1-a", ["1-a"]), ("1-b", ["1-a", "1-b"]), ("1-c", ["1-b", "1-c"])):
            with self.subTest(version):
                self.assertEqual(self.upgrade(version)["state"], "upgraded")
                self.assertEqual(os.readlink(self.place.code / "current"), version)
                self.assertEqual(self.versions(), [*kept, "current"])
        self.assertEqual(self.started, [self.place] * 3)

    def test_the_same_version_again_changes_nothing(self):
        self.upgrade("1-a")
        self.upgrade("1-b")
        self.upgrade("1-b")
        self.assertEqual(os.readlink(self.place.code / "current"), "1-b")

    def test_it_is_refused_where_this_is_not_that_host(self):
        self.upgrade("1-a")
        for reason, host in (("another host", f"h-{'1' * 16}"), ("no host any more", HOST)):
            if reason == "no host any more":
                self.place.config_file.unlink()
            with self.subTest(reason), self.assertRaises(Fault) as caught:
                self.upgrade("1-b", host)
            self.assertEqual(caught.exception.name, "HostUnitOutdated")
            self.assertEqual(os.readlink(self.place.code / "current"), "1-a")

    def test_what_cannot_be_loaded_does_not_take_its_place(self):
        self.upgrade("1-a")
        with mock.patch.object(enrol.importlib, "import_module", side_effect=SyntaxError), self.assertRaises(SyntaxError):
            self.upgrade("1-b")
        self.assertEqual(os.readlink(self.place.code / "current"), "1-a")


if __name__ == "__main__":
    unittest.main()
