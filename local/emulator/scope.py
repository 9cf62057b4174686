"""Work done outside a request: which account and Region it is for, and events it tells EventBridge."""

from __future__ import annotations

import contextvars
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core import responses
from ministack.services import eventbridge

from emulator.settings import ACCOUNT_ID

logger = logging.getLogger("emulator.events")

# One thread: events of one source leave in the order they happened.
_events = ThreadPoolExecutor(max_workers=1, thread_name_prefix="aws-events")


def in_region(region: str, work: Callable[[], Any]) -> Any:
    """Run `work` as if a request of our account in that Region had asked for it."""

    def scoped() -> Any:
        responses.set_request_account_id(ACCOUNT_ID)
        responses.set_request_region(region)
        return work()

    return contextvars.copy_context().run(scoped)


def emit(region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
    """Put an `aws.*` event on the default bus, as the service itself would; never waits for its targets."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}

    def put() -> None:
        try:
            in_region(region, lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True))
        except Exception:
            logger.exception("event %s of %s was not delivered", detail_type, source)

    _events.submit(put)
