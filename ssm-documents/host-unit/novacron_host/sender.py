"""Sends the outbox to the plane, oldest first and as many reports as one as may be, and does what the plane's answers say."""

import sys
from itertools import islice
from pathlib import Path
from typing import Optional

from .images import drop
from .outbox import Outbox
from .payload import now_text
from .place import Place, write_whole
from .plane import Courier, Reply, ask
from .together import merged, together

AT_ONCE = 100


class Sender(Courier):
    """What has reports taken by the plane; `beat_seconds` is how often it wants one."""

    def __init__(self, place: Place, outbox: Outbox):
        super().__init__("sender")
        self._place = place
        self._outbox = outbox
        self.beat_seconds = float(place.config().get("beatSeconds", 10))
        # Told to none that did not ask: a plane of before refuses what it does not know.
        self.is_identity_wanted = False
        self._at_once = AT_ONCE
        # The number of the last report of those that were not taken: they may have been, with the answer lost.
        self._tried: Optional[int] = None

    def send_next(self) -> Optional[bool]:
        """The oldest reports: done with where they are taken, or one is refused for what it says."""
        waiting = list(islice(self._outbox.oldest(), self._at_once))
        some = together(self._not_newer([report for _, report in waiting]))
        return self._send([path for path, _ in waiting[: len(some)]], merged(some)) if some else None

    def _not_newer(self, reports: "list[dict]") -> "list[dict]":
        """Nothing that happened since is told with what may have been taken already: it would be told twice."""
        return [report for report in reports if self._tried is None or report["seq"] <= self._tried] or reports

    def _send(self, paths: "list[Path]", report: dict) -> bool:
        results = self._outbox.results()
        # the plane dates what happened by how long before this it was
        body = {**report, "sentAt": now_text()}
        if results:
            body["results"] = [result for _, result in results]
        reply = ask(self._place, "report", body)
        if reply.answer is None:
            print(f"report {report['seq']}: {reply.error}", file=sys.stderr)
            return self._is_given_up(paths, report, reply)
        for taken in (*paths, *(file for file, _ in results)):
            taken.unlink(missing_ok=True)
        self._at_once = min(2 * self._at_once, AT_ONCE)
        if self._tried is not None and report["seq"] >= self._tried:
            self._tried = None
        self._heed(reply.answer)
        return True

    def _is_given_up(self, paths: "list[Path]", report: dict, reply: Reply) -> bool:
        """One that is refused for what it says. Of several fewer are sent next: they may have taken too long, or one is refused."""
        self._at_once, self._tried = max(1, len(paths) // 2), max(self._tried or 0, report["seq"])
        if len(paths) > 1 or not reply.is_refusal:
            return False
        paths[0].unlink(missing_ok=True)
        return True

    def _heed(self, answer: dict) -> None:
        if answer.get("token"):
            write_whole(self._place.token_file, answer["token"], 0o600, durable=True)
        self.beat_seconds = float(answer.get("beatSeconds", self.beat_seconds))
        self._obey(answer.get("wanted") or {})

    def _obey(self, wanted: dict) -> None:
        """What the plane asks for beside; it asks again where it failed."""
        if wanted.get("identity"):
            self.is_identity_wanted = True
        try:
            drop(self._place, wanted.get("dropImages", []))
        except OSError as error:
            print(f"images are not dropped: {error}", file=sys.stderr)
