"""Metric alarms: their own dimensions, M of N datapoints, missing data, metric math, events on each change.

ministack's evaluator adds up a metric over all dimensions and looks once; this one takes its place. The evaluation
range is N periods that end now, so that an alarm follows within seconds; AWS aligns periods to the clock.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from emulator.metrics.expressions import Series, Unsupported, evaluate
from emulator.scope import emit, in_region

EVERY_SECONDS = 5.0
TOLD_LATE_SECONDS = 900.0
Alarm = dict[str, Any]
logger = logging.getLogger("emulator.alarms")

_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def install() -> None:
    """Take the evaluation over, and let CloudFormation make alarms on expressions and composite alarms."""
    cloudwatch._evaluate_alarm = evaluate_alarm
    provisioners._cw_metric_alarm_record = _accepting_expressions(provisioners._cw_metric_alarm_record)
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
        "create": _create_composite, "update": _update_composite, "delete": _delete_composite,
    }


async def watch() -> None:
    """Evaluate every alarm of every Region, for ever: missing data is noticed by nobody else."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        for (_, region, name), alarm in list(cloudwatch._alarms.all_items()):
            try:
                in_region(region, lambda alarm=alarm: evaluate_alarm(alarm))
            except Exception:
                logger.exception("alarm %s was not evaluated", name)


def evaluate_alarm(alarm: Alarm) -> None:
    """Move the alarm to the state its datapoints call for."""
    compare = _BREACHES.get(alarm.get("ComparisonOperator") or "")
    if compare is None:
        return
    try:
        points = _datapoints(alarm)
    except Unsupported as error:
        _turn(alarm, "INSUFFICIENT_DATA", f"Unchecked: the local evaluator does not know {error}")
        return
    state = _state(alarm, [None if value is None else compare(value, alarm["Threshold"]) for value in points])
    seen = ", ".join("missing" if value is None else f"{value:g}" for value in points)
    _turn(alarm, state, f"Threshold Crossed: datapoints [{seen}], {alarm['ComparisonOperator']} {alarm['Threshold']:g}, "
                        f"{alarm.get('DatapointsToAlarm') or alarm['EvaluationPeriods']} out of {alarm['EvaluationPeriods']}")


def _state(alarm: Alarm, breaching: list[bool | None]) -> str:
    """OK, ALARM or INSUFFICIENT_DATA, as TreatMissingData says; None is a missing point."""
    treat = alarm.get("TreatMissingData") or "missing"
    needed = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    if all(one is None for one in breaching):
        if treat == "missing":
            return "INSUFFICIENT_DATA"
        if treat == "ignore":
            return str(alarm["StateValue"])
    filled = [treat == "breaching" if one is None else one for one in breaching]
    return "ALARM" if sum(filled) >= needed else "OK"


def _datapoints(alarm: Alarm) -> Series:
    """The last EvaluationPeriods datapoints of what the alarm watches, newest first."""
    length = int(alarm["EvaluationPeriods"])
    if not alarm.get("Metrics"):
        return _metric_series({"MetricName": alarm["MetricName"], "Namespace": alarm["Namespace"],
                               "Dimensions": alarm.get("Dimensions") or []}, int(alarm["Period"]),
                              alarm.get("ExtendedStatistic") or alarm["Statistic"], length)
    queries: list[dict[str, Any]] = alarm["Metrics"]
    period = max(int(_period(query)) for query in queries)
    series = {query["Id"]: _metric_series(query["MetricStat"]["Metric"], period, query["MetricStat"]["Stat"], length)
              for query in queries if "MetricStat" in query}
    pending = [query for query in queries if "Expression" in query]
    for _ in range(len(pending)):  # expressions may use each other, in any order
        for query in [one for one in pending if one["Id"] not in series]:
            if all(other["Id"] in series for other in pending if _mentions(query["Expression"], other["Id"])):
                series[query["Id"]] = evaluate(query["Expression"], series, length)
    returned = next(query["Id"] for query in queries if str(query.get("ReturnData", True)).lower() == "true")
    if returned not in series:
        raise Unsupported("expressions that use each other in a circle")
    return series[returned]


def _mentions(expression: str, identifier: str) -> bool:
    return identifier in expression.replace("(", " ").replace(")", " ").replace(",", " ").split()


def _period(query: dict[str, Any]) -> int:
    return int(query.get("MetricStat", {}).get("Period") or query.get("Period") or 60)


def _metric_series(metric: dict[str, Any], period: int, statistic: str, length: int) -> Series:
    dimensions = cloudwatch._dims_key({one["Name"]: one["Value"] for one in metric.get("Dimensions") or []})
    points = cloudwatch._metrics.get((metric["Namespace"], metric["MetricName"], dimensions)) or []
    now = time.time()
    oldest = now - length * period
    periods: list[list[dict[str, Any]]] = [[] for _ in range(length)]
    # The newest come last, but for what was told late; an alarm looks at minutes, and a metric has points of days.
    for point in reversed(points):
        if point["Timestamp"] < oldest - TOLD_LATE_SECONDS:
            break
        if oldest < point["Timestamp"] <= now:
            periods[int((now - point["Timestamp"]) // period)].append(point)
    return [cloudwatch._stat_value(cloudwatch._calc_stats(inside), statistic, inside) if inside else None
            for inside in periods]


def _turn(alarm: Alarm, state: str, reason: str) -> None:
    before = alarm["StateValue"]
    if before == state:
        return
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
    moment = cloudwatch._ts_iso(time.time())
    emit(cloudwatch.get_region(), "aws.cloudwatch", "CloudWatch Alarm State Change",
         {"alarmName": alarm["AlarmName"], "configuration": {"description": alarm.get("AlarmDescription", "")},
          "previousState": {"value": before}, "state": {"value": state, "reason": reason, "timestamp": moment}},
         [alarm["AlarmArn"]])


def _accepting_expressions(record: Callable[[str, dict[str, Any]], Alarm]) -> Callable[[str, dict[str, Any]], Alarm]:
    def alarm_record(name: str, properties: dict[str, Any]) -> Alarm:
        queries = properties.get("Metrics")
        if not queries:
            return record(name, properties)
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        alarm = record(name, {**plain, "MetricName": "expression", "Namespace": "expression"})
        for member in ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"):
            del alarm[member]
        return {**alarm, "Metrics": queries}

    return alarm_record


def _create_composite(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    name = properties.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255)
    status, _, body = cloudwatch._put_composite_alarm({}, {**properties, "AlarmName": name}, False, True)
    if status >= 400:
        raise ValueError(str(json.loads(body).get("message")))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _update_composite(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    return _create_composite(physical_id, {**new, "AlarmName": physical_id}, stack)


def _delete_composite(physical_id: str, properties: dict[str, Any]) -> None:
    cloudwatch._composite_alarms.pop(physical_id, None)
