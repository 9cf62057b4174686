"""Cold starts one after the other, and behind what people wait for.

On AWS each execution environment has a processor of its own. Here all share this machine's few: fifty Node processes that
begin at once make every answer wait for seconds, most of them for work that a warm one could have taken over meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

Acquire = Callable[..., tuple[Any, str]]

AT_ONCE = max(1, (os.cpu_count() or 1) - 1)
LONGEST_WAIT_SECONDS = 2.0  # who waits for a worker may be called by the one who has it
PAUSE_SECONDS = 0.01
BEHIND = 5  # nice(2)

_starts = threading.BoundedSemaphore(AT_ONCE)


def install() -> None:
    """Take over how workers are found and begun."""
    lambda_svc.acquire_worker = _in_turn(lambda_svc.acquire_worker)
    lambda_runtime.Worker._spawn = _begun_in_turn(lambda_runtime.Worker._spawn)


def _in_turn(acquire: Acquire) -> Acquire:
    def acquired(name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST", **rest: Any) -> tuple[Any, str]:
        key = lambda_runtime._worker_key(name, config, qualifier)
        until = time.monotonic() + LONGEST_WAIT_SECONDS
        while not _is_free(key) and _are_starting() and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        return acquire(name, config, code, qualifier=qualifier, **rest)

    return acquired


def _is_free(key: str) -> bool:
    with lambda_runtime._lock:
        return any(not worker.in_use for worker in lambda_runtime._workers.get(key, ()))


def _are_starting() -> bool:
    if not _starts.acquire(blocking=False):
        return True
    _starts.release()
    return False


def _begun_in_turn(spawn: Callable[[Any], None]) -> Callable[[Any], None]:
    def spawned(worker: Any) -> None:
        with _starts:
            spawn(worker)
        if "-api-" not in worker.func_name:
            os.setpriority(os.PRIO_PROCESS, worker._proc.pid, BEHIND)

    return spawned
