"""Reports that wait on disk until the plane has taken them, within bounds; results are never given up."""

import json
from pathlib import Path
from typing import Iterator, Optional

from .place import Place, write_whole

LIMIT = 10 << 20
RESULTS_AT_ONCE = 100


class Outbox:
    """The queue of one host unit, oldest first; numbers rise over restarts."""

    def __init__(self, place: Place, limit: int = LIMIT):
        self._directory = place.state / "outbox"
        self._results = place.results
        self._counter = place.state / "seq"
        self._limit = limit
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._results.mkdir(parents=True, exist_ok=True, mode=0o711)
        for left in self._directory.glob(".*.new"):  # of a unit that died; its number is not given again
            left.unlink(missing_ok=True)

    def put(self, report: dict) -> None:
        """Queues a report under the next number."""
        number = self._next_number()
        write_whole(self._directory / f"{number:012d}.json", json.dumps({**report, "seq": number}))
        self._keep_within_limit()

    def first(self) -> "Optional[tuple[Path, dict]]":
        """The oldest report that waits."""
        return next(self.oldest(), None)

    def oldest(self) -> "Iterator[tuple[Path, dict]]":
        """All that wait, the oldest first, each read when it is asked for."""
        for path in self._waiting():
            yield path, json.loads(path.read_text())

    def count(self) -> int:
        """How many reports wait."""
        return len(self._waiting())

    def results(self) -> "list[tuple[Path, dict]]":
        """Outcomes that the plane has not taken yet."""
        paths = sorted(self._results.glob("*.json"), key=lambda path: path.stat().st_mtime)
        return [(path, json.loads(path.read_text())) for path in paths[:RESULTS_AT_ONCE]]

    def _waiting(self) -> "list[Path]":
        return sorted(self._directory.glob("[0-9]*.json"))

    def _next_number(self) -> int:
        try:
            number = int(self._counter.read_text()) + 1
        except (FileNotFoundError, ValueError):
            number = 1
        # the plane takes a number that it has heard for a late repeat: none may be given again after a power cut
        write_whole(self._counter, str(number), durable=True)
        return number

    def _keep_within_limit(self) -> None:
        """Old inventories go first (a newer one says more), then whole reports, the oldest first."""
        waiting = self._waiting()
        size = sum(path.stat().st_size for path in waiting)
        for path in waiting[:-1]:
            if size <= self._limit:
                return
            report = json.loads(path.read_text())
            if report.pop("inventory", None) is not None:
                size -= path.stat().st_size
                write_whole(path, json.dumps(report))
                size += path.stat().st_size
        for path in waiting[:-1]:
            if size <= self._limit:
                return
            size -= path.stat().st_size
            path.unlink()
