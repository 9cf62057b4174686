"""The look at libvirt and at the host, each few seconds, whatever hangs or is away."""

import contextlib
import io
import shutil
import threading
import unittest
from unittest import mock

from case_on_plane import OnPlane, sample, until
from novacron_host import domain_watch, metrics
from novacron_host.domain_watch import Domain, Domains, DomainWatch
from novacron_host.metrics import Watch
from novacron_host.outbox import Outbox
from recordings import NOW


class FakeDomain:
    def __init__(self, uuid, run=1, installation="test-1", vm="vm-1"):
        self.uuid, self.run, self.asked = uuid, run, 0
        self.mark = f"<n:vm xmlns:n='https://novacron.dev/libvirt/1' installation='{installation}' id='{vm}'/>"

    def UUIDString(self):
        return self.uuid

    def ID(self):
        return self.run

    def XMLDesc(self, _flags):
        self.asked += 1
        return f"<domain><metadata>{self.mark}</metadata></domain>"


class FakeConnection:
    """`hang` holds as many of those who ask as are `held`."""

    def __init__(self, *domains):
        self.domains, self.hang, self.held, self.error = domains, threading.Event(), 0, None
        self.hanging = 0

    def setKeepAlive(self, *_):
        pass

    def getAllDomainStats(self, *_):
        if self.held:
            self.held -= 1
            self.hanging += 1
            self.hang.wait()
        if self.error:
            raise self.error
        return [(domain, NOW) for domain in self.domains]


class WatchTest(OnPlane):
    def setUp(self):
        super().setUp()
        self.domain = FakeDomain("a")
        self.connection = FakeConnection(self.domain, FakeDomain("b", installation="others"))
        self.addCleanup(self.connection.hang.set)
        self.opened = []
        for module, name, by in (
            (domain_watch, "connect", lambda: self.opened.append(1) or self.connection),
            (domain_watch, "PATIENCE", 0.2),
            (metrics, "POOL_SECONDS", 0.05),
        ):
            patch = mock.patch.object(module, name, by)
            patch.start()
            self.addCleanup(patch.stop)
        self.place.pool.mkdir(parents=True)
        self.domains = DomainWatch(self.place)
        self.watch = Watch(self.place, Outbox(self.place), self.sender)

    def look(self):
        with mock.patch.object(domain_watch, "PATIENCE", 20):
            return self.domains.look()

    def test_whose_a_domain_is_is_asked_once_a_run(self):
        for _ in range(2):
            found = self.look().found
            self.assertEqual({uuid: domain.vm_id for uuid, domain in found.items()}, {"a": "vm-1", "b": None})
        self.assertEqual(self.domain.asked, 1)
        self.domain.run = 2
        self.look()
        self.assertEqual((self.domain.asked, len(self.opened)), (2, 1))
        self.connection.domains = ()
        self.look()
        self.assertEqual(self.domains._vm_ids, {})

    def test_a_question_that_hangs_is_passed_by_in_the_same_look(self):
        for hung in range(1, domain_watch.QUESTIONS):
            self.connection.held = 1
            with mock.patch.object(domain_watch, "PATIENCE", 1):
                self.assertEqual(set(self.domains.look().found), {"a", "b"})
            self.assertEqual(self.connection.hanging, hung)
            self.assertEqual(set(self.look().found), {"a", "b"})

    def test_so_many_hang_and_no_more(self):
        self.connection.held = 100
        for _ in range(domain_watch.QUESTIONS):
            self.assertIsNone(self.domains.look())
        self.assertEqual(self.connection.hanging, domain_watch.QUESTIONS)
        self.connection.held = 0
        self.assertIsNone(self.domains.look())
        self.connection.hang.set()
        until(lambda: self.look() is not None)

    def test_what_comes_late_is_told_at_the_next_look_unless_something_newer_was(self):
        late = [Domains(100.0, {"late": Domain(None, NOW)}), Domains(110.0, {"later": Domain(None, NOW)})]
        for question, answer in zip(self.domains._questions, reversed(late)):
            question.begin(lambda answer=answer: answer)
            until(question._under_way.done)
        self.connection.held = 100
        self.assertIs(self.domains.look(), late[1])
        older = self.domains._questions[-1]
        self.assertTrue(older.begin(lambda: late[0]))
        until(older._under_way.done)
        self.assertIsNone(self.domains.look())

    def test_libvirtd_that_is_away_is_reached_anew(self):
        self.connection.error = domain_watch.libvirt.libvirtError("gone")
        self.assertIsNone(self.look())
        self.opened.clear()
        self.connection.error = None
        self.assertEqual((len(self.look().found), len(self.opened)), (2, 1))

    def test_turns_make_samples_and_a_lost_look_costs_domains_only(self):
        before = self.watch.turn(None)
        self.assertEqual(self.queue.first(), ([], []))
        with mock.patch.object(domain_watch, "PATIENCE", 20):
            before = self.watch.turn(before)
        self.connection.held = domain_watch.TRIES
        lost = self.watch.turn(before)
        self.assertIs(lost.domains, before.domains)
        found = self.queue.first()[1]
        self.assertEqual([len(each["domains"]) for each in found], [2, 0])
        self.assertIn("host.pool.limit", found[0]["host"])

    def test_a_pool_that_hangs_or_is_not_there_has_no_size(self):
        hang = threading.Event()
        self.addCleanup(hang.set)
        with mock.patch.object(metrics, "pool_usage", lambda _: hang.wait()):
            for _ in range(2):
                self.assertIsNone(self.watch.turn(None).host.pool)
        hang.set()
        until(self.watch._pool._under_way.done)
        shutil.rmtree(self.place.pool)
        with mock.patch.object(metrics, "POOL_SECONDS", 20):
            self.assertIsNone(self.watch.turn(None).host.pool)

    def test_nothing_is_looked_at_for_a_plane_that_wants_nothing(self):
        self.answers((404, {}))
        self.sender.put(sample())
        self.send()
        self.assertIsNone(self.watch.turn(None))
        self.assertEqual(self.opened, [])

    def test_what_cannot_be_read_is_said_once_and_costs_a_sample(self):
        with mock.patch.object(metrics, "read_host", mock.Mock(side_effect=ValueError("a kernel of tomorrow"))), \
                contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertIsNone(self.watch.turn(None))
            self.assertIsNone(self.watch.turn(None))
        self.assertEqual(said.getvalue(), "no sample is taken: ValueError('a kernel of tomorrow')\n")


if __name__ == "__main__":
    unittest.main()
