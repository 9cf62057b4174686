"""Sends samples to the plane, oldest first, some at a time; nothing waits for it."""

import time
from typing import Optional

from .command import version
from .complaint import Complaint
from .metrics_queue import MetricsQueue
from .payload import now_text
from .place import Place
from .plane import Courier, ask

# Between what the plane may ask for.
OFTENEST, SELDOMEST = 15.0, 60.0
# How long a plane that has no such route is left alone: it is older than this unit.
UNWANTED_SECONDS = 600.0
_NO_ROUTE = 404


class MetricsSender(Courier):
    """What has samples taken by the plane; `sample_seconds` is how often it wants one."""

    def __init__(self, place: Place, queue: MetricsQueue):
        super().__init__("metrics-sender")
        self._place, self._queue = place, queue
        self._complaint = Complaint()
        self._unwanted_until = 0.0
        self.sample_seconds = OFTENEST
        self.wake()  # what waits from before

    def is_wanted(self) -> bool:
        """Whether samples are to be taken at all: not where the plane knows no metrics."""
        return time.monotonic() >= self._unwanted_until

    def put(self, sample: dict) -> None:
        """Queues a sample. Raises OSError where the disk does not take it."""
        self._queue.put(sample)
        self.wake()

    def send_next(self) -> Optional[bool]:
        """The oldest samples: done with where they are taken, refused for what they say, or unwanted."""
        paths, samples = self._queue.first()
        if not paths:
            return None
        if not samples:
            self._queue.remove(paths)
            return True
        body = {"unitVersion": version(), "sentAt": now_text(), "samples": samples}
        reply = ask(self._place, "metrics", body)
        if reply.answer is None:
            self._complaint.tell(f"metrics are not taken ({reply.status or 'no answer'})", reply.error)
        else:
            self._complaint.close()
            self._heed(reply.answer)
        if reply.status == _NO_ROUTE:
            self._queue.clear()
            self._unwanted_until = time.monotonic() + UNWANTED_SECONDS
            return True
        is_done = reply.answer is not None or reply.is_refusal
        if is_done:
            self._queue.remove(paths)
        return is_done

    def _heed(self, answer: dict) -> None:
        wanted = answer.get("sampleSeconds")
        if isinstance(wanted, (int, float)):
            self.sample_seconds = min(SELDOMEST, max(OFTENEST, wanted))
