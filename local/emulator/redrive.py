"""StartMessageMoveTask of SQS, which ministack lacks: what lies in a queue of dead letters goes back to where it came from.

AWS moves in the background, and at a rate that the caller may set; here all of it is moved before the answer.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import sqs

Message = dict[str, Any]


def install() -> None:
    """One action more among SQS's own."""
    sqs._HANDLERS["StartMessageMoveTask"] = _start_message_move_task


def _start_message_move_task(request: dict[str, Any], _: str) -> dict[str, str]:
    dead_letters = sqs._queue_by_arn(request.get("SourceArn", ""))
    if dead_letters is None:
        raise sqs._Err("ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.")
    with sqs._queues_lock:
        dead_letters["messages"] = [message for message in dead_letters["messages"] if not _is_moved(message)]
    sqs.esm_wake.set()
    return {"TaskHandle": new_uuid()}


def _is_moved(message: Message) -> bool:
    """Of one that was put there by a program, and not by a queue, nobody knows where it came from: it stays."""
    source = sqs._queue_by_arn(message.get("sys", {}).get("DeadLetterQueueSourceArn", ""))
    if source is None:
        return False
    now = time.time()
    anew = {"receipt_handle": None, "visible_at": now, "enqueued_at": now, "receive_count": 0, "first_receive_at": None}
    system = {name: value for name, value in message["sys"].items() if name != "DeadLetterQueueSourceArn"}
    source["messages"].append({**message, **anew, "sys": system})
    return True
