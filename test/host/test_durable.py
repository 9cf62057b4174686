"""What a power cut leaves: test/host-real/test_power.py cuts the power of a real host, here is the order in which things reach its disk."""

import os
import unittest
from pathlib import Path
from unittest import mock

from case import Case
from novacron_host.fence import Fence
from novacron_host.outbox import Outbox
from novacron_host.payload import Order, instant
from novacron_host.place import write_whole

ORDER = Order("op-1", 1, instant("2099-01-01T00:00:00.000Z"), "d", {})


class Durable(Case):
    def setUp(self):
        super().setUp()
        self.done: "list[tuple[str, str]]" = []
        sync, replace = os.fsync, os.replace

        def fsync(handle):
            self.done.append(("sync", Path(os.readlink(f"/proc/self/fd/{handle}")).name))
            sync(handle)

        def replaced(source, target):
            self.done.append(("replace", Path(target).name))
            replace(source, target)

        for name, by in (("fsync", fsync), ("replace", replaced)):
            patch = mock.patch.object(os, name, by)
            patch.start()
            self.addCleanup(patch.stop)

    def test_content_comes_before_the_name(self):
        write_whole(self.home / "home/it", "text")
        self.assertEqual(self.done, [("sync", ".it.new"), ("replace", "it")])

    def test_what_is_durable_has_its_name_on_disk_too(self):
        write_whole(self.home / "home/it", "text", durable=True)
        self.assertEqual(self.done, [("sync", ".it.new"), ("replace", "it"), ("sync", "home")])

    def test_no_number_of_a_report_is_given_twice(self):
        Outbox(self.place).put({"events": []})
        counter = self.done.index(("replace", "seq"))
        self.assertEqual(self.done[counter + 1][0], "sync")
        self.assertGreater(self.done.index(("replace", "000000000001.json")), counter + 1)

    def test_a_verb_has_reached_the_disk_before_its_answer_is_known(self):
        fence = Fence(self.place, "d")
        for home in (self.place.pool / "disks", self.place.definitions / "autostart"):
            home.mkdir(parents=True)
        self.assertIsNone(fence.admit(ORDER))
        self.assertEqual(self.done[-1], ("sync", "journal"))  # before its first side effect
        self.done.clear()
        fence.record(ORDER, {"ok": True, "result": {}})
        names = [name for what, name in self.done if what == "sync"]
        self.assertLess({"qemu", "autostart", "disks"}, {*names[: names.index(".d.json.new")]})


if __name__ == "__main__":
    unittest.main()
