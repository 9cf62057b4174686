"""
Does the verbs that only speak with libvirt, for ask.pl: each in a process of its own, which is warm when it begins.

Such a process is forked from one that has a single thread and no connection, so that it may be at any moment, and is in
all else what the document would have started: it dies alone, ends by its own time and keeps the fence.
"""

import gc
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Mapping, Optional

from . import answer, power  # noqa: F401  power: what a verb imports is there when it begins
from .command import RESIDENT, carry_out, version
from .payload import instant
from .place import Place

PROGRAM = "answer-verbs"
TAKEN = b"\x06"  # as in ask.pl
REQUEST_LIMIT = 64 << 10
PEER_SECONDS = 5.0
RESTART_SECONDS = 5.0


class Resident:
    """The program beside the unit that started it; `tend` is called each second."""

    def __init__(self, place: Place):
        here = Path(__file__).resolve().parent.parent
        self._line = ["/usr/bin/python3", "-I", str(here), place.installation, PROGRAM]
        self._process: "Optional[subprocess.Popen[bytes]]" = None
        self._begun = -RESTART_SECONDS

    def tend(self) -> None:
        """Starts it where it does not run; until it does, documents do their verbs themselves."""
        if self._process is not None and self._process.poll() is None:
            return
        now = time.monotonic()
        if now - self._begun < RESTART_SECONDS:
            return
        self._begun = now
        try:
            # its standard input ends with this process, however that ends
            self._process = subprocess.Popen(self._line, stdin=subprocess.PIPE)
        except OSError as error:
            print(f"verbs are not answered: {error}", file=sys.stderr)


def answer_verbs(place: Place) -> None:
    """The program: takes verbs until its standard input ends."""
    listener = listen(place)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes away those that have ended
    instant("2000-01-01T00:00:00.000Z")  # the first call imports what parses it
    gc.freeze()
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if 0 in ready:
            return
        try:
            peer, _ = listener.accept()
            with peer:
                if not os.fork():
                    listener.close()
                    _work(place, peer)
        except OSError as error:
            print(f"a verb is not taken: {error}", file=sys.stderr, flush=True)


def listen(place: Place) -> socket.socket:
    """Listens under the name of this version, for root alone; those of others are dead, or will be."""
    place.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.run.chmod(0o700)
    for left in place.run.iterdir():
        left.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = place.run / ".new"
    listener.bind(str(fresh))
    fresh.chmod(0o600)
    listener.listen(64)
    os.replace(fresh, place.run / f"{version()}.sock")
    return listener


def _work(place: Place, peer: socket.socket) -> None:
    """The life of a process that does one verb. Never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service that is started anew lets it come to its end
        peer.settimeout(PEER_SECONDS)
        name, env = read_request(peer)
        Path("/proc/self/comm").write_text(name)
        peer.sendall(TAKEN)
        code = carry_out(place, name, env, lambda said: _tell(peer, said))
        print(f"{name} {_shown(env, 'Op')} attempt {_shown(env, 'Attempt')}: {code}", file=sys.stderr, flush=True)
    except (OSError, ValueError) as error:
        print(f"a verb is not done here: {error}", file=sys.stderr, flush=True)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(0)


def read_request(peer: socket.socket) -> "tuple[str, Mapping[str, str]]":
    """A verb and its document's parameters, as environment variables. Raises ValueError for what is neither, OSError."""
    text = b""
    while True:
        piece = peer.recv(REQUEST_LIMIT)
        if not piece:
            break
        text += piece
        if len(text) > REQUEST_LIMIT:
            raise ValueError("the request is too long")
    verb, *parameters = (os.fsdecode(part) for part in text.split(b"\0"))
    if verb not in RESIDENT:
        raise ValueError(f"{verb[:40]!r} is no verb that is done here")
    pairs = (parameter.partition("=") for parameter in parameters)
    return verb, {name: value for name, _, value in pairs}


def _tell(peer: socket.socket, said: dict) -> None:
    """Says the answer; where nobody hears it any more it is in the journal."""
    try:
        peer.sendall(f"{answer.exit_code(said)} {answer.line(said)}\n".encode())
    except OSError:
        pass


def _shown(env: Mapping[str, str], name: str) -> str:
    return repr(env.get(f"SSM_{name}", "")[:40])
