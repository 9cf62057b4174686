"""Talking to the embedded AWS as the agent: its private endpoint, asked with patience."""

from __future__ import annotations

import json
import logging
import threading
import urllib.error
import urllib.request

POLL_SECONDS = 20
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.2, 5.0

logger = logging.getLogger("ssm-agent")


class Refused(Exception):
    """The service answered no; asking again will not help."""


class Service:
    """The private endpoint, asked with patience: the plane may be stopped and started under us."""

    def __init__(self, endpoint: str, identity: dict[str, str]) -> None:
        self._base = endpoint.rstrip("/") + "/_novacron/ssm/"
        self._identity = identity

    def once(self, route: str, message: dict[str, object], timeout: float = 10) -> dict:
        body = json.dumps({**self._identity, **message}).encode()
        request = urllib.request.Request(self._base + route, data=body, headers={"content-type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode(errors="replace")
            if error.code in (400, 403):
                raise Refused(detail) from None
            raise ConnectionError(f"HTTP {error.code}") from None

    def patiently(self, route: str, message: dict[str, object], stopped: threading.Event) -> dict | None:
        """Ask until there is an answer; None when the agent is told to stop first."""
        pause = FIRST_RETRY_SECONDS
        while not stopped.is_set():
            try:
                return self.once(route, message, timeout=POLL_SECONDS + 10)
            except (OSError, ValueError) as error:
                logger.info("no answer to %s (%s), again in %.1f s", route, error, pause)
                stopped.wait(pause)
                pause = min(pause * 2, LONGEST_RETRY_SECONDS)
        return None
