"""Old records are let go, or a plane that runs for days would fill the memory and make each save long.

What AWS keeps by contract stays: an execution's record, which its name is unique by, and every metric's sums.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, eventbridge
from ministack.services import stepfunctions as sfn

EVERY_SECONDS = 20.0
EVENTS_KEPT = 1_000
STREAMS_KEPT = 300  # ministack makes one log stream an invocation
HISTORIES_KEPT = 1_000
SINGLE_POINTS_SECONDS = 1_800
LOG_BYTES = 100_000_000

Point = dict[str, Any]
logger = logging.getLogger("emulator.retention")


async def watch(log: Path) -> None:
    """Let go, for ever."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        for let_go in (*_LET_GO, lambda: _long_log(log)):
            try:
                let_go()
            except Exception:
                logger.exception("old records were not let go")


def _long_log(log: Path) -> None:
    """The log is written by appending: cut to nothing, it goes on from there."""
    if log.stat().st_size > LOG_BYTES:
        os.truncate(log, 0)


def _old_events() -> None:
    for _, entries in list(eventbridge._events_log.all_items()):
        del entries[:-EVENTS_KEPT]


def _old_log_streams() -> None:
    for _, group in list(cloudwatch_logs._log_groups.all_items()):
        streams = group["streams"]
        for name in list(streams)[:-STREAMS_KEPT]:
            del streams[name]


def _old_histories() -> None:
    """The record of a finished execution stays; of its events, the last."""
    finished = [one for one in sfn._executions.all_values() if one["status"] != "RUNNING" and len(one["events"]) > 1]
    finished.sort(key=lambda one: str(one["stopDate"]))
    for execution in finished[:-HISTORIES_KEPT]:
        del execution["events"][:-1]


# So many of a metric's first points are of minutes already.
_together: dict[Any, int] = {}


def _single_points() -> None:
    """Points of one minute become one statistic set, as CloudWatch keeps them."""
    # Whole minutes alone: of one that is not over yet each look would make a set of its own.
    limit = (time.time() - SINGLE_POINTS_SECONDS) // 60 * 60
    for metric, points in list(cloudwatch._metrics.all_items()):
        done = _together.get(metric, 0)
        single = points[done:]
        old = [point for point in single if point["Timestamp"] < limit]
        if old:
            minutes = _by_minute(old)
            points[done:] = minutes + [point for point in single if point["Timestamp"] >= limit]
            _together[metric] = done + len(minutes)


def _by_minute(points: list[Point]) -> list[Point]:
    minutes: dict[int, list[Point]] = {}
    for point in points:
        minutes.setdefault(int(point["Timestamp"] // 60), []).append(point)
    return [together[0] if len(together) == 1 else _summed(minute * 60.0, together)
            for minute, together in sorted(minutes.items())]


def _summed(moment: float, points: list[Point]) -> Point:
    parts = [cloudwatch._point_stats(point) for point in points]
    count, total = sum(part[0] for part in parts), sum(part[1] for part in parts)
    sums = {"SampleCount": count, "Sum": total, "Minimum": min(part[2] for part in parts),
            "Maximum": max(part[3] for part in parts)}
    return {"Timestamp": moment, "Unit": points[0]["Unit"], "Dimensions": points[0]["Dimensions"],
            "Value": total / count if count else 0.0, "_stat": sums}


_LET_GO: tuple[Callable[[], None], ...] = (_old_events, _old_log_streams, _old_histories, _single_points)
