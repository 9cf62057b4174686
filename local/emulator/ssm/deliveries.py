"""Run Command as the agents meet it: commands handed out, acknowledged, reported, and given up on."""

from __future__ import annotations

import time
from typing import Any

from emulator.ssm.ledger import Ledger
from emulator.ssm.nodes import Nodes

REDELIVER_SECONDS = 5


class Deliveries:
    """The way of commands to the nodes and back."""

    def __init__(self, ledger: Ledger, nodes: Nodes) -> None:
        self._ledger = ledger
        self._nodes = nodes

    def hand_out(self, node_id: str, free_workers: int) -> list[dict[str, Any]]:
        """Commands waiting for this node, oldest first; one not acknowledged soon is handed out again."""
        now = time.time()
        messages: list[dict[str, Any]] = []
        for command, invocation in self._ledger.open_invocations():
            if len(messages) >= free_workers:
                break
            if invocation.node_id != node_id or invocation.status != "Pending":
                continue
            if now - invocation.sent_to_agent < REDELIVER_SECONDS:
                continue
            invocation.sent_to_agent = now
            messages.append({"commandId": command.id, "document": command.document, "parameters": command.parameters})
        return messages

    def cancellations(self, node_id: str) -> list[str]:
        return [command.id for command, invocation in self._ledger.open_invocations()
                if invocation.node_id == node_id and invocation.cancel_wanted]

    def acknowledge(self, command_id: str, node_id: str) -> bool:
        """The agent has it and starts; False means: do not start."""
        command, invocation = self._ledger.found(command_id, node_id)
        if command is None or invocation is None or invocation.status != "Pending":
            return False
        invocation.started = time.time()
        self._ledger.turn(command, invocation, "InProgress")
        return True

    def report(self, command_id: str, node_id: str, status: str, steps: list[dict[str, Any]]) -> None:
        """The agent's result. What comes after a time-out or a cancel changes nothing, as in SSM."""
        command, invocation = self._ledger.found(command_id, node_id)
        if command is None or invocation is None or invocation.over:
            return
        for step, result in zip(invocation.steps, steps, strict=False):
            step.status, step.code = str(result["status"]), int(result["code"])
            step.stdout, step.stderr = str(result["stdout"]), str(result["stderr"])
            step.started, step.ended = float(result["started"]), float(result["ended"])
        details = "Execution Timed Out" if status == "TimedOut" else status
        self._ledger.turn(command, invocation, status, details)

    def tick(self) -> None:
        """Give up on what was not delivered, or not finished, in its time."""
        now = time.time()
        for command, invocation in list(self._ledger.open_invocations()):
            if invocation.node_id not in self._nodes.nodes:
                self._ledger.turn(command, invocation, "Failed", "Undeliverable")
            elif invocation.status == "Pending" and now > command.requested + command.delivery_seconds:
                self._ledger.turn(command, invocation, "TimedOut", "Delivery Timed Out")
            elif invocation.started and now > invocation.started + command.run_seconds + REDELIVER_SECONDS:
                self._ledger.turn(command, invocation, "TimedOut", "Execution Timed Out")
