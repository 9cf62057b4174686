"""
The host's script dies before, in the middle of and after each of its calls, and is asked again as the plane asks: the same
attempt, the next one, an undo, another operation. Nothing is lost, made twice or left over, and no answer says what is not so.

`NOVACRON_CASES` gives the number of random pairs of deaths, `NOVACRON_SEED` their seed.
"""

import itertools
import os
import random
import sys
import unittest
from typing import NamedTuple

from rig import Kill
from story import RETAIN, Story

SEED = int(os.environ.get("NOVACRON_SEED", "1"))
PAIRS = int(os.environ.get("NOVACRON_CASES", "300"))
# What one call of libvirt's changes; a repeat from the journal makes none of them.
CHANGES = {"define", "setAutostart", "create", "destroy", "shutdown", "reboot", "reset", "undefine", "qemu-img create", "spawn"}
CREATED = (("create-vm", {}),)
KEPT = (*CREATED, ("remove-vm", RETAIN))


LONG = PAIRS > 300
# Nothing is different after these: to die there is to die after the change before them, or before the next one.
READS = {"connect", "lookup", "name", "isActive", "state", "XMLDesc", "hasManagedSaveImage", "qemu-img info", "fsync "}


LIBVIRT = READS - {"qemu-img info", "fsync "} | CHANGES - {"qemu-img create", "spawn"}


class Verb(NamedTuple):
    """A verb, what was done before it, how the VM is after it, and what takes over where it is given up."""

    name: str
    before: tuple
    more: dict
    state: str
    instead: "tuple[str, dict, str]"


UNDO = ("undo-create-vm", {}, "gone")
START, PURGE = ("start-vm", {}, "running"), ("remove-vm", {}, "gone")
STOPPED = (*CREATED, ("stop-vm", {"force": True}))
VERBS = {
    "create": Verb("create-vm", (), {}, "running", UNDO),
    "start": Verb("start-vm", STOPPED, {}, "running", PURGE),
    "ask to stop": Verb("stop-vm", CREATED, {"force": False}, "stopping", START),
    "pull the plug": Verb("stop-vm", CREATED, {"force": True}, "stopped", START),
    "reboot": Verb("reboot-vm", CREATED, {}, "running", START),
    "reset": Verb("reset-vm", CREATED, {}, "running", START),
    "remove": Verb("remove-vm", CREATED, RETAIN, "retained", ("undelete-vm", {}, "stopped")),
    "purge": Verb("remove-vm", CREATED, {}, "gone", PURGE),
    "purge what is retained": Verb("remove-vm", KEPT, {}, "gone", PURGE),
    "undelete": Verb("undelete-vm", KEPT, {}, "stopped", PURGE),
    "undo": Verb("undo-create-vm", CREATED, {}, "gone", UNDO),
}


