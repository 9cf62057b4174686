"""Service metrics that alarms watch and ministack does not make: queues, HTTP APIs, executions."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import apigateway, cloudwatch, sqs
from ministack.services import stepfunctions as sfn

from emulator.scope import in_region

Response = tuple[int, dict[str, str], bytes]

SAMPLE_SECONDS = 5.0
REPEAT_SECONDS = 60.0
logger = logging.getLogger("emulator.metrics")

_EXECUTION_METRICS = {"RUNNING": "ExecutionsStarted", "SUCCEEDED": "ExecutionsSucceeded", "FAILED": "ExecutionsFailed",
                      "TIMED_OUT": "ExecutionsTimedOut", "ABORTED": "ExecutionsAborted"}


def install() -> None:
    """Count what HTTP APIs answer and how executions end."""
    apigateway.handle_execute = _counted(apigateway.handle_execute)
    sfn._emit_execution_status_event = _told(sfn._emit_execution_status_event)


async def watch() -> None:
    """Sample the queues, for ever; a value that stays is told once a minute, as SQS does."""
    told: dict[tuple[str, str], tuple[tuple[int, int, float], float]] = {}
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        for (_, region, _), queue in list(sqs._queues.all_items()):
            try:
                in_region(region, lambda queue=queue, region=region: _sample(queue, region, told))
            except Exception:
                logger.exception("a queue was not measured")


def _sample(queue: dict[str, Any], region: str, told: dict[tuple[str, str], tuple[tuple[int, int, float], float]]) -> None:
    name = str(queue["attributes"]["QueueArn"]).rpartition(":")[2]
    now = time.time()
    waiting = [message for message in queue["messages"] if message["visible_at"] <= now]
    oldest = max((now - message.get("sent_at", now) for message in waiting), default=0.0)
    value = (len(waiting), len(queue["messages"]) - len(waiting), round(oldest))
    before, since = told.get((region, name), (None, 0.0))
    if value == before and now - since < REPEAT_SECONDS:
        return
    told[(region, name)] = (value, now)
    for metric, unit, one in (("ApproximateNumberOfMessagesVisible", "Count", value[0]),
                              ("ApproximateNumberOfMessagesNotVisible", "Count", value[1]),
                              ("ApproximateAgeOfOldestMessage", "Seconds", value[2])):
        cloudwatch.record_metric("AWS/SQS", metric, one, unit, {"QueueName": name})


def _counted(execute: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    async def handle_execute(api_id: str, stage: str, *arguments: Any, **named: Any) -> Response:
        begun = time.monotonic()
        response = await execute(api_id, stage, *arguments, **named)
        status, milliseconds = response[0], (time.monotonic() - begun) * 1000
        for dimensions in ({"ApiId": api_id}, {"ApiId": api_id, "Stage": stage}):
            cloudwatch.record_metric("AWS/ApiGateway", "Count", 1, "Count", dimensions)
            cloudwatch.record_metric("AWS/ApiGateway", "4xx", int(400 <= status < 500), "Count", dimensions)
            cloudwatch.record_metric("AWS/ApiGateway", "5xx", int(status >= 500), "Count", dimensions)
            cloudwatch.record_metric("AWS/ApiGateway", "Latency", milliseconds, "Milliseconds", dimensions)
        return response

    return handle_execute


def _told(emit: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def emit_execution_status_event(execution: dict[str, Any]) -> None:
        emit(execution)
        dimensions = {"StateMachineArn": execution["stateMachineArn"]}
        cloudwatch.record_metric("AWS/States", _EXECUTION_METRICS[execution["status"]], 1, "Count", dimensions)

    return emit_execution_status_event
