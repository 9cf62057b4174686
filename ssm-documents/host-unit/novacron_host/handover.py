"""What outlives a document: the order of a create that goes on in the background, and outcomes for the host unit to report."""

import json
from pathlib import Path
from typing import Optional

from .payload import Order, instant
from .place import Place, discard, write_whole


def leave_order(place: Place, order: Order) -> None:
    """Writes down what the background half has to do."""
    text = {"op": order.op, "attempt": order.attempt, "notAfter": order.not_after.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    write_whole(
        order_file(place, str(order.domain)), json.dumps({**text, "payload": order.payload}), durable=True
    )


def left_order(place: Place, domain: str) -> Optional[Order]:
    """What is to be done, or None: it was done, or undone."""
    try:
        left = json.loads(order_file(place, domain).read_text())
    except FileNotFoundError:
        return None
    return Order(left["op"], left["attempt"], instant(left["notAfter"]), domain, left["payload"])


def take_back_order(place: Place, domain: str) -> None:
    """There is nothing to do in the background any more."""
    discard(order_file(place, domain))


def leave_result(place: Place, op: str, number: int, said: dict) -> None:
    """Leaves an outcome for the host unit to report."""
    write_whole(
        place.results / f"{op}.{number}.json", json.dumps({"op": op, "attempt": number, "answer": said}), durable=True
    )


def worker_lock(place: Place, domain: str) -> Path:
    """Held as long as the background half lives."""
    return place.state / "locks" / f"fetch-{domain}.lock"


def order_file(place: Place, domain: str) -> Path:
    """Where the order lies."""
    return place.state / "fetch" / f"{domain}.json"
