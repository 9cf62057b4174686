"""State kept over stop, start and kill: ministack's services and our own parts, saved whenever they changed.

While the plane runs a child process saves, from the memory as it was when it was forked (as Redis does:
https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/): turning a thousand instances into bytes would
hold the interpreter, and with it every answer, for the better part of a second.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from ministack import app as gateway
from ministack.core import persistence

from emulator.forked import in_fork

logger = logging.getLogger("emulator.store")

# Saving may take at most a tenth of a processor: with much state it happens less often, never more costly.
MOST_BUSY_SHARE = 0.1

# Large, always changing, and no great loss: logs and metrics are saved now and then, and at the end.
SELDOM = frozenset({"cloudwatch", "cloudwatch_logs"})
SELDOM_SECONDS = 60.0

# A child that takes so long has met a lock that another thread held when it was forked.
LONGEST_SAVE_SECONDS = 30.0


class Part(Protocol):
    """One of our parts; its state as bytes."""

    def freeze(self) -> bytes: ...

    def thaw(self, data: bytes) -> None: ...


class Store:
    """Writes each part to its own file, atomically, and only when its bytes differ from the last time."""

    def __init__(self, directory: Path, every_seconds: float, still: AbstractContextManager[object]) -> None:
        """`still` is held while the memory is forked: the lock of what must not be in the midst of a change then."""
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._every = every_seconds
        self._still = still
        self._parts: dict[str, Part] = {}
        self._written: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def add(self, name: str, part: Part) -> None:
        """Register a part and give it back what was saved."""
        self._parts[name] = part
        path = self._path(name)
        if not path.exists():
            return
        data = path.read_bytes()
        part.thaw(data)
        self._written[name] = _digest(data)

    def start(self) -> None:
        """Save in the background for as long as the process lives."""
        persistence.save_state = self._save_service
        threading.Thread(target=self._loop, daemon=True, name="store").start()

    def save(self, everything: bool = True) -> None:
        """Save what changed; `saved` then tells from when on it is safe."""
        with self._lock:
            begun = time.time()
            for name, part in self._parts.items():
                self._quietly(name, part.freeze)
            services = gateway._build_persistence_save_dict()
            persistence.save_all({name: state for name, state in services.items() if everything or name not in SELDOM})
            (self._directory / "saved").write_text(f"{begun}\n")

    def _loop(self) -> None:
        self.save()  # not timed: it makes what is made lazily, moto's EC2 above all
        pause, seldom = self._every, time.monotonic()
        while True:
            time.sleep(pause)
            started = time.monotonic()
            everything = started - seldom > SELDOM_SECONDS
            busy = self._save_beside(everything)
            seldom = started if everything else seldom
            pause = max(self._every, busy / MOST_BUSY_SHARE)

    def _save_beside(self, everything: bool) -> float:
        """As `save`, in a child that leaves the interpreter free; in this process where the child does not get there.

        Gives the seconds of a processor that it took.
        """
        with self._lock:
            saved = in_fork(lambda: self._saved(everything), self._still, LONGEST_SAVE_SECONDS)
            if saved is not None:
                self._written, busy = pickle.loads(saved)
                return float(busy)
        logger.warning("a child could not save the state; it is saved here")
        started = time.thread_time()
        self.save(everything)
        return time.thread_time() - started

    def _saved(self, everything: bool) -> bytes:
        """In the child: what was written by now, and its own time."""
        self.save(everything)
        return pickle.dumps((self._written, time.process_time()))

    def _quietly(self, name: str, freeze: Callable[[], bytes]) -> None:
        try:
            data = freeze()
        except Exception as error:  # changed while it was read: the next round has it
            logger.info("%s not saved this time: %s", name, error)
            return
        self._write(name, self._path(name), data)

    def _save_service(self, service: str, data: dict[str, object]) -> None:
        """ministack's save_state, but it leaves unchanged files alone and survives a half-written one."""
        try:
            text = persistence.json.dumps({"__ministack_format__": persistence._state_format_version(service), "payload": data},
                                          default=persistence._json_default)
        except (TypeError, ValueError, RuntimeError) as error:
            logger.warning("state of %s cannot be saved: %s", service, error)
            return
        self._write(f"ministack/{service}", Path(persistence.STATE_DIR) / f"{service}.json", text.encode())

    def _write(self, name: str, path: Path, data: bytes) -> None:
        digest = _digest(data)
        with self._lock:
            self._replace(name, path, data, digest)

    def _replace(self, name: str, path: Path, data: bytes, digest: bytes) -> None:
        if self._written.get(name) == digest:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(data)
        os.replace(fresh, path)
        self._written[name] = digest

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.state"


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
