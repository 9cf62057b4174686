"""SNS e-mail: nobody is written to; each message lies as one file in the outbox directory."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.services import sns


def install(directory: Path) -> None:
    """Deliver what goes to e-mail subscriptions; these count as confirmed from the start."""
    directory.mkdir(parents=True, exist_ok=True)
    sns._fanout = _delivering(sns._fanout, directory)


def _delivering(fanout: Callable[..., None], directory: Path) -> Callable[..., None]:
    def deliver(topic_arn: str, message_id: str, message: str, subject: str, message_structure: str = "",
                message_attributes: dict[str, Any] | None = None, *rest: str, **named: str) -> None:
        fanout(topic_arn, message_id, message, subject, message_structure, message_attributes, *rest, **named)
        topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        for subscription in topic["subscriptions"]:
            if subscription.get("protocol") not in ("email", "email-json"):
                continue
            text = sns._resolve_message_for_protocol(message, message_structure, subscription["protocol"])
            if sns._matches_filter_policy(subscription, message_attributes or {}, text):
                _write(directory, {"to": subscription["endpoint"], "subject": subject or "AWS Notification Message",
                                   "message": text, "topicArn": topic_arn, "messageId": message_id})

    return deliver


def _write(directory: Path, mail: dict[str, str]) -> None:
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{mail['messageId']}-{zlib.crc32(mail['to'].encode()):08x}.json"
    fresh = directory / f".{name}"
    fresh.write_text(json.dumps({**mail, "at": time.time()}, indent=2) + "\n")
    os.replace(fresh, directory / name)
