"""Sends the outbox to the plane: oldest first, with back-off and jitter, over the outage of either side."""

import http.client
import json
import random
import socket
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from .images import drop
from .outbox import Outbox
from .payload import now_text
from .place import Place, write_whole

TIMEOUT = 15
SLOWEST = 60.0
# Not the report's fault: the same one is sent again.
_SEND_AGAIN = {401, 403, 404, 408, 409, 425, 429}


class Sender(threading.Thread):
    """A thread of its own, so that a plane that hangs delays nothing else."""

    def __init__(self, place: Place, outbox: Outbox):
        super().__init__(name="sender", daemon=True)
        self._place = place
        self._outbox = outbox
        self._wake = threading.Event()
        self.beat_seconds = float(place.config().get("beatSeconds", 10))

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def run(self) -> None:
        failures = 0
        while True:
            self._wake.wait()
            self._wake.clear()
            while (waiting := self._outbox.first()) is not None:
                if self._send(*waiting):
                    failures = 0
                    continue
                failures += 1
                # full jitter: hosts that lost the plane together do not return together
                threading.Event().wait(random.uniform(0.5, min(SLOWEST, 2.0**failures)))

    def _send(self, path: Path, report: dict) -> bool:
        """Whether the report is done with: taken, or refused for what it says."""
        results = self._outbox.results()
        # the plane dates what happened by how long before this it was
        body = {**report, "sentAt": now_text()}
        if results:
            body["results"] = [result for _, result in results]
        try:
            answer = self._post(body)
        except urllib.error.HTTPError as error:
            print(f"the plane answers {error.code} to report {report.get('seq')}: {error.read(500)!r}", file=sys.stderr)
            if error.code >= 500 or error.code in _SEND_AGAIN:
                return False
            path.unlink(missing_ok=True)
            return True
        except (OSError, http.client.HTTPException, ValueError, socket.timeout) as error:
            print(f"the plane cannot be reached: {error}", file=sys.stderr)
            return False
        for taken in (path, *(file for file, _ in results)):
            taken.unlink(missing_ok=True)
        if answer.get("token"):
            write_whole(self._place.token_file, answer["token"], 0o600, durable=True)
        self.beat_seconds = float(answer.get("beatSeconds", self.beat_seconds))
        self._obey(answer.get("wanted") or {})
        return True

    def _obey(self, wanted: dict) -> None:
        """What the plane asks for beside; it asks again where it failed."""
        try:
            drop(self._place, wanted.get("dropImages", []))
        except OSError as error:
            print(f"images are not dropped: {error}", file=sys.stderr)

    def _post(self, body: dict) -> dict:
        config = self._place.config()
        proxy = self._place.proxy()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {}))
        request = urllib.request.Request(
            f"{config['apiUrl'].rstrip('/')}/v1/hosts/{config['hostId']}/report",
            data=json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {self._place.token_file.read_text().strip()}",
                "content-type": "application/json",
            },
        )
        with opener.open(request, timeout=TIMEOUT) as response:
            return json.loads(response.read() or b"{}")
