"""Reports that wait are sent as one, until the plane has taken them."""

import json
import unittest
from unittest import mock

from case import Case
from case_on_plane import OnPlane
from novacron_host import together
from novacron_host.outbox import Outbox
from novacron_host.sender import Sender


def report(number, events=1, inventory=None, **more):
    """As the unit queues one; `inventory` is what it saw, told by the facts, too."""
    seen = {} if inventory is None else {"inventory": [inventory], "seenAt": f"at {number}", "facts": {"freeGiB": number}}
    return {"unitVersion": "1", "events": [{"kind": f"e{number}.{each}"} for each in range(events)], "seq": number, **seen, **more}


def numbers(reports):
    return [each["seq"] for each in reports]


class TogetherTest(unittest.TestCase):
    def one_of(self, *reports):
        return numbers(together.together(reports))

    def test_all_up_to_the_last_that_has_an_inventory(self):
        self.assertEqual(self.one_of(report(1), report(2, inventory="a"), report(3), report(4, inventory="b")), [1, 2, 3, 4])
        self.assertEqual(self.one_of(report(1, inventory="a"), report(2), report(3)), [1])
        self.assertEqual(self.one_of(report(1), report(2)), [1, 2])
        self.assertEqual(self.one_of(), [])

    def test_not_what_was_so_before_and_after_libvirt_went_away_or_the_unit_was_another(self):
        away = {"libvirtAwaySince": "then"}
        self.assertEqual(self.one_of(report(1, inventory="a"), report(2, **away), report(3, **away)), [1])
        self.assertEqual(self.one_of(report(2, **away), report(3, **away), report(4, inventory="b")), [2, 3])
        self.assertEqual(self.one_of(report(1), report(2, unitVersion="2")), [1])

    def test_no_more_events_and_bytes_than_the_plane_takes_in_well_in_time(self):
        self.assertEqual(self.one_of(report(1, events=60), report(2, events=40), report(3, events=1)), [1, 2])
        self.assertEqual(self.one_of(report(1, events=300), report(2)), [1])
        with mock.patch.object(together, "BYTES", 400):
            some = together.together([report(number) for number in range(1, 30)])
            self.assertLess(1, len(some))
            self.assertLessEqual(len(json.dumps(together.merged(some))), 400)

    def test_one_says_what_all_do_by_the_number_of_the_last(self):
        files = {"facts": {"freeGiB": 1, "files": ["x"]}}
        said = together.merged([report(1, inventory="a", **files), report(2), report(3, inventory="b")])
        self.assertEqual(said, {
            "unitVersion": "1", "events": [{"kind": f"e{number}.0"} for number in (1, 2, 3)], "seq": 3, "inventory": ["b"],
            "seenAt": "at 3", "facts": {"freeGiB": 3, "files": ["x"]},
        })
        self.assertEqual(together.merged([report(7)]), report(7))


class SenderTest(OnPlane):
    def setUp(self):
        super().setUp()
        self.outbox = Outbox(self.place)
        self.sender = Sender(self.place, self.outbox)

    def put(self, count):
        for _ in range(count):
            self.outbox.put({key: value for key, value in report(0).items() if key != "seq"})

    def told(self):
        """Number and events of each request."""
        return [(body["seq"], len(body["events"])) for _, _, body in self.server.told]

    def test_what_waits_is_one_request(self):
        self.answers((200, {"beatSeconds": 7}))
        self.put(60)
        self.assertEqual(self.send(), (True, ""))
        self.assertEqual(self.told(), [(60, 60)])
        self.assertEqual((self.outbox.count(), self.sender.beat_seconds), (0, 7.0))
        self.assertEqual(self.send(), (None, ""))

    def test_what_is_not_taken_is_sent_in_halves_then_in_twice_as_many(self):
        self.answers((503, {}), (503, {}), (200, {}))
        self.put(32)
        self.assertEqual([self.send()[0] for _ in range(7)], [False, False, True, True, True, None, None])
        self.assertEqual([number for number, _ in self.told()], [32, 16, 8, 24, 32])

    def test_one_that_is_refused_for_what_it_says_is_given_up_alone(self):
        self.answers((400, {}), (400, {}), (400, {}), (200, {}))
        self.put(4)
        done, said = zip(*(self.send() for _ in range(6)))
        self.assertEqual(done, (False, False, True, True, True, None))
        self.assertEqual(self.told(), [(4, 4), (2, 2), (1, 1), (2, 1), (4, 2)])
        self.assertIn("report 1: the plane answers 400", said[2])

    def test_what_happens_after_one_that_may_have_been_taken_is_not_told_with_it(self):
        self.answers((503, {}), (200, {}))
        self.put(1)
        self.send()
        self.put(3)
        self.assertEqual([self.send()[0] for _ in range(2)], [True, True])
        self.assertEqual(self.told(), [(1, 1), (1, 1), (3, 2)])
        self.put(0)
        self.assertEqual(self.send()[0], True)
        self.assertEqual(self.outbox.count(), 0)

    def test_nor_with_the_half_of_it_that_is_sent_again_last(self):
        self.answers((503, {}), (200, {}))
        self.put(4)
        self.send()
        self.put(4)
        self.assertEqual([self.send()[0] for _ in range(4)], [True, True, True, None])
        self.assertEqual(self.told(), [(4, 4), (2, 2), (4, 2), (8, 4)])

    def test_results_go_with_the_first_and_are_taken_with_it(self):
        self.answers((200, {}))
        (self.place.results / "op-1.1.json").write_text(json.dumps({"op": "op-1"}))
        self.put(2)
        self.send()
        self.assertEqual(self.server.told[0][2]["results"], [{"op": "op-1"}])
        self.assertEqual(self.outbox.results(), [])


class OutboxTest(Case):
    def test_each_is_read_when_it_is_asked_for(self):
        outbox = Outbox(self.place)
        for _ in range(3):
            outbox.put({"events": []})
        waiting = outbox.oldest()
        self.assertEqual(next(waiting)[1]["seq"], 1)
        self.assertEqual(numbers(each for _, each in outbox.oldest()), [1, 2, 3])
        self.assertEqual(outbox.first()[1]["seq"], 1)


if __name__ == "__main__":
    unittest.main()
