"""
What outlives a document: the order of what goes on in the background (`work`: a create that fetches, a save), and outcomes
for the host unit to report.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Optional

from .payload import Order, instant
from .place import Place, clean_environment, discard, write_whole

FETCH = "fetch"
SAVE = "save"


def go_on(place: Place, order: Order, work: str) -> None:
    """Leaves the order, and starts the program of that name for it, which outlives the document."""
    _leave_order(place, order, work)
    program = Path(__file__).resolve().parent.parent
    line = ["/usr/bin/python3", "-I", str(program), place.installation, work, str(order.domain)]
    if os.path.isdir("/run/systemd/system"):
        # out of the control group of agent and unit: the job outlives both and their time-outs
        line = ["/usr/bin/systemd-run", "--quiet", "--collect", f"--unit=novacron-{work}-{order.domain}-{order.attempt}", *line]
    null = subprocess.DEVNULL
    subprocess.Popen(line, stdin=null, stdout=null, stderr=null, start_new_session=True, env=clean_environment())


def _leave_order(place: Place, order: Order, work: str) -> None:
    """Writes down what the background half has to do."""
    text = {"op": order.op, "attempt": order.attempt, "notAfter": order.not_after.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    write_whole(
        _order_file(place, str(order.domain), work), json.dumps({**text, "payload": order.payload}), durable=True
    )


def left_order(place: Place, domain: str, work: str) -> Optional[Order]:
    """What is to be done, or None: it was done, or undone."""
    try:
        left = json.loads(_order_file(place, domain, work).read_text())
    except FileNotFoundError:
        return None
    return Order(left["op"], left["attempt"], instant(left["notAfter"]), domain, left["payload"])


def take_back_order(place: Place, domain: str, work: str) -> None:
    """There is nothing to do in the background any more."""
    discard(_order_file(place, domain, work))


def leave_result(place: Place, op: str, number: int, said: dict) -> None:
    """Leaves an outcome for the host unit to report."""
    write_whole(
        place.results / f"{op}.{number}.json", json.dumps({"op": op, "attempt": number, "answer": said}), durable=True
    )


def worker_lock(place: Place, domain: str, work: str) -> Path:
    """Held as long as the background half lives."""
    return place.state / "locks" / f"{work}-{domain}.lock"


def _order_file(place: Place, domain: str, work: str) -> Path:
    """Where the order lies."""
    return place.state / work / f"{domain}.json"
