"""
A verb that the host unit does for its document: the answer is the same, whoever dies on the way, and done once.

The documents' ask.pl runs as it does on a host; the unit's program is a process of its own, whose libvirtd is the fake one.
"""

import base64
import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "ssm-documents/host-unit"
sys.path[:0] = [str(HERE), str(SOURCES)]

from fake_libvirt import Libvirtd  # noqa: E402
from novacron_host import answer, command, power, resident  # noqa: E402
from novacron_host.place import Place  # noqa: E402
from rig import Kill, Rig  # noqa: E402
from story import UUID, VM, Story, op_of  # noqa: E402
from test_crash_points import READS, VERBS  # noqa: E402

LATE = "2020-01-01T00:00:00.000Z"
OTHER_VM, OTHER = "vm-fedcba9876543210", "11111111-91b3-5314-8938-157d348ec32e"
POWER = [verb for verb in VERBS.values() if verb.name in command.RESIDENT]


class Machine:
    """A directory that is a machine's root: a VM that runs, the code where documents look for it, and the unit's program."""

    def __init__(self, story: Story):
        self.story = story
        self.root = story.pool.parent
        self.place = story.place
        self.socket = self.place.run / f"{command.version()}.sock"
        self.home = self.place.code / command.version()
        self.home.mkdir(parents=True)
        shutil.copy(SOURCES / "ask.pl", self.home)
        # what ask.pl becomes where it must: the same verb in that very process
        lines = (f"sys.path[:0] = ['{HERE}', '{SOURCES}']", "import test_resident", f"test_resident.fall_back('{self.root}')")
        (self.home / "__main__.py").write_text("\n".join(("import sys", *lines)))
        (self.place.code / "current").symlink_to(self.home.name)
        self.unit = None

    def begin(self):
        """Starts the unit's program; ends with `end`, or when it is killed."""
        self.socket.unlink(missing_ok=True)  # what one that was killed left there answers nobody
        reading, self._life = os.pipe()
        self.unit = os.fork()
        if not self.unit:
            os.close(self._life)
            os.dup2(reading, 0)
            log = os.open(self.root / "unit.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(log, 2)
            try:
                _as_unit(self)
            finally:
                os._exit(0)
        os.close(reading)
        self.until(self.socket.exists)

    def end(self):
        """As when the unit dies, however it does: its end of the pipe is closed."""
        if self.unit:
            os.close(self._life)
            os.waitpid(self.unit, 0)
            self.unit = None

    def kill(self):
        """The unit's program itself."""
        os.kill(self.unit, signal.SIGKILL)
        self.end()

    def workers(self):
        """The processes that do a verb just now."""
        found = subprocess.run(["pgrep", "-P", str(self.unit)], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]

    def env(self, verb, op="it", attempt=2, uuid=UUID, vm=VM, not_after="2099-01-01T00:00:00.000Z", **more):
        text = base64.b64encode(json.dumps({"vm": {"id": vm, "name": "web-1"}, **more}).encode()).decode()
        return {
            "SSM_Op": op_of(op), "SSM_Attempt": str(attempt), "SSM_NotAfter": not_after, "SSM_Domain": uuid,
            "SSM_Payload": text, "SSM_Digest": hashlib.sha256(text.encode()).hexdigest(), "LC_ALL": "C",
        }  # fmt: skip

    def ask(self, verb, env):
        """Begins what the document begins."""
        line = ["/usr/bin/perl", str(self.place.code / "current/ask.pl"), "test-1", verb]
        return subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def do(self, verb, **more):
        """The exit code and the answer."""
        return self.told(self.ask(verb, self.env(verb, **more)))

    def told(self, process):
        out, errors = process.communicate(timeout=60)
        prefix, length, digest, text = out.strip().split(" ", 3) if out.count("\n") == 1 else ("", "0", "", errors)
        assert (prefix, int(length)) == ("NOVACRON1", len(text)), (out, errors)
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        return process.returncode, json.loads(text)

    def fell_back(self):
        """How often a document did its verb itself, since it was last asked."""
        note = self.root / "fell-back"
        count = len(note.read_text().splitlines()) if note.exists() else 0
        note.unlink(missing_ok=True)
        return count

    def kill_at(self, kill):
        """The next process that does a verb dies there."""
        (self.root / "kill.json").write_text(json.dumps(kill))

    def hang(self, *uuids):
        """libvirtd does not answer those who ask for these VMs, from now on."""
        (self.root / "hang").write_text(" ".join(uuids))

    def second_vm(self):
        facts = self.story.libvirtd.domains[UUID]
        xml = facts["xml"].replace(UUID, OTHER).replace(f"id='{VM}'", f"id='{OTHER_VM}'").replace("web-1", "web-2")
        self.story.libvirtd.change(OTHER, **{**facts, "xml": xml, "active": False})

    def until(self, what):
        for _ in range(500):
            if what():
                return
            time.sleep(0.02)
        raise AssertionError("it does not come to be")


def _connect(root: Path, rig, env):
    def connect():
        hang = root / "hang"
        while hang.exists() and env.get("SSM_Domain") in hang.read_text().split():
            time.sleep(0.01)
        return rig.ask("connect", lambda: Libvirtd(root / "domains.json").connection(rig))

    return connect


def _as_unit(machine):
    real = {"run": command.run, "tell": resident._tell}

    def run(place, name, env):
        note, kill = machine.root / "kill.json", None
        if note.exists():
            kill = Kill(*json.loads(note.read_text()))
            note.unlink()
        rig = Rig(kill, lambda _: None)
        rig.number_files()
        power.connect = _connect(machine.root, rig, env)
        resident._tell = lambda peer, said: rig.call("tell", lambda: real["tell"](peer, said))
        return real["run"](place, name, env)

    command.run = run
    resident.answer_verbs(machine.place)


def fall_back(root):
    """The program of a test's home directory: the verb, in this process."""
    with open(Path(root) / "fell-back", "a") as note:
        note.write(" ".join(sys.argv[1:]) + "\n")
    place = Place(sys.argv[1], root)
    power.connect = _connect(Path(root), Rig(None, lambda _: None), os.environ)
    sys.exit(command.carry_out(place, sys.argv[2], os.environ, lambda said: print(answer.line(said), flush=True)))


class ResidentTest(unittest.TestCase):
    def setUp(self):
        self.machine = self.machine_of(("create-vm", {}))

    def machine_of(self, *before):
        story = Story()
        self.addCleanup(story.close)
        for index, (name, more) in enumerate(before):
            self.assertTrue(story.do(name, f"before {index}", 1, **more).answer["ok"])
        machine = Machine(story)
        self.addCleanup(machine.end)
        return machine

    def assert_done_by_unit(self, times=0):
        self.assertEqual(self.machine.fell_back(), times)

    def boots(self, uuid=UUID):
        return self.machine.story.libvirtd.domains[uuid]["boots"]

    def test_the_unit_does_it_and_answers_as_the_document_would(self):
        self.machine.begin()
        before = self.boots()
        for _ in range(2):  # a repeat is answered from the journal
            code, said = self.machine.do("reset-vm")
            self.assertEqual((code, said["result"]["state"]), (0, "running"))
        self.assertEqual(self.boots(), before + 1)
        self.assert_done_by_unit()
        line = f"reset-vm '{op_of('it')}' attempt '2': 0\n"  # after the answer
        self.machine.until(lambda: (self.machine.root / "unit.log").read_text() == 2 * line)

    def test_each_refusal_has_the_same_name_and_exit_code_there(self):
        self.machine.begin()
        cases = (
            {"op": "late", "not_after": LATE}, {"attempt": 1}, {"attempt": "1 "}, {"attempt": ""}, {"op": "strange", "vm": OTHER_VM},
            {"op": "other", "uuid": OTHER}, {"op": "digest"}, {"op": "version"}, {"op": "no payload"},
        )  # fmt: skip
        self.machine.do("stop-vm", attempt=2)
        for case in cases:
            env = self.machine.env("stop-vm", **{"attempt": 1, **case})
            env.update({"digest": {"SSM_Digest": "0" * 64}, "version": {"SSM_Unit": "9-a"}}.get(case.get("op"), {}))
            if case.get("op") == "no payload":
                del env["SSM_Payload"]
            with self.subTest(case):
                code, said = self.machine.told(self.machine.ask("stop-vm", env))
                self.assert_done_by_unit()
                with mock.patch.object(power, "connect", _connect(self.machine.root, Rig(None, print), env)):
                    here = command.run(self.machine.place, "stop-vm", env)
                self.assertFalse(said["ok"])
                self.assertEqual(said["fault"], here["fault"])
                self.assertEqual(code, answer.exit_code(here))

    def test_where_no_unit_takes_it_the_document_does_it_itself(self):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as deaf:
            for name, prepare in (
                ("not there", lambda: None),
                ("dead", lambda: (self.machine.begin(), self.machine.kill())),
                ("of another version", lambda: self.machine.socket.rename(self.machine.place.run / "1-other.sock")),
                ("stopped", lambda: (deaf.bind(str(self.machine.socket)), deaf.listen(5))),
            ):
                prepare()
                with self.subTest(name):
                    code, said = self.machine.do("reset-vm", op=name)
                    self.assertEqual((code, said["ok"]), (0, True))
                    self.assert_done_by_unit(1)

    def test_a_unit_that_goes_on_later_finds_it_done(self):
        self.machine.begin()
        before = self.boots()
        os.kill(self.machine.unit, signal.SIGSTOP)
        try:
            self.assertEqual(self.machine.do("reset-vm")[0], 0)
            self.assert_done_by_unit(1)
        finally:
            os.kill(self.machine.unit, signal.SIGCONT)
        self.machine.do("reset-vm", op="other")
        self.assertEqual(self.boots(), before + 2)

    def test_an_answer_that_is_cut_or_is_none_is_not_believed(self):
        self.machine.place.run.mkdir(parents=True)
        line = b"0 " + answer.line(answer.success({"state": "gone"})).encode() + b"\n"
        for index, said in enumerate((b"", b"\x15", b"\x06", b"\x06" + line[:-1], b"\x06" + line[:20], b"\x06" + line[2:], line)):
            with self.subTest(said), contextlib.closing(socket.socket(socket.AF_UNIX)) as false:
                false.bind(str(self.machine.socket))
                false.listen(1)

                def say():
                    peer, _ = false.accept()
                    with peer:
                        while peer.recv(65536):
                            pass
                        peer.sendall(said)

                thread = threading.Thread(target=say)
                thread.start()
                code, told = self.machine.do("reset-vm", op=f"cut {index}")
                thread.join()
                self.assertEqual((code, told["result"]["state"]), (0, "running"))
                self.assert_done_by_unit(1)
            self.machine.socket.unlink()

    def test_what_does_it_dies_at_each_of_its_calls_and_the_document_goes_on(self):
        count = 0
        for verb in POWER:
            machine = self.machine_of(*verb.before)
            machine.story.guest_writes()
            machine.story.save()
            calls = [*machine.story.do(verb.name, "it", 2, **verb.more).calls[:-1], "tell"]
            for at, name in enumerate(calls, 1):
                if name in READS or name.endswith(".lock w"):
                    continue
                for when in ("before", *(("torn",) if name.startswith("replace .") else ()), "after"):
                    count += 1
                    machine.story.back()
                    machine.begin()
                    machine.kill_at(Kill(at, when))
                    with self.subTest(verb=verb.name, call=name, when=when):
                        code, said = machine.do(verb.name, **verb.more)
                        told = name == "tell" and when == "after"
                        self.assertEqual((code, said["ok"], machine.fell_back()), (0, True, 0 if told else 1), said)
                        self.assertEqual(machine.story.wrongs(verb.state), [])
                        again = machine.do(verb.name, **verb.more)
                        self.assertEqual((again, machine.fell_back()), ((code, said), 0))
                    machine.end()
        print(f"verbs of the unit die: {count} cases", file=sys.stderr)

    def test_whoever_asked_may_die_and_the_verb_is_done_all_the_same(self):
        self.machine.begin()
        self.machine.hang(UUID)
        asker = self.machine.ask("reset-vm", self.machine.env("reset-vm"))
        self.machine.until(self.machine.workers)
        asker.kill()
        asker.communicate()
        before = self.boots()
        self.machine.hang()
        code, said = self.machine.do("reset-vm")
        self.assertEqual((code, said["ok"], self.boots()), (0, True, before + 1))
        self.assert_done_by_unit()

    def test_the_unit_may_die_and_what_is_begun_is_done(self):
        for name, die in (("killed", self.machine.kill), ("ended", self.machine.end)):
            self.machine.begin()
            self.machine.hang(UUID)
            asker = self.machine.ask("reset-vm", self.machine.env("reset-vm", op=name))
            self.machine.until(self.machine.workers)
            (worker,) = self.machine.workers()
            self.machine.until(lambda worker=worker: Path(f"/proc/{worker}/comm").read_text() == "reset-vm\n")
            os.kill(worker, signal.SIGTERM)  # as systemd ends all of a service
            die()
            before = self.boots()
            self.machine.hang()
            code, said = self.machine.told(asker)
            self.assertEqual((code, said["ok"], self.boots()), (0, True, before + 1), name)
            self.assert_done_by_unit()

    def test_one_that_hangs_delays_no_other_and_ends_by_its_name(self):
        self.machine.second_vm()
        with mock.patch.dict(command.VERBS, {"stop-vm": command.VERBS["stop-vm"]._replace(seconds=8)}):
            self.machine.begin()
        self.machine.hang(UUID)
        hung = self.machine.ask("stop-vm", self.machine.env("stop-vm"))
        self.machine.until(self.machine.workers)
        code, said = self.machine.do("start-vm", op="other", uuid=OTHER, vm=OTHER_VM)
        self.assertEqual((code, said["result"]["state"], hung.poll()), (0, "running", None))
        code, said = self.machine.told(hung)
        self.assertEqual((code, said["fault"]), (10, "TimedOut"))
        self.machine.hang()
        self.assertEqual(self.machine.do("stop-vm", op="next", force=True)[1]["result"]["state"], "stopped")
        self.assert_done_by_unit()

    def test_two_for_one_vm_wait_for_each_other(self):
        self.machine.begin()
        self.machine.hang(UUID)
        before = self.boots()
        both = [self.machine.ask("reset-vm", self.machine.env("reset-vm")) for _ in range(2)]
        self.machine.until(lambda: len(self.machine.workers()) == 2)
        self.machine.hang()
        first, second = (self.machine.told(asker) for asker in both)
        self.assertEqual((first, first[0], self.boots()), (second, 0, before + 1))

    def test_every_text_arrives_as_the_document_would_read_it(self):
        self.machine.place.run.mkdir(parents=True)
        chance = random.Random(1)
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as unit:
            unit.bind(str(self.machine.socket))
            unit.listen(1)
            for length in [*range(200), 12_000]:
                texts = [chance.randbytes(length).replace(b"\0", b"="), b"=" * length, "é\n'\"$(id)".encode() * (length // 9)]
                env = dict(zip((b"SSM_Op", b"SSM_Payload", b"SSM_Domain"), texts))
                asker = self.machine.ask("stop-vm", {**env, b"PATH": b"/bin"})
                peer, _ = unit.accept()
                with peer:
                    read = resident.read_request(peer)
                    peer.sendall(resident.TAKEN + b"7 " + b"said " * length + b"\n")
                self.assertEqual(read, ("stop-vm", {os.fsdecode(name): os.fsdecode(text) for name, text in env.items()}))
                self.assertEqual(asker.communicate(timeout=60), ("said " * length + "\n", ""))
                self.assertEqual(asker.returncode, 7)
        self.assert_done_by_unit()

    def test_an_environment_of_perl_changes_nothing(self):
        self.machine.begin()
        script = (SOURCES.parent / "parts/ask-unit.sh").read_text().replace("${Installation}", "test-1 reset-vm")
        env = {**self.machine.env("reset-vm"), "PERL5OPT": "-Mnone", "PERL5LIB": "/none", "PERL_UNICODE": "SDA"}
        line = ["sh", "-c", f"unit={self.machine.place.code}/current\n{script}"]
        asker = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(self.machine.told(asker)[0], 0)
        self.assert_done_by_unit()

    def test_nonsense_is_answered_by_nobody_and_does_nothing(self):
        self.machine.begin()
        chance = random.Random(1)
        good = b"\0".join([b"reset-vm", *(f"{k}={v}".encode() for k, v in self.machine.env("reset-vm").items())])
        before, journal = self.boots(), self.machine.story.files()
        for index in range(200):
            text = chance.choice((
                chance.randbytes(chance.randint(0, 300)), b"create-vm" + good[8:], b"x" * 70_000, b"\0" * index,
                b"reset-vm\0" + chance.randbytes(50), good[: chance.randint(0, 60)], b"answer-verbs\0", b"../power\0" + good,
            ))  # fmt: skip
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as link:
                link.connect(str(self.machine.socket))
                try:
                    link.sendall(text)
                    link.shutdown(socket.SHUT_WR)
                    said = link.recv(65536) + link.recv(65536)
                except OSError:
                    continue  # it has hung up already
                self.assertTrue(said in (b"", b"\x06") or b'"ok":false' in said, (text[:80], said))
        self.assertEqual((self.boots(), self.machine.story.files()), (before, journal))
        self.assertEqual(self.machine.do("reset-vm")[0], 0)
        self.assert_done_by_unit()

    def test_nobody_but_root_may_ask(self):
        self.machine.place.run.mkdir(parents=True, mode=0o755)
        stale = self.machine.place.run / "1-older.sock"
        stale.touch()
        self.machine.begin()
        self.assertEqual(os.stat(self.machine.socket).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.machine.place.run).st_mode & 0o777, 0o700)
        self.assertEqual(list(self.machine.place.run.iterdir()), [self.machine.socket])

    def test_it_is_started_again_where_it_died_but_not_all_the_time(self):
        kept = resident.Resident(self.machine.place)
        now = [100.0]
        with mock.patch.object(resident.subprocess, "Popen") as popen, mock.patch.object(resident.time, "monotonic", lambda: now[0]):
            popen.return_value.poll.return_value = None
            kept.tend()
            kept.tend()
            self.assertEqual(popen.call_count, 1)
            popen.return_value.poll.return_value = -9
            kept.tend()
            self.assertEqual(popen.call_count, 1)
            now[0] += 6
            popen.side_effect = OSError("no process can be made")
            with contextlib.redirect_stderr(io.StringIO()):
                kept.tend()
            self.assertEqual(popen.call_count, 2)


if __name__ == "__main__":
    unittest.main()
