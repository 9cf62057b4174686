"""
Runs the host's script in a process of its own that is killed at one of its calls, for good: SIGKILL, so that nothing is
tidied up, no lock is given back but by the kernel, no buffer is written.

Numbered are libvirt's calls, programs, and whatever changes files. `before` a call, `after` it (its effect is there, its
reply was never seen), or `torn`: half of it is done. Or libvirtd dies, `away` before a call, `away after` it, and with it
the connection: the script lives on and is told so.
"""

import builtins
import contextlib
import io
import json
import os
import signal
import subprocess
import traceback
from pathlib import Path
from typing import Callable, NamedTuple, Optional
from unittest import mock

from fake_libvirt import END, MAGIC, error

_RPC = 39

_WRITES = os.O_WRONLY | os.O_RDWR


class Kill(NamedTuple):
    """At which call (from 1) a process dies, and how far that call got."""

    at: int
    when: str


class Run(NamedTuple):
    """What came of a process: its answer (None: it died, or crashed), the names of its calls."""

    answer: Optional[dict]
    calls: "list[str]"
    died: bool
    crash: str = ""


class Rig:
    """Numbers the calls of this process and ends it where it is told to."""

    def __init__(self, kill: Optional[Kill], tell: Callable[[dict], None]):
        self._kill, self._tell = kill, tell
        self.calls: "list[str]" = []
        self._replaced = contextlib.ExitStack()
        self._is_away = False

    def call(self, name, effect, torn=None):
        """One numbered call."""
        self.calls.append(name)
        due = self._kill is not None and len(self.calls) == self._kill.at
        if due and self._kill.when == "before":
            self._die()
        if due and self._kill.when == "torn" and torn:
            torn()
            self._die()
        try:
            return effect()
        finally:
            if due and not self._kill.when.startswith("away"):
                self._die()

    def ask(self, name, effect):
        """One numbered call of libvirt's."""
        due = self._kill is not None and len(self.calls) + 1 == self._kill.at
        self._is_away = self._is_away or (due and self._kill.when.startswith("away"))
        if not self._is_away:
            return self.call(name, effect)
        self.calls.append(name)
        if due and self._kill.when == "away after":
            with contextlib.suppress(Exception):  # an answer that nobody hears
                effect()
        raise error(_RPC, "client socket is closed")

    def _die(self):
        self._tell({"calls": self.calls, "died": True})
        os.kill(os.getpid(), signal.SIGKILL)

    def replace(self, module, name, by):
        """Puts something in the place of a function, until `close`."""
        self._replaced.enter_context(mock.patch.object(module, name, by))

    def close(self):
        """All functions are again what they were."""
        self._replaced.close()

    def number(self, module, name, counts=lambda *_: True, torn=None):
        """Numbers each call of a function from now on."""
        real = getattr(module, name)

        def numbered(*given, **named):
            if not counts(*given):
                return real(*given, **named)
            half = torn and (lambda: torn(*given))
            return self.call(f"{name} {_shown(given)}", lambda: real(*given, **named), half)

        self.replace(module, name, numbered)

    def number_files(self):
        """Whatever makes, changes or removes files."""
        self.number(os, "open", lambda _, flags, *__: flags & _WRITES)
        self.number(builtins, "open", lambda _, mode="r", *__: "r" not in mode)
        self.number(os, "replace", torn=_tear)
        self.replace(os, "fsync", lambda _: None)  # no death of a process takes what the kernel has
        self.number(os, "mkdir", lambda path, *_, **__: not os.path.isdir(path))
        for name in ("unlink", "rmdir", "chmod", "fsync", "symlink"):
            self.number(os, name)

    def programs(self, spawned: Path):
        """qemu-img, as far as the script needs it; what is to run on its own is noted for the test to run."""
        self.replace(subprocess, "run", lambda line, **_: _qemu_img(self, line))
        self.replace(subprocess, "Popen", lambda line, **_: self.call("spawn", lambda: _note(spawned, line)))


def run(act: Callable[[Rig], dict], kill: Optional[Kill] = None) -> Run:
    """Runs `act`: where it is to die, in a process of its own."""
    if not kill:
        return Run(**_told(act, Rig(None, lambda _: None)))
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _child(act, kill, writing)
    os.close(writing)
    with open(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return Run(**{"answer": None, **json.loads(told)})


def _child(act, kill, writing):
    """Never returns."""

    def tell(what):
        os.write(writing, json.dumps(what).encode())

    try:
        tell(_told(act, Rig(kill, tell)))
    finally:
        os._exit(0)


def _told(act, rig):
    """What came of it, where it does not die."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            rig.number_files()
            answer = act(rig)
            rig.call("print", lambda: None)
            return {"answer": answer, "calls": rig.calls, "died": False}
    except Exception:
        return {"answer": None, "calls": rig.calls, "died": False, "crash": traceback.format_exc()}
    finally:
        rig.close()


def _tear(source, _):
    """A file that is just being written is there by half."""
    if str(source).endswith(".new"):
        os.truncate(source, os.path.getsize(source) // 2)


def _shown(given):
    return " ".join(Path(each).name for each in given if isinstance(each, (str, Path)))


def _note(spawned, line):
    known = json.loads(spawned.read_text()) if spawned.exists() else []
    spawned.write_text(json.dumps([*known, line]))


def _qemu_img(rig, line):
    _, verb, *words = line
    if verb == "info":
        told = json.dumps({"virtual-size": 1 << 20})
        return rig.call("qemu-img info", lambda: subprocess.CompletedProcess(line, 0, told.encode(), b""))
    path = Path(words[-2])
    data = MAGIC + bytes(100) + END

    def make(content):
        with io.open(path, "wb") as file:
            file.write(content)

    done = subprocess.CompletedProcess(line, 0, b"", b"")
    return rig.call("qemu-img create", lambda: make(data) or done, lambda: make(data[:50]))
