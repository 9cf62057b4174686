"""The way to the plane: one request with the host's token, and a thread that goes on trying, over the outage of either side."""

import http.client
import json
import random
import sys
import threading
import urllib.error
import urllib.request
from typing import NamedTuple, Optional

from .place import Place

TIMEOUT = 15
SLOWEST = 60.0
# Not the fault of what was sent: the same is sent again.
_SEND_AGAIN = {401, 403, 404, 408, 409, 425, 429}


class Reply(NamedTuple):
    """The plane's answer where it took what was sent; else what went wrong, and the HTTP status where there was one."""

    answer: Optional[dict] = None
    error: str = ""
    status: Optional[int] = None

    @property
    def is_refusal(self) -> bool:
        """Whether it would be refused again, for what it says."""
        return self.status is not None and self.status < 500 and self.status not in _SEND_AGAIN


def ask(place: Place, route: str, body: dict) -> Reply:
    """Posts to a route of this host's. Never raises for what network or plane do."""
    try:
        return Reply(_post(place, route, body))
    except urllib.error.HTTPError as error:
        return Reply(error=f"the plane answers {error.code}: {_text_of(error)!r}", status=error.code)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(error=f"the plane cannot be reached: {error}")


class Courier(threading.Thread):
    """A thread of its own, so that a plane that hangs delays nothing else."""

    def __init__(self, name: str):
        super().__init__(name=name, daemon=True)
        self._wake = threading.Event()

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def send_next(self) -> Optional[bool]:
        """Sends what has waited longest: whether that is done with; None where nothing waits."""
        raise NotImplementedError

    def run(self) -> None:
        failures = 0
        while True:
            self._wake.wait()
            self._wake.clear()
            while (done := self._try()) is not None:
                failures = 0 if done else failures + 1
                if not done:
                    # full jitter: hosts that lost the plane together do not return together
                    threading.Event().wait(random.uniform(0.5, min(SLOWEST, 2.0**failures)))

    def _try(self) -> Optional[bool]:
        try:
            return self.send_next()
        except OSError as error:  # the disk of what waits
            print(f"{self.name}: {error}", file=sys.stderr)
            return False


def _post(place: Place, route: str, body: dict) -> dict:
    config = place.config()
    if not config:
        raise ValueError("this host is not enrolled, or just being so")
    proxy = place.proxy()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {}))
    request = urllib.request.Request(
        f"{config['apiUrl'].rstrip('/')}/v1/hosts/{config['hostId']}/{route}",
        data=json.dumps(body).encode(),
        headers={
            "authorization": f"Bearer {place.token_file.read_text().strip()}",
            "content-type": "application/json",
        },
    )
    with opener.open(request, timeout=TIMEOUT) as response:
        answer = json.loads(response.read() or b"{}")
    if not isinstance(answer, dict):
        raise ValueError("its answer is no JSON object")
    return answer


def _text_of(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(500)
    except (OSError, http.client.HTTPException):
        return b""
