"""Lambda's own patience: what comes by a queue or as an event is tried again when the function is throttled.

ministack gives a throttled batch back to its queue, where it lies hidden for the whole visibility time-out, and lets
EventBridge start a function once. AWS tries the same batch again while it is hidden (which is why a queue's visibility
is to be six times the function's timeout), an event twice more if the function fails, and for hours if it is throttled:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html and .../dg/invocation-async-error-handling.html.
"""

from __future__ import annotations

import contextvars
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ministack.services import eventbridge, lambda_svc, sqs

Execute = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
logger = logging.getLogger("emulator.invocations")

EVENT_SECONDS = 6 * 3600.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0

_until: contextvars.ContextVar[float] = contextvars.ContextVar("emulator_patient_until", default=0.0)


def install() -> None:
    """Take over how batches of queues and events of rules reach a function."""
    lambda_svc._execute_function = _patiently(lambda_svc._execute_function)
    lambda_svc._run_sqs_batch = _while_hidden(lambda_svc._run_sqs_batch)
    lambda_svc.invoke_async_with_retry = _for_hours(lambda_svc.invoke_async_with_retry)
    eventbridge._dispatch_to_lambda = _started_as_event


def _patiently(execute: Execute) -> Execute:
    """Asks again where the function was throttled and its caller has patience left."""

    def executed(function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        pause = FIRST_PAUSE_SECONDS
        result = execute(function, event)
        while result.get("throttle") and time.monotonic() + pause < _until.get():
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            result = execute(function, event)
        return result

    return executed


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def _while_hidden(run: Callable[..., None]) -> Callable[..., None]:
    def run_batch(mapping: dict[str, Any], function: dict[str, Any], event: Any, batch: Any, queue_url: str, name: str) -> None:
        hidden = float(sqs._queues[queue_url]["attributes"]["VisibilityTimeout"])
        timeout = float((function.get("config") or function).get("Timeout", 3))
        with _patience(hidden - timeout):  # what begins later may end when others have the messages
            run(mapping, function, event, batch, queue_url, name)

    return run_batch


def _for_hours(invoke: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def invoked(function: dict[str, Any], event: dict[str, Any]) -> None:
        with _patience(EVENT_SECONDS):  # its thread begins with a copy of this context
            invoke(function, event)

    return invoked


def _started_as_event(arn: str, payload: str) -> None:
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        logger.warning("a rule's function %s is not there", name)
        return
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), json.loads(payload))
