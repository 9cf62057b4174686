"""The commands of one Region: which are open, and what is told of each turn they take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from emulator.ssm.command import DETAILS, Command, Invocation, Step, summed

KEPT_COMMANDS = 5_000

# Told of each status change: the command, and the invocation it was of (None: the command as a whole).
Listener = Callable[[Command, Invocation | None], None]


class Ledger:
    """All commands, the newest of them; a change of status goes through here."""

    def __init__(self, changed: Listener) -> None:
        self._changed = changed
        self._commands: dict[str, Command] = {}
        self._open: set[str] = set()

    def get(self, command_id: str) -> Command | None:
        return self._commands.get(command_id)

    def newest_first(self) -> list[Command]:
        return sorted(self._commands.values(), key=lambda command: command.requested, reverse=True)

    def enter(self, command: Command) -> None:
        """Keep a new command, and tell of it; one for no node is over at once."""
        self._commands[command.id] = command
        self._forget_oldest()
        if command.invocations:
            self._open.add(command.id)
        else:
            command.status, command.details = "Success", "NoInstancesInTag"
        self._changed(command, None)
        for invocation in command.invocations.values():
            self._changed(command, invocation)

    def found(self, command_id: str, node_id: str) -> tuple[Command | None, Invocation | None]:
        command = self._commands.get(command_id)
        return command, command.invocations.get(node_id) if command else None

    def open_invocations(self) -> Iterator[tuple[Command, Invocation]]:
        for command in sorted((self._commands[one] for one in self._open), key=lambda one: one.requested):
            for invocation in command.invocations.values():
                if not invocation.over:
                    yield command, invocation

    def turn(self, command: Command, invocation: Invocation, status: str, details: str | None = None) -> None:
        invocation.status = status
        invocation.details = details or DETAILS.get(status, status)
        if invocation.over:
            invocation.ended = time.time()
            for step in invocation.steps:
                if step.status in ("Pending", "InProgress"):
                    step.status = status
        self._changed(command, invocation)
        self._sum_up(command)

    def _sum_up(self, command: Command) -> None:
        status, details = summed(list(command.invocations.values()))
        if all(invocation.over for invocation in command.invocations.values()):
            self._open.discard(command.id)
        if status != command.status:
            command.status, command.details = status, details
            self._changed(command, None)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(command) for command in list(self._commands.values())]

    def load(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            invocations = {node_id: Invocation(**{**one, "steps": [Step(**step) for step in one["steps"]]})
                           for node_id, one in row.pop("invocations").items()}
            command = Command(invocations=invocations, **row)
            self._commands[command.id] = command
            if any(not invocation.over for invocation in invocations.values()):
                self._open.add(command.id)

    def _forget_oldest(self) -> None:
        while len(self._commands) > KEPT_COMMANDS:
            oldest = next((one for one in self._commands if one not in self._open), None)
            if oldest is None:
                return
            del self._commands[oldest]
