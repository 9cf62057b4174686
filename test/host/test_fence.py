"""The fence: what a late, doubled or overtaken command may do (nothing), and what a payload must be."""

import base64
import hashlib
import json
import sys
import tempfile
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from novacron_host import answer, command  # noqa: E402
from novacron_host.faults import Fault  # noqa: E402
from novacron_host.fence import KEPT_OPERATIONS, Fence, fenced  # noqa: E402
from novacron_host.payload import Order, read_order  # noqa: E402
from novacron_host.place import Place  # noqa: E402

UUID = "4fa44310-91b3-5314-8938-157d348ec32e"
OP = f"op-{'a' * 26}"
OTHER = f"op-{'b' * 26}"
LATER = datetime.now(timezone.utc) + timedelta(hours=1)
PAST = datetime.now(timezone.utc) - timedelta(seconds=1)


def order(op=OP, attempt=1, not_after=LATER):
    return Order(op, attempt, not_after, UUID, {})


class FenceTest(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.place = Place("test-1", home.name)
        self.done = []

    def run_one(self, which, undoes=False):
        def act():
            self.done.append((which.op, which.attempt))
            return answer.success({"n": len(self.done)})

        return fenced(Fence(self.place, UUID), which, act, undoes)

    def refused(self, which, undoes=False, name="CommandFenced"):
        with self.assertRaises(Fault) as caught:
            self.run_one(which, undoes)
        self.assertEqual(caught.exception.name, name)
        return caught.exception.detail

    def test_a_repeat_is_answered_from_the_journal(self):
        first = self.run_one(order())
        self.assertEqual(self.run_one(order(not_after=PAST)), first)
        self.assertEqual(self.done, [(OP, 1)])

    def test_a_higher_attempt_acts_and_then_the_lower_is_refused(self):
        self.run_one(order(attempt=1))
        self.run_one(order(attempt=3))
        self.refused(order(attempt=2))
        self.assertEqual(self.done, [(OP, 1), (OP, 3)])

    def test_what_comes_too_late_leaves_no_trace(self):
        self.assertIn(f"by {PAST:%Y-%m-%dT%H:%M:%SZ}", self.refused(order(not_after=PAST), name="CommandTooLate"))
        self.assertEqual(self.done, [])
        self.assertFalse(self.place.journal.exists())

    def test_a_later_operation_closes_the_earlier_one(self):
        self.run_one(order(OP))
        self.run_one(order(OTHER))
        self.refused(order(OP, attempt=9))

    def test_undo_comes_first_and_no_create_passes_after_it(self):
        self.run_one(order(attempt=2), undoes=True)
        for attempt in (1, 2, 3):
            with self.subTest(attempt=attempt):
                if attempt == 2:
                    continue  # the undo's own attempt: answered from the journal
                self.refused(order(attempt=attempt))
        self.run_one(order(attempt=4), undoes=True)

    def test_a_crash_between_begin_and_answer_lets_the_repeat_act(self):
        def crash():
            raise RuntimeError("power cut")

        with self.assertRaises(RuntimeError):
            fenced(Fence(self.place, UUID), order(), crash)
        self.run_one(order())
        self.assertEqual(self.done, [(OP, 1)])

    def test_the_background_half_stops_acting_once_it_is_overtaken(self):
        fence = Fence(self.place, UUID)
        self.run_one(order(attempt=1))
        self.assertTrue(fence.holds(order(attempt=1)))
        self.run_one(order(attempt=2), undoes=True)
        self.assertFalse(fence.holds(order(attempt=1)))

    def test_the_journal_stays_bounded(self):
        for index in range(KEPT_OPERATIONS + 5):
            self.run_one(order(f"op-{index:026d}"))
        self.assertEqual(len(json.loads((self.place.journal / f"{UUID}.json").read_text())), KEPT_OPERATIONS)


def parameters(payload=None, **changes):
    text = base64.b64encode(json.dumps(payload or {"vm": {"id": "x"}}).encode()).decode()
    values = {
        "Op": OP,
        "Attempt": "1",
        "NotAfter": "2099-01-01T00:00:00.000Z",
        "Domain": UUID,
        "Payload": text,
        "Digest": hashlib.sha256(text.encode()).hexdigest(),
        **changes,
    }
    return {f"SSM_{name}": value for name, value in values.items() if value is not None}


class PayloadTest(unittest.TestCase):
    def test_a_sound_order_is_read(self):
        self.assertEqual(read_order(parameters({"a": "é"}), True).payload, {"a": "é"})

    def test_anything_else_is_refused_by_name(self):
        cases = {
            "op with a shell in it": (dict(Op="op-$(reboot)"), "InvalidRequest"),
            "op with a newline": (dict(Op=f"{OP}\n"), "InvalidRequest"),
            "no attempt": (dict(Attempt="0"), "InvalidRequest"),
            "attempt as text": (dict(Attempt="1; id"), "InvalidRequest"),
            "no instant": (dict(NotAfter="tomorrow"), "InvalidRequest"),
            "no uuid": (dict(Domain="web-1"), "InvalidRequest"),
            "an old agent that sets no variables": (dict(Op=None), "InvalidRequest"),
            "payload cut short": (dict(Payload="eyJ2bSI6"), "CommandGarbled"),
            "digest of another": (dict(Digest="0" * 64), "CommandGarbled"),
            "no base64": (dict(Payload="%%%%", Digest=hashlib.sha256(b"%%%%").hexdigest()), "InvalidRequest"),
            "no object": (dict(Payload="W10=", Digest=hashlib.sha256(b"W10=").hexdigest()), "InvalidRequest"),
            "too long": (dict(Payload="A" * 24_001), "InvalidRequest"),
        }
        for name, (changes, fault) in cases.items():
            with self.subTest(name), self.assertRaises(Fault) as caught:
                read_order(parameters(**changes), True)
            self.assertEqual(caught.exception.name, fault, name)


class CommandTest(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.place = Place("test-1", home.name)

    def test_bad_calls_are_answered_with_their_names(self):
        cases = {
            "unknown verb": ("rm", parameters(), "InvalidRequest", 12),
            "another protocol": ("start-vm", parameters(Unit="9-abc"), "HostUnitOutdated", 13),
            "garbled": ("start-vm", parameters(Digest="0" * 64), "CommandGarbled", 12),
            "too late": ("stop-vm", parameters(NotAfter="2020-01-01T00:00:00.000Z"), "CommandTooLate", 10),
        }
        for name, (verb, env, fault, code) in cases.items():
            with self.subTest(name):
                said = command.run(self.place, verb, env)
                self.assertEqual((said["fault"], answer.exit_code(said)), (fault, code))

    def test_the_answer_line_proves_itself(self):
        text = answer.line(answer.failure("HostFault", "é\n\"'$(id)" + "x" * 9000))
        word, length, digest, body = text.split(" ", 3)
        self.assertEqual((word, int(length)), ("NOVACRON1", len(body)))
        self.assertEqual(hashlib.sha256(body.encode()).hexdigest(), digest)
        self.assertNotIn("\n", text)
        self.assertLessEqual(len(json.loads(body)["detail"]), answer.DETAIL_LIMIT)

    def test_paths_outside_the_pool_are_refused(self):
        for path in ("/etc/passwd", f"{self.place.pool}/../x", f"{self.place.pool}/a b", f"{self.place.pool}", "disks/a"):
            with self.subTest(path), self.assertRaises(Fault):
                self.place.in_pool(path)

    def test_an_installation_id_cannot_be_a_path(self):
        for name in ("../x", "A", "a/b", "a\n", ""):
            with self.subTest(name), self.assertRaises(Fault):
                Place(name)


if __name__ == "__main__":
    unittest.main()
