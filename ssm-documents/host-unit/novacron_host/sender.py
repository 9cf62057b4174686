"""Sends the outbox to the plane, oldest first, and does what its answers say."""

import sys
from pathlib import Path
from typing import Optional

from .images import drop
from .outbox import Outbox
from .payload import now_text
from .place import Place, write_whole
from .plane import Courier, ask


class Sender(Courier):
    """What has reports taken by the plane; `beat_seconds` is how often it wants one."""

    def __init__(self, place: Place, outbox: Outbox):
        super().__init__("sender")
        self._place = place
        self._outbox = outbox
        self.beat_seconds = float(place.config().get("beatSeconds", 10))
        # Told to none that did not ask: a plane of before refuses what it does not know.
        self.is_identity_wanted = False

    def send_next(self) -> Optional[bool]:
        """The oldest report: done with where it is taken, or refused for what it says."""
        waiting = self._outbox.first()
        return self._send(*waiting) if waiting else None

    def _send(self, path: Path, report: dict) -> bool:
        results = self._outbox.results()
        # the plane dates what happened by how long before this it was
        body = {**report, "sentAt": now_text()}
        if results:
            body["results"] = [result for _, result in results]
        reply = ask(self._place, "report", body)
        if reply.answer is None:
            print(f"report {report.get('seq')}: {reply.error}", file=sys.stderr)
            if reply.is_refusal:
                path.unlink(missing_ok=True)
            return reply.is_refusal
        for taken in (path, *(file for file, _ in results)):
            taken.unlink(missing_ok=True)
        self._heed(reply.answer)
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
