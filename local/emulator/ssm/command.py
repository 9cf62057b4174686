"""A command, its invocations on nodes, and their steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OVER = ("Success", "Failed", "TimedOut", "Cancelled")

# What ListCommands and the console call a status in words.
DETAILS = {"InProgress": "In Progress"}


@dataclass
class Step:
    """What one step of the document did on one node."""

    name: str
    action: str
    status: str = "Pending"
    code: int = -1
    stdout: str = ""
    stderr: str = ""
    started: float = 0.0
    ended: float = 0.0


@dataclass
class Invocation:
    """A command on one node."""

    node_id: str
    steps: list[Step]
    status: str = "Pending"
    details: str = "Pending"
    sent_to_agent: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    cancel_wanted: bool = False

    @property
    def over(self) -> bool:
        return self.status in OVER

    @property
    def code(self) -> int:
        ran = [step.code for step in self.steps if step.code != -1]
        return next((code for code in ran if code != 0), ran[-1] if ran else -1)


@dataclass
class Command:
    """A SendCommand and its invocations."""

    id: str
    document_name: str
    document_version: str
    document: dict[str, Any]
    parameters: dict[str, list[str]]
    comment: str
    targets: list[dict[str, Any]]
    asked_for_nodes: list[str]
    requested: float
    delivery_seconds: int
    run_seconds: int
    invocations: dict[str, Invocation]
    status: str = "Pending"
    details: str = "Pending"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def expires(self) -> float:
        return self.requested + self.delivery_seconds + self.run_seconds


def steps_of(content: dict[str, Any]) -> list[Step]:
    """The steps of a document, none of them begun."""
    return [Step(step["name"], step["action"]) for step in content["mainSteps"]]


def summed(invocations: list[Invocation]) -> tuple[str, str]:
    """A command's status out of its invocations': running while any runs, else the worst outcome."""
    if all(invocation.status == "Pending" for invocation in invocations):
        return "Pending", "Pending"
    if not all(invocation.over for invocation in invocations):
        status = "Cancelling" if any(invocation.status == "Cancelling" for invocation in invocations) else "InProgress"
        return status, DETAILS.get(status, status)
    for status in ("Failed", "TimedOut", "Cancelled"):
        worst = next((invocation for invocation in invocations if invocation.status == status), None)
        if worst:
            return status, worst.details
    return "Success", "Success"
