"""A stop that saves dies in either half; or there is no room, or libvirt cannot. Nothing is lost, and the plane is told."""

import unittest
from types import SimpleNamespace
from unittest import mock

from fake_libvirt import FAILED, _Domain, error
from rig import Kill
from story import UUID, Story, saving

SAVE = {"save": True, "force": False, "graceSeconds": 600}


class SavingCrashPoints(unittest.TestCase):
    def setUp(self):
        self.story = Story()
        self.addCleanup(self.story.close)
        self.story.do("create-vm", "create", 1)
        self.story.guest_writes()
        self.story.save()

    def stop(self, attempt=1, kill=None, **more):
        return self.story.do("stop-vm", "it", attempt, kill, **{**SAVE, **more})

    def domain(self):
        return self.story.libvirtd.domains[UUID]

    def assert_saved(self):
        self.assertEqual((self.domain()["active"], self.domain()["saved"], self.domain()["autostart"]), (False, True, False))
        self.assertEqual(self.story.wrongs("stopped"), [])

    def assert_goes_on(self):
        self.assertEqual(self.story.wrongs("running"), [])
        self.assertFalse(self.domain().get("saved", False))

    def points(self, act):
        calls = act(None).calls
        return [Kill(at, when) for at in range(1, len(calls) + 1) for when in ("before", "torn", "after")]

    def test_the_half_that_the_document_waits_for(self):
        for kill in self.points(lambda kill: self.stop(1, kill)):
            for attempt in (1, 2):
                with self.subTest(kill=kill, attempt=attempt):
                    self.story.back()
                    self.stop(1, kill)
                    said = self.stop(attempt).answer
                    self.assertEqual((said["ok"], said["result"]["state"]), (True, "stopping"), said)
                    self.story.background()
                    self.assert_saved()
                    self.assertEqual([each for each in self.story.results() if each[0] == attempt], [(attempt, True)])

    def test_the_half_in_the_background(self):
        self.stop()
        self.story.save()
        for kill in self.points(lambda _: self.story.background()):
            with self.subTest(kill=kill):
                self.story.back()
                self.story.background(kill)
                self.story.unit_looks()
                ((_, ok),) = self.story.results()  # one, whatever happened: the plane is never left waiting
                self.assertTrue(self.domain()["active"] or self.domain()["saved"])
                self.assertTrue(not ok or self.domain()["saved"])
                self.assertTrue(self.stop(2).answer["ok"])
                self.story.background()
                self.assert_saved()
                self.assertTrue(self.story.do("start-vm", "start", 1).answer["ok"])
                self.assert_goes_on()
                self.assertEqual(self.domain()["boots"], 1)  # from its memory, and not anew

    def test_saved_twice_is_saved_once_and_only_force_lets_go_of_the_memory(self):
        self.stop()
        self.story.background()
        for label, more in (("again", SAVE), ("plain", {"force": False})):
            said = self.story.do("stop-vm", label, 1, **more)
            self.assertEqual((said.answer["result"]["state"], "spawn" in said.calls), ("saved", False))
            self.assert_saved()
        self.assertEqual(self.story.do("stop-vm", "force", 1, force=True).answer["result"]["state"], "stopped")
        self.assertFalse(self.domain()["saved"])

    def test_a_reset_boots_anew(self):
        self.stop()
        self.story.background()
        self.assertEqual(self.story.do("reset-vm", "reset", 1).answer["result"]["state"], "running")
        self.assertEqual((self.domain()["boots"], self.domain()["saved"]), (2, False))
        self.assertEqual(self.story.wrongs("running"), [])

    def test_late_and_overtaken_commands_save_nothing(self):
        said = self.stop(not_after="2020-01-01T00:00:00.000Z").answer
        self.assertEqual(said["fault"], "CommandTooLate")
        self.stop()
        self.story.do("start-vm", "newer", 1)  # given up meanwhile
        self.story.background()
        self.assert_goes_on()
        self.assertEqual(self.story.results(), [(1, False)])

    def test_without_room_the_guest_notices_nothing(self):
        with mock.patch.object(saving.shutil, "disk_usage", lambda _: SimpleNamespace(free=saving.RESERVE + 1023 * 1024)):
            said = self.stop()
        self.assertEqual((said.answer["fault"], "managedSave" in said.calls), ("DiskFull", False))
        self.assertIn("1 MiB", said.answer["detail"])
        self.assert_goes_on()

    def test_what_cannot_be_saved_goes_on_running_and_says_so(self):
        for text, fault in (("a device cannot be saved", "HostFault"), ("No space left on device", "DiskFull")):
            with self.subTest(text):
                self.story.back()
                self.stop()
                refuse = mock.Mock(side_effect=error(FAILED, text))
                with mock.patch.object(_Domain, "managedSave", refuse):
                    self.story.background()
                self.assert_goes_on()
                said = self.story.outcomes()[0]["answer"]
                self.assertEqual(said["fault"], fault)
                self.assertIn(f"goes on running: {text}", said["detail"])

    def test_what_takes_too_long_is_given_up(self):
        self.stop(graceSeconds=0)

        def hangs(domain, _flags):
            while not domain.aborted:
                pass
            raise error(FAILED, "operation aborted")

        with mock.patch.multiple(_Domain, managedSave=hangs, abortJob=lambda domain: setattr(domain, "aborted", True), aborted=False, create=True):
            with mock.patch.object(saving, "LEAST_SECONDS", 0.05):
                self.story.background()
        self.assert_goes_on()
        self.assertIn("not done within 0 s", self.story.outcomes()[0]["answer"]["detail"])


if __name__ == "__main__":
    unittest.main()