class CrashPoints(unittest.TestCase):
    def story(self, verb):
        """A host where what comes before the verb was done."""
        story = Story()
        self.addCleanup(story.close)
        for index, (name, more) in enumerate(verb.before):
            self.assertTrue(story.do(name, f"before {index}", 1, **more).answer["ok"])
            if index == 0:
                story.guest_writes()
        story.save()
        return story

    def do(self, story, verb, attempt, kill=None, **more):
        return story.do(verb.name, "before 0" if verb.name == UNDO[0] else "it", attempt, kill, **verb.more, **more)

    def assert_done(self, story, run, state, wrote):
        self.assertTrue(run.answer and run.answer["ok"], run)
        self.assertEqual(story.wrongs(state, wrote), [], run)

    def assert_too_late(self, story, run, state, wrote):
        """It was refused, or answered from the journal; and nothing was done."""
        self.assertFalse({"connect", "spawn"}.intersection(run.calls), run)
        self.assertEqual(story.wrongs(state, wrote), [])

    def again(self, story, verb, kill=None):
        """The same attempt, then once more: that one is answered from the journal."""
        wrote = bool(verb.before)
        done = self.do(story, verb, 2, kill)
        if done.died:
            done = self.do(story, verb, 2)
        self.assert_done(story, done, verb.state, wrote)
        repeat = self.do(story, verb, 2)
        self.assertEqual(repeat.answer, done.answer)
        self.assertFalse(CHANGES.intersection(repeat.calls), repeat.calls)

    def next(self, story, verb, kill=None):
        """The next attempt; the one that died comes late and is refused."""
        if self.do(story, verb, 3, kill).died:
            kill = None
        else:
            self.assertEqual(story.wrongs(verb.state, bool(verb.before)), [])
        self.assert_done(story, self.do(story, verb, 4), verb.state, bool(verb.before))
        self.assert_too_late(story, self.do(story, verb, 2), verb.state, bool(verb.before))

    def instead(self, story, verb, kill=None):
        """It is given up for another operation, an undo where it can be undone; then it comes late, by this attempt and by another."""
        name, more, state = verb.instead
        op = ("before 0" if verb.before else "it") if name == UNDO[0] else "other"
        run = story.do(name, op, 3, kill, **more)
        if run.died:
            run = story.do(name, op, 4, **more)
        if verb.state == "retained" and run.answer and run.answer["ok"]:
            state = run.answer["result"]["state"]  # it may not have been taken off the host yet
        self.assert_done(story, run, state, bool(verb.before))
        # what never reached the host has its time to begin alone to keep it out, unless it was undone
        late = {} if name == UNDO[0] else {"not_after": "2020-01-01T00:00:00.000Z"}
        for attempt in (2, 9) if op != "before 0" else ():
            self.assert_too_late(story, self.do(story, verb, attempt, **late), state, bool(verb.before))

    def points(self, story, verb):
        """Every point at which it may die."""
        run = self.do(story, verb, 2)
        self.assert_done(story, run, verb.state, bool(verb.before))
        for at, name in enumerate(run.calls, 1):
            torn = ("torn",) if name.startswith(("replace .", "qemu-img create")) else ()
            reads = name in READS or name.endswith(".lock w")
            if reads and not LONG:
                continue
            for when in ("before", *torn, "after"):
                yield Kill(at, when)

    def tell_of(self, story, verb, kill, then, second=None):
        story.back()
        with self.subTest(verb=verb.name, kill=kill, then=then, second=second, seed=SEED):
            died = self.do(story, verb, 2, kill)
            self.assertTrue(died.died, died)
            getattr(self, then)(story, verb, second)

    def test_each_single_one(self):
        count = 0
        for verb in VERBS.values():
            story = self.story(verb)
            for kill in list(self.points(story, verb)):
                for then in ("again", "next", "instead"):
                    count += 1
                    self.tell_of(story, verb, kill, then)
        print(f"host crash points: {count} cases", file=sys.stderr)

    def test_libvirtd_dies_at_each_of_its_calls(self):
        """The script is told, and says so, or found out all the same; libvirtd is back when it is asked again."""
        count = 0
        for verb in VERBS.values():
            story = self.story(verb)
            calls = self.do(story, verb, 2).calls
            for at in (at for at, name in enumerate(calls, 1) if name in LIBVIRT):
                for when, then in itertools.product(("away", "away after"), ("next", "instead")):
                    count += 1
                    story.back()
                    with self.subTest(verb=verb.name, at=at, call=calls[at - 1], when=when, then=then):
                        said = self.do(story, verb, 2, Kill(at, when)).answer
                        self.assertEqual(said.get("fault"), "HostUnreachable", said)
                        getattr(self, then)(story, verb)
        print(f"libvirtd dies: {count} cases", file=sys.stderr)

    def test_random_pairs(self):
        chance = random.Random(SEED)
        stories = [(self.story(verb), verb) for verb in VERBS.values()]
        known = [(story, verb, list(self.points(story, verb))) for story, verb in stories]
        for _ in range(PAIRS):
            story, verb, points = chance.choice(known)
            second = Kill(chance.randint(1, 30), chance.choice(("before", "torn", "after")))
            self.tell_of(story, verb, chance.choice(points), chance.choice(("again", "next", "instead")), second)


if __name__ == "__main__":
    unittest.main()
