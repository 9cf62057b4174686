"""Reports that wait are sent as one, as far as one says what they say: a busy host is not told of one change after the other."""

import json
from typing import Iterable

# What the plane takes in well within the time for which its answer is waited for, and half of what it takes at most (1 MiB).
EVENTS = 100
BYTES = 512 << 10


def together(waiting: "Iterable[dict]") -> "list[dict]":
    """
    The first of these, oldest first, that may be sent as one. Its inventory is its last report's, or none: an older one would
    take back what the events after it tell. Whether libvirt answers is alike in all.
    """
    some: "list[dict]" = []
    whole = 0
    for report in waiting:
        if some and not _joins(some, report):
            break
        some.append(report)
        if _has_inventory(report):
            whole = len(some)
    return some[:whole] if whole else some


def merged(reports: "list[dict]") -> dict:
    """One report that says what all of these do, under the number of the last: the plane takes no lower one after it."""
    *older, last = reports
    facts = {name: value for report in reports for name, value in report.get("facts", {}).items()}
    events = [event for report in reports for event in report["events"]]
    return {**last, "events": events, **({"facts": facts} if facts else {})} if older else last


def _joins(some: "list[dict]", report: dict) -> bool:
    first = some[0]
    return (
        all(report.get(name) == first.get(name) for name in ("unitVersion", "libvirtAwaySince"))
        and sum(len(each["events"]) for each in [*some, report]) <= EVENTS
        and len(json.dumps(report)) + sum(len(json.dumps(each["events"])) for each in some) <= BYTES
    )


def _has_inventory(report: dict) -> bool:
    return report.get("inventory") is not None
