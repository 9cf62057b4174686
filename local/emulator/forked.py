"""Work in a child process, from this one's memory as it was at one moment."""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

logger = logging.getLogger("emulator.forked")

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None)


def in_fork(work: Callable[[], bytes], still: AbstractContextManager[object], longest_seconds: float) -> bytes | None:
    """What `work` gives, done by a forked child; None if it failed or took longer.

    The child has only the thread that calls this: of locks that another thread may hold it can take but `still`, which is
    held for the moment of the fork. It dies with this thread, and keeps none of this process's sockets and pipes.
    """
    reader, writer = os.pipe()
    with still:
        child = os.fork()
        if child == 0:
            _be_child(work, writer)
    os.close(writer)
    try:
        return _answer_of(child, reader, time.monotonic() + longest_seconds)
    finally:
        os.close(reader)


def _be_child(work: Callable[[], bytes], writer: int) -> None:
    """Does the work and is gone, without what this process does when it ends."""
    code = 1
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.closerange(3, writer)
        os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(work())
        code = 0
    except Exception:
        logger.exception("a child failed")
    finally:
        os._exit(code)


def _answer_of(child: int, reader: int, until: float) -> bytes | None:
    parts: list[bytes] = []
    while select.select([reader], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(reader, 65536)
        if not part:
            return b"".join(parts) if os.waitpid(child, 0)[1] == 0 else None
        parts.append(part)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
