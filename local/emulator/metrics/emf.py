"""Metrics out of what Lambdas print, in CloudWatch's embedded metric format, and the service metrics of each run."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import cloudwatch, lambda_svc

logger = logging.getLogger("emulator.metrics")


def install() -> None:
    """Hook in where ministack writes a finished invocation's log lines: every way to run a Lambda passes there."""
    lambda_svc._emit_lambda_logs = _recording(lambda_svc._emit_lambda_logs)
    lambda_svc._emit_lambda_metrics = _only_throttles


def _recording(write_logs: Callable[..., None]) -> Callable[..., None]:
    def emit_lambda_logs(func: dict[str, Any], request_id: str, log_text: str, error: bool, duration_ms: int,
                         log_source: str | None = None) -> None:
        write_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)
        try:
            _record_run((func.get("config") or func)["FunctionName"], error, duration_ms)
            for line in log_text.splitlines():
                record_line(line)
        except Exception:
            logger.exception("metrics of a run were not recorded")

    return emit_lambda_logs


def _record_run(function: str, error: bool, duration_ms: int) -> None:
    dimensions = {"FunctionName": function}
    cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Errors", int(error), "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Duration", duration_ms, "Milliseconds", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Throttles", 0, "Count", dimensions)


def _only_throttles(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None:
    """ministack counts runs by Invoke only; `_record_run` counts all, so that only refused ones are left here."""
    if throttle:
        cloudwatch.record_metric("AWS/Lambda", "Throttles", 1, "Count", {"FunctionName": function_name})


def record_line(line: str) -> None:
    """Record the metrics a log line carries, if it is an EMF document."""
    start = line.find("{")
    if start < 0 or '"_aws"' not in line:
        return
    try:
        document = json.loads(line[start:])
    except ValueError:
        return
    metadata = document.get("_aws") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        return
    moment = float(metadata.get("Timestamp", 0)) / 1000
    for directive in metadata.get("CloudWatchMetrics", []):
        for dimensions in _dimension_sets(directive, document):
            for name, unit, values in _metrics(directive, document):
                for value in values:
                    cloudwatch._store_datum(directive["Namespace"], name, dimensions, moment, unit, value, None, None, None)


def _dimension_sets(directive: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Each dimension set whose members the document has; a set with a missing member makes no metric."""
    for names in directive.get("Dimensions") or [[]]:
        if all(name in document for name in names):
            yield {name: str(document[name]) for name in names}


def _metrics(directive: dict[str, Any], document: dict[str, Any]) -> Iterator[tuple[str, str, list[float]]]:
    for metric in directive.get("Metrics", []):
        value = document.get(metric["Name"])
        values = value if isinstance(value, list) else [value]
        numbers = [float(one) for one in values if isinstance(one, (int, float)) and not isinstance(one, bool)]
        if numbers:
            yield metric["Name"], metric.get("Unit", "None"), numbers
