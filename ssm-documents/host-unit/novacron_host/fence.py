"""Keeps late, doubled and overtaken commands from doing anything.

One journal file per VM holds, per operation, the highest attempt seen and the answer given to it. All is done under a
lock per VM, and a command is written down before its first side effect.
"""

import fcntl
import json
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Iterator, Optional

from .faults import Fault
from .payload import Order
from .place import Place, write_whole

KEPT_OPERATIONS = 50


@contextmanager
def locked(path: Path, seconds: float, shared: bool = False) -> Iterator[None]:
    """Holds a lock file, alone or with others that share it; waits at most `seconds` for it. Raises Fault VmLocked."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    deadline = time.monotonic() + seconds
    with open(path, "w") as file:
        while True:
            try:
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Fault("VmLocked", "another command for this VM is running on the host") from None
                time.sleep(0.02)
        yield


class Fence:
    """The journal of one subject (a domain's UUID, or `host`)."""

    def __init__(self, place: Place, subject: str):
        self._place = place
        self._file = place.journal / f"{subject}.json"
        self._lock = place.state / "locks" / f"{subject}.lock"

    def lock(self, seconds: float = 20.0):
        """The lock under which all of a command is done."""
        return locked(self._lock, seconds)

    def admit(self, order: Order, undoes: bool = False, now: Optional[datetime] = None) -> Optional[dict]:
        """
        Lets a command pass, or answers it from the journal. Call it with the lock held, before any side effect.

        Returns the answer already given to this (op, attempt), or None: do it now. Raises Fault CommandFenced when a
        higher attempt or a later operation has been here, and CommandTooLate when its time to begin is over by this
        host's clock. Once a command that `undoes` was admitted nothing but undoing passes for that operation any more.
        """
        entries = self._read()
        entry = entries.get(order.op)
        if entry and order.attempt < entry["attempt"]:
            raise Fault("CommandFenced", f"attempt {entry['attempt']} of {order.op} has overtaken {order.attempt}")
        if entry and order.attempt == entry["attempt"] and entry.get("answer"):
            return entry["answer"]
        if entry and entry.get("undone") and not undoes:
            raise Fault("CommandFenced", f"{order.op} was undone on this host")
        if entry and entry.get("closed"):
            raise Fault("CommandFenced", f"a later operation than {order.op} has been at this VM")
        now = now or datetime.now(timezone.utc)
        if now > order.not_after:
            raise too_late(order.not_after, now)
        for other in entries.values():
            other["closed"] = True
        entries.pop(order.op, None)
        entries[order.op] = {"attempt": order.attempt, **({"undone": True} if undoes else {})}
        self._write(entries, durable=True)
        return None

    def record(self, order: Order, answer: dict) -> None:
        """Notes the answer, unless a higher attempt has been admitted since; what it tells of is on disk by then."""
        self._place.settle()
        entries = self._read()
        entry = entries.get(order.op)
        if entry and entry["attempt"] == order.attempt:
            entry["answer"] = answer
            self._write(entries, durable=False)

    def holds(self, order: Order) -> bool:
        """Whether this very attempt is still the one to act (for work that goes on without the lock)."""
        entry = self._read().get(order.op)
        return entry is not None and entry["attempt"] == order.attempt and not entry.get("closed")

    def _read(self) -> dict:
        try:
            return json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}

    def _write(self, entries: dict, durable: bool) -> None:
        while len(entries) > KEPT_OPERATIONS:
            entries.pop(next(iter(entries)))
        write_whole(self._file, json.dumps(entries), durable=durable)


def too_late(not_after: datetime, now: datetime) -> Fault:
    """The refusal of a command whose time is over, with both clocks: the host's may be the wrong one."""
    return Fault(
        "CommandTooLate",
        f"It had to begin by {not_after:%Y-%m-%dT%H:%M:%SZ} and came at {now:%Y-%m-%dT%H:%M:%SZ} by the host's clock, so"
        " nothing was done. Is that clock right? timedatectl tells; chrony or systemd-timesyncd keep it so.",
    )


def fenced(fence: Fence, order: Order, act: Callable[[], dict], undoes: bool = False) -> dict:
    """The answer to a command: from the journal, or of `act`, which is done once per attempt and written down."""
    with fence.lock():
        known = fence.admit(order, undoes)
        if known:
            return known
        answer = act()
        fence.record(order, answer)
        return answer
