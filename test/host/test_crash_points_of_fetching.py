"""A create whose image is fetched in the background dies in either half, and the host unit, or the plane, takes over."""

import unittest
from unittest import mock

from rig import Kill
from story import Story, create


class FetchingCrashPoints(unittest.TestCase):
    def setUp(self):
        self.story = Story(slow_image=True)
        self.addCleanup(self.story.close)
        self.story.save()

    def create(self, attempt, kill=None):
        return self.story.do("create-vm", "it", attempt, kill)

    def assert_state(self, state):
        self.assertEqual(self.story.wrongs(state, wrote=False), [])

    def assert_undone(self, attempt):
        """The plane gives up: nothing is left, and neither half may act any more."""
        undone = self.story.do("undo-create-vm", "it", attempt)
        self.assertEqual(undone.answer and undone.answer["result"]["state"], "gone", undone)
        self.assert_state("gone")
        self.story.background()
        self.assertEqual(self.create(1).answer.get("fault"), "CommandFenced")
        self.assert_state("gone")
        self.story.unit_looks()
        self.assertNotIn((attempt, True), self.story.results())

    def points(self, act):
        calls = act(None).calls
        return [Kill(at, when) for at in range(1, len(calls) + 1) for when in ("before", "torn", "after")]

    def test_the_half_that_the_document_waits_for(self):
        for kill in self.points(lambda kill: self.create(1, kill)):
            for then in ("again", "next", "undo"):
                with self.subTest(kill=kill, then=then):
                    self.story.back()
                    self.create(1, kill)
                    if then == "undo":
                        self.assert_undone(2)
                        continue
                    attempt = 1 if then == "again" else 2
                    self.assertEqual(self.create(attempt).answer["result"], {"state": "fetching"})
                    self.story.background()
                    self.assert_state("running")
                    self.assertIn((attempt, True), self.story.results())
                    self.assertEqual([ok for number, ok in self.story.results() if number != attempt], [])

    def test_the_half_in_the_background(self):
        self.create(1)
        self.story.save()
        for kill in self.points(lambda _: self.story.background()):
            with self.subTest(kill=kill):
                self.story.back()
                self.story.background(kill)
                self.story.unit_looks()
                (outcome,) = self.story.results()  # one, whatever happened: the plane is never left waiting
                if outcome == (1, True):
                    self.assert_state("running")
                else:
                    self.assert_undone(2)

    def test_the_next_attempt_waits_for_the_one_before_and_is_not_forgotten(self):
        self.create(1)
        fetch = create._bases

        def overtaken(*given):
            self.create(2)
            return fetch(*given)

        with mock.patch.object(create, "_bases", overtaken):
            self.story.background()
        self.assertEqual(self.story.results(), [(1, False)])
        self.story.background()  # the process of attempt 2, which has waited
        self.assert_state("running")
        self.assertEqual(self.story.results(), [(1, False), (2, True)])
        self.story.background()
        self.assertEqual(self.story.results(), [(1, False), (2, True)])


if __name__ == "__main__":
    unittest.main()
