"""Faults that tests ask for."""

from __future__ import annotations

import json
from pathlib import Path


class Faults:
    """Lies and losses, read anew for each command from `<state>/faults.json`.

    {"delayReportSeconds": 3, "dropReport": true, "runTwice": true, "cutOutput": 10, "garbleOutput": true,
     "dropAcknowledge": true, "document": "NovaCron-…"}   `document` limits them to one; `times` to so many commands.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / "faults.json"

    def take(self) -> dict:
        try:
            faults = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        left = faults.get("times")
        if left is not None:
            if left <= 0:
                return {}
            self._path.write_text(json.dumps({**faults, "times": left - 1}))
        return faults


def distort(steps: list[dict], faults: dict) -> None:
    for step in steps:
        if "cutOutput" in faults:
            step["stdout"] = step["stdout"][: faults["cutOutput"]]
        if faults.get("garbleOutput"):
            step["stdout"] = step["stdout"][::-1]
