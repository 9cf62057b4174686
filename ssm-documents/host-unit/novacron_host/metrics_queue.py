"""Samples that wait on disk until the plane has taken them, within bounds: the oldest are given up first."""

import json
import os
import threading
import zlib
from collections import deque
from pathlib import Path

from .place import Place

MOST_BYTES = 5 << 20
# A day of them, at one each 15 s; a count, since the host's clock may leap.
MOST_SAMPLES = 24 * 60 * 4
# The plane takes 60 samples and 1 MiB at once.
BATCH = 20
BATCH_BYTES = 900_000


class MetricsQueue:
    """
    The samples of one host unit, oldest first, over its restarts. None is worth waiting for the disk (nothing is synced):
    what a power cut has torn is left out.
    """

    def __init__(self, place: Place, most_bytes: int = MOST_BYTES, most_samples: int = MOST_SAMPLES):
        self._directory = place.state / "metrics"
        self._bounds = most_bytes, most_samples
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o711)
        for left in self._directory.glob(".*"):  # of a unit that died
            left.unlink(missing_ok=True)
        found = sorted(self._directory.glob("[0-9]*"))
        self._waiting = deque((path, path.stat().st_size) for path in found)
        self._next = int(found[-1].name) + 1 if found else 1
        self._lock = threading.Lock()

    def put(self, sample: dict) -> None:
        """Keeps a sample. Raises OSError where the disk does not take it."""
        packed = zlib.compress(_line(sample))
        with self._lock:
            path = self._directory / f"{self._next:012d}"
            fresh = self._directory / f".{path.name}"
            fresh.write_bytes(packed)
            os.replace(fresh, path)
            self._next += 1
            self._waiting.append((path, len(packed)))
            self._keep_within_bounds()

    def first(self) -> "tuple[list[Path], list[dict]]":
        """As many of the oldest as go into one request, and what they are kept in; empty where none waits."""
        with self._lock:
            oldest = [path for path, _ in self._waiting][:BATCH]
        samples, size = [], 0
        for count, path in enumerate(oldest):
            data = _read(path)
            size += len(data)
            if samples and size > BATCH_BYTES:
                return oldest[:count], samples
            samples += [json.loads(data)] if data else []
        return oldest, samples

    def remove(self, paths: "list[Path]") -> None:
        """Lets go of those: they are taken, or refused."""
        gone = set(paths)
        with self._lock:
            for path in paths:
                path.unlink(missing_ok=True)
            self._waiting = deque(each for each in self._waiting if each[0] not in gone)

    def clear(self) -> None:
        """Lets go of all."""
        self.remove([path for path, _ in self._waiting])

    def _keep_within_bounds(self) -> None:
        most_bytes, most_samples = self._bounds
        size = sum(size for _, size in self._waiting)
        while len(self._waiting) > most_samples or size > most_bytes:
            path, freed = self._waiting.popleft()
            path.unlink(missing_ok=True)
            size -= freed


def _line(sample: dict) -> bytes:
    return json.dumps(sample, separators=(",", ":"), allow_nan=False).encode()


def _read(path: Path) -> bytes:
    """The JSON of a sample; empty for one that is torn, or was given up meanwhile."""
    try:
        data = zlib.decompress(path.read_bytes())
        json.loads(data)
        return data
    except (OSError, ValueError, zlib.error):
        return b""
