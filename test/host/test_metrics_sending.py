"""Samples wait in a bounded queue on disk until the plane has taken them."""

import contextlib
import io
import json
import os
import time
import unittest
import zlib
from unittest import mock

from case import Case
from case_on_plane import OnPlane, sample, until
from novacron_host import metrics_queue, plane
from novacron_host.complaint import Complaint
from novacron_host.metrics_queue import MetricsQueue
from novacron_host.payload import instant


class QueueTest(Case):
    def kept(self, queue):
        return [each["at"] for each in queue.first()[1]]

    def test_oldest_first_over_restarts_and_so_many_at_once(self):
        for index in range(30):
            MetricsQueue(self.place).put(sample(index))
        queue = MetricsQueue(self.place)
        paths, found = queue.first()
        self.assertEqual([each["at"] for each in found], list(range(20)))
        queue.remove(paths)
        self.assertEqual(self.kept(queue), list(range(20, 30)))
        self.assertEqual(self.kept(MetricsQueue(self.place)), list(range(20, 30)))
        queue.clear()
        self.assertEqual(queue.first(), ([], []))
        self.assertEqual(os.listdir(self.place.state / "metrics"), [])

    def test_the_oldest_are_given_up_by_size_and_by_number(self):
        for bounds in ({"most_bytes": 3000}, {"most_samples": 4}):
            with self.subTest(bounds):
                queue = MetricsQueue(self.place, **bounds)
                for index in range(9):
                    queue.put(sample(index, 1000))
                kept = self.kept(queue)
                self.assertEqual(kept, list(range(9 - len(kept), 9)))
                self.assertLess(len(kept), 6)
                directory = self.place.state / "metrics"
                self.assertEqual(len(os.listdir(directory)), len(kept))
                self.assertLessEqual(sum(path.stat().st_size for path in directory.iterdir()), bounds.get("most_bytes", 10_000))
                queue.clear()

    def test_a_queue_that_a_unit_with_other_bounds_left_is_cut_at_the_next_sample(self):
        for index in range(9):
            MetricsQueue(self.place).put(sample(index))
        queue = MetricsQueue(self.place, most_samples=2)
        queue.put(sample(9))
        self.assertEqual(self.kept(queue), [8, 9])

    def test_a_request_has_no_more_bytes_than_the_plane_takes(self):
        queue = MetricsQueue(self.place)
        for index in range(5):
            queue.put(sample(index, metrics_queue.BATCH_BYTES // 2 - 100))
        self.assertEqual(self.kept(queue), [0, 1])
        queue.remove(queue.first()[0])
        queue.put(sample(9, 2 * metrics_queue.BATCH_BYTES))
        for expected in ([2, 3], [4], [9]):
            self.assertEqual(self.kept(queue), expected)
            queue.remove(queue.first()[0])

    def test_what_is_torn_or_no_number_is_passed_over(self):
        queue = MetricsQueue(self.place)
        for index in range(4):
            queue.put(sample(index))
        paths = queue.first()[0]
        paths[0].write_bytes(b"")
        paths[1].write_bytes(paths[1].read_bytes()[:10])
        paths[2].write_bytes(zlib.compress(b"{"))
        (self.place.state / "metrics/.000000000005").write_bytes(b"half")
        queue = MetricsQueue(self.place)
        self.assertEqual((self.kept(queue), queue.first()[0]), ([3], paths))
        with self.assertRaises(ValueError):
            queue.put({"at": float("nan")})
        self.assertEqual(self.kept(queue), [3])


class SenderTest(OnPlane):
    def test_a_batch_is_sent_with_the_token_and_the_answer_is_heeded(self):
        self.assertEqual(self.send(), (None, ""))
        self.answers((200, {"sampleSeconds": 30, "token": "another"}))
        for index in range(3):
            self.sender.put(sample(index))
        self.assertEqual(self.send(), (True, ""))
        path, token, body = self.server.told[0]
        self.assertEqual((path, token), ("/v1/hosts/h-1/metrics", "Bearer word"))
        self.assertEqual(set(body), {"unitVersion", "sentAt", "samples"})
        self.assertEqual([each["at"] for each in body["samples"]], [0, 1, 2])
        self.assertLess(abs(time.time() - instant(body["sentAt"]).timestamp()), 20)
        self.assertEqual((self.waiting(), self.sender.sample_seconds), ([], 30))
        self.assertEqual(self.place.token_file.read_text(), "word\n")  # the report's answer changes it, and nothing else does

    def test_it_goes_on_trying_where_its_configuration_is_away(self):
        self.answers((200, {}))
        self.sender.put(sample(0))
        away = self.place.config_file.rename(self.place.settings / "away")
        done, said = self.send()
        self.assertIs(done, False)
        self.assertIn("not enrolled", said)
        away.rename(self.place.config_file)
        self.assertEqual(self.send(), (True, ""))

    def test_the_plane_may_ask_within_bounds(self):
        for said, expected in ((1, 15), (40, 40), (999, 60), ("soon", 60), (None, 60)):
            self.answers((200, {"sampleSeconds": said}))
            self.sender.put(sample())
            self.send()
            self.assertEqual(self.sender.sample_seconds, expected)

    def test_what_is_worth_sending_again_and_what_is_not(self):
        for status, is_done in ((503, False), (500, False), (401, False), (403, False), (429, False), (400, True), (413, True)):
            self.queue.clear()
            self.sender.put(sample(status))
            self.answers((status, {"type": "/problems/X"}))
            with self.subTest(status):
                self.assertEqual(self.send()[0], is_done)
                self.assertEqual(self.waiting(), [] if is_done else [status])
                self.assertTrue(self.sender.is_wanted())

    def test_an_answer_that_is_none_is_none(self):
        self.sender.put(sample(1))
        for answer in ([], "x"):
            self.answers((200, answer))
            self.assertEqual((self.send()[0], self.waiting()), (False, [1]))

    def test_nobody_listens(self):
        self.place.config_file.write_text(json.dumps({"apiUrl": "http://127.0.0.1:9", "hostId": "h-1"}))
        self.sender.put(sample(1))
        self.assertEqual((self.send()[0], self.waiting()), (False, [1]))

    def test_an_outage_is_said_once(self):
        self.sender.put(sample(1))
        self.answers((503, {"requestId": "a"}))
        self.assertIn("metrics are not taken (503)", self.send()[1])
        self.answers((503, {"requestId": "b"}))
        self.assertEqual(self.send(), (False, ""))
        self.answers((200, {}))
        self.assertEqual(self.send(), (True, ""))
        self.sender.put(sample(1))
        self.answers((503, {}))
        self.assertIn("503", self.send()[1])

    def test_a_plane_without_the_route_is_left_alone_for_ten_minutes(self):
        self.answers((404, {"message": "Not Found"}))
        now = [1000.0]
        with mock.patch.object(time, "monotonic", lambda: now[0]):
            for index in range(30):
                self.sender.put(sample(index))
            done, said = self.send()
            self.assertEqual((done, said.count("\n"), self.waiting(), self.sender.is_wanted()), (True, 1, [], False))
            now[0] += 599
            self.assertFalse(self.sender.is_wanted())
            now[0] += 1
            self.assertTrue(self.sender.is_wanted())
            self.sender.put(sample(31))
            self.assertEqual((self.send(), self.sender.is_wanted()), ((True, ""), False))

    def test_samples_of_which_nothing_is_left_go(self):
        self.sender.put(sample(1))
        self.queue.first()[0][0].write_bytes(b"")
        self.assertEqual((self.send(), self.queue.first()), ((True, ""), ([], [])))

    def test_the_thread_goes_on_until_all_are_taken_after_an_outage(self):
        self.answers((503, {}), (200, {}))
        for index in range(45):
            self.sender.put(sample(index))
        with mock.patch.object(plane.random, "uniform", lambda *_: 0.0), contextlib.redirect_stderr(io.StringIO()):
            self.sender.start()
            until(lambda: self.queue.first() == ([], []))
        told = [[each["at"] for each in body["samples"]] for _, _, body in self.server.told]
        self.assertEqual([(len(each), each[0]) for each in told], [(20, 0), (20, 0), (20, 20), (5, 40)])

    def test_a_disk_that_fails_ends_no_thread(self):
        self.answers((200, {}))
        failing = [OSError("read only"), None]

        def first():
            error = failing.pop(0) if failing else None
            if error:
                raise error
            return MetricsQueue.first(self.queue)

        with mock.patch.object(self.queue, "first", first), mock.patch.object(plane.random, "uniform", lambda *_: 0.0), \
                contextlib.redirect_stderr(io.StringIO()):
            self.sender.put(sample(1))
            self.sender.start()
            until(lambda: self.server.told)


class ComplaintTest(unittest.TestCase):
    def test_the_same_is_said_again_only_after_it_was_well(self):
        complaint = Complaint()
        with contextlib.redirect_stderr(io.StringIO()) as said:
            for what, detail in (("a", 1), ("a", 2), ("b", 1), ("a", 1)):
                complaint.tell(what, detail)
            complaint.close()
            complaint.tell("a", 3)
        self.assertEqual(said.getvalue(), "a: 1\nb: 1\na: 1\na: 3\n")


if __name__ == "__main__":
    unittest.main()
