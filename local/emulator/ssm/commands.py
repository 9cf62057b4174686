"""Run Command: a command's life from SendCommand over the agent's acknowledgement to its report or its time-out."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

from emulator.ssm.documents import Documents, accept_parameters, as_values, longest_run_seconds, parse
from emulator.ssm.faults import SsmFault, required, validation
from emulator.ssm.nodes import Nodes

STDOUT_LIMIT, STDERR_LIMIT, LISTED_OUTPUT_LIMIT = 24_000, 8_000, 2_500
DEFAULT_DELIVERY_SECONDS, LEAST_DELIVERY_SECONDS, MOST_DELIVERY_SECONDS = 3600, 30, 2_592_000
REDELIVER_SECONDS = 5
KEPT_COMMANDS = 5_000
OVER = ("Success", "Failed", "TimedOut", "Cancelled")

_STORE_REFERENCE = re.compile(r"\{\{\s*ssm:([A-Za-z0-9_.:/-]+)\s*\}\}")

# What ListCommands and the console call a status in words.
_DETAILS = {"InProgress": "In Progress"}


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


# Told of each status change: the command, and the invocation it was of (None: the command as a whole).
Listener = Callable[[Command, Invocation | None], None]


class Commands:
    """The commands of one Region."""

    def __init__(self, documents: Documents, nodes: Nodes, read_parameter: Callable[[str], str | None],
                 changed: Listener, work_waits: Callable[[str], None]) -> None:
        self._documents = documents
        self._nodes = nodes
        self._read_parameter = read_parameter
        self._changed = changed
        self._work_waits = work_waits
        self._commands: dict[str, Command] = {}
        self._open: set[str] = set()

    # ---- the public API

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "DocumentName")
        _check_limits(request)
        document, version = self._documents.find(request["DocumentName"], request.get("DocumentVersion"))
        if request.get("DocumentHash") and request["DocumentHash"] != version.digest:
            raise SsmFault("InvalidDocument", "The document hash does not match the document.")
        node_ids = self._addressed(request)
        content = parse(version)
        parameters = accept_parameters(content, self._expanded(content, request.get("Parameters") or {}))
        command = Command(
            id=str(uuid.uuid4()), document_name=document.name, document_version=str(version.number), document=content,
            parameters=parameters, comment=request.get("Comment") or "", targets=request.get("Targets") or [],
            asked_for_nodes=request.get("InstanceIds") or [], requested=time.time(),
            delivery_seconds=int(request.get("TimeoutSeconds") or DEFAULT_DELIVERY_SECONDS),
            run_seconds=longest_run_seconds(content, parameters),
            invocations={node_id: Invocation(node_id, _steps(content)) for node_id in node_ids},
            extra={key: request[key] for key in ("MaxConcurrency", "MaxErrors") if key in request},
        )
        self._commands[command.id] = command
        self._forget_oldest()
        if not node_ids:
            command.status, command.details = "Success", "NoInstancesInTag"
            self._changed(command, None)
            return {"Command": _described(command)}
        self._open.add(command.id)
        self._changed(command, None)
        for invocation in command.invocations.values():
            self._changed(command, invocation)
            self._work_waits(invocation.node_id)
        return {"Command": _described(command)}

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "CommandId")
        command = self._commands.get(request["CommandId"])
        if command is None:
            raise SsmFault("InvalidCommandId", "The specified command ID isn't valid.")
        wanted = request.get("InstanceIds") or list(command.invocations)
        unknown = [node_id for node_id in wanted if node_id not in command.invocations]
        if unknown:
            raise SsmFault("InvalidInstanceId", f"Instances [{', '.join(unknown)}] are not part of the command.")
        for invocation in (command.invocations[node_id] for node_id in wanted):
            self._cancel_one(command, invocation)
        return {}

    def invocation(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "CommandId", "InstanceId")
        command = self._commands.get(request["CommandId"])
        invocation = command.invocations.get(request["InstanceId"]) if command else None
        if command is None or invocation is None:
            raise SsmFault("InvocationDoesNotExist", "The command ID and managed node ID you specified didn't match any "
                                                     "invocations.")
        return _invocation_answer(command, invocation, request.get("PluginName"))

    def list_commands(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        chosen = self._chosen(request)
        return [_described(command) for command in chosen]

    def list_invocations(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        node_id, with_plugins = request.get("InstanceId"), bool(request.get("Details"))
        return [_listed(command, invocation, self._node_name(invocation.node_id), with_plugins)
                for command in self._chosen(request) for invocation in command.invocations.values()
                if node_id in (None, invocation.node_id)]

    # ---- the agent's side

    def hand_out(self, node_id: str, free_workers: int) -> list[dict[str, Any]]:
        """Commands waiting for this node, oldest first; one not acknowledged soon is handed out again."""
        now = time.time()
        messages: list[dict[str, Any]] = []
        for command, invocation in self._open_invocations():
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
        return [command.id for command, invocation in self._open_invocations()
                if invocation.node_id == node_id and invocation.cancel_wanted]

    def acknowledge(self, command_id: str, node_id: str) -> bool:
        """The agent has it and starts; False means: do not start."""
        command, invocation = self._found(command_id, node_id)
        if command is None or invocation is None or invocation.status != "Pending":
            return False
        invocation.started = time.time()
        self._turn(command, invocation, "InProgress")
        return True

    def report(self, command_id: str, node_id: str, status: str, steps: list[dict[str, Any]]) -> None:
        """The agent's result. What comes after a time-out or a cancel changes nothing, as in SSM."""
        command, invocation = self._found(command_id, node_id)
        if command is None or invocation is None or invocation.over:
            return
        for step, result in zip(invocation.steps, steps, strict=False):
            step.status, step.code = str(result["status"]), int(result["code"])
            step.stdout, step.stderr = str(result["stdout"]), str(result["stderr"])
            step.started, step.ended = float(result["started"]), float(result["ended"])
        details = "Execution Timed Out" if status == "TimedOut" else status
        self._turn(command, invocation, status, details)

    def tick(self) -> None:
        """Give up on what was not delivered, or not finished, in its time."""
        now = time.time()
        for command, invocation in list(self._open_invocations()):
            if invocation.node_id not in self._nodes.nodes:
                self._turn(command, invocation, "Failed", "Undeliverable")
            elif invocation.status == "Pending" and now > command.requested + command.delivery_seconds:
                self._turn(command, invocation, "TimedOut", "Delivery Timed Out")
            elif invocation.started and now > invocation.started + command.run_seconds + REDELIVER_SECONDS:
                self._turn(command, invocation, "TimedOut", "Execution Timed Out")

    # ---- kept state

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

    # ---- inside

    def _addressed(self, request: dict[str, Any]) -> list[str]:
        named = list(request.get("InstanceIds") or [])
        if not named:
            return self._nodes.targeted(request.get("Targets") or [])
        if len(set(named)) != len(named):
            raise SsmFault("DuplicateInstanceId", "You can't specify a managed node ID in more than one association.")
        unknown = [node_id for node_id in named if node_id not in self._nodes.nodes]
        if unknown:
            raise SsmFault("InvalidInstanceId", f"Instances [[{', '.join(unknown)}]] not in a valid state for account")
        return named

    def _expanded(self, content: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """Values with each `{{ssm:name}}` replaced; the result is what allowedPattern is checked against."""
        defaults = {name: as_values(rule["default"]) for name, rule in (content.get("parameters") or {}).items()
                    if "default" in rule and name not in given and "{{ssm:" in str(rule["default"]).replace(" ", "")}
        values = {**defaults, **given}
        return {name: [self._with_store_values(value) for value in one] if isinstance(one, list) else one
                for name, one in values.items()}

    def _with_store_values(self, text: Any) -> Any:
        if not isinstance(text, str) or "ssm:" not in text:
            return text

        def value_of(match: re.Match[str]) -> str:
            value = self._read_parameter(match[1])
            if value is None:
                raise SsmFault("InvalidParameters", f"Parameter Store has no parameter {match[1]} of type String.")
            return value

        return _STORE_REFERENCE.sub(value_of, text)

    def _chosen(self, request: dict[str, Any]) -> list[Command]:
        wanted, node_id = request.get("CommandId"), request.get("InstanceId")
        if wanted:
            commands = [self._commands[wanted]] if wanted in self._commands else []
        else:
            commands = sorted(self._commands.values(), key=lambda command: command.requested, reverse=True)
        if node_id:
            commands = [command for command in commands if node_id in command.invocations]
        for one in request.get("Filters") or []:
            commands = [command for command in commands if _passes(command, one["key"], one["value"])]
        return commands

    def _cancel_one(self, command: Command, invocation: Invocation) -> None:
        if invocation.status == "Pending":
            self._turn(command, invocation, "Cancelled")
        elif invocation.status == "InProgress":
            invocation.cancel_wanted = True
            self._turn(command, invocation, "Cancelling")
            self._work_waits(invocation.node_id)

    def _turn(self, command: Command, invocation: Invocation, status: str, details: str | None = None) -> None:
        invocation.status = status
        invocation.details = details or _DETAILS.get(status, status)
        if invocation.over:
            invocation.ended = time.time()
            for step in invocation.steps:
                if step.status in ("Pending", "InProgress"):
                    step.status = status
        self._changed(command, invocation)
        self._sum_up(command)

    def _sum_up(self, command: Command) -> None:
        status, details = _summed(list(command.invocations.values()))
        if all(invocation.over for invocation in command.invocations.values()):
            self._open.discard(command.id)
        if status != command.status:
            command.status, command.details = status, details
            self._changed(command, None)

    def _found(self, command_id: str, node_id: str) -> tuple[Command | None, Invocation | None]:
        command = self._commands.get(command_id)
        return command, command.invocations.get(node_id) if command else None

    def _open_invocations(self) -> Iterator[tuple[Command, Invocation]]:
        for command in sorted((self._commands[one] for one in self._open), key=lambda one: one.requested):
            for invocation in command.invocations.values():
                if not invocation.over:
                    yield command, invocation

    def _node_name(self, node_id: str) -> str:
        node = self._nodes.nodes.get(node_id)
        return node.name if node else ""

    def _forget_oldest(self) -> None:
        while len(self._commands) > KEPT_COMMANDS:
            oldest = next((one for one in self._commands if one not in self._open), None)
            if oldest is None:
                return
            del self._commands[oldest]


def iso(moment: float) -> str:
    """A moment as SSM writes it in events and in GetCommandInvocation."""
    if not moment:
        return ""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_limits(request: dict[str, Any]) -> None:
    if len(request.get("Comment") or "") > 100:
        raise validation("1 validation error detected: Value at 'comment' failed to satisfy constraint: Member must have "
                         "length less than or equal to 100")
    seconds = request.get("TimeoutSeconds")
    if seconds is not None and not LEAST_DELIVERY_SECONDS <= int(seconds) <= MOST_DELIVERY_SECONDS:
        raise validation(f"1 validation error detected: Value '{seconds}' at 'timeoutSeconds' failed to satisfy constraint: "
                         f"Member must have value between {LEAST_DELIVERY_SECONDS} and {MOST_DELIVERY_SECONDS}")
    if len(request.get("InstanceIds") or []) > 50:
        raise validation("1 validation error detected: 'instanceIds' must have length less than or equal to 50")
    if not request.get("InstanceIds") and not request.get("Targets"):
        raise validation("InstanceIds or Targets is required.")


def _steps(content: dict[str, Any]) -> list[Step]:
    return [Step(step["name"], step["action"]) for step in content["mainSteps"]]


def _summed(invocations: list[Invocation]) -> tuple[str, str]:
    """A command's status out of its invocations': running while any runs, else the worst outcome."""
    if all(invocation.status == "Pending" for invocation in invocations):
        return "Pending", "Pending"
    if not all(invocation.over for invocation in invocations):
        status = "Cancelling" if any(invocation.status == "Cancelling" for invocation in invocations) else "InProgress"
        return status, _DETAILS.get(status, status)
    for status in ("Failed", "TimedOut", "Cancelled"):
        worst = next((invocation for invocation in invocations if invocation.status == status), None)
        if worst:
            return status, worst.details
    return "Success", "Success"


def _described(command: Command) -> dict[str, Any]:
    invocations = command.invocations.values()
    return {
        "CommandId": command.id, "DocumentName": command.document_name, "DocumentVersion": command.document_version,
        "Comment": command.comment, "ExpiresAfter": command.expires, "Parameters": command.parameters,
        "InstanceIds": command.asked_for_nodes, "Targets": command.targets, "RequestedDateTime": command.requested,
        "Status": command.status, "StatusDetails": command.details, "OutputS3BucketName": "", "OutputS3KeyPrefix": "",
        "MaxConcurrency": command.extra.get("MaxConcurrency", "50"), "MaxErrors": command.extra.get("MaxErrors", "0"),
        "TargetCount": len(command.invocations), "CompletedCount": sum(one.over for one in invocations),
        "ErrorCount": sum(one.status == "Failed" for one in invocations),
        "DeliveryTimedOutCount": sum(one.details == "Delivery Timed Out" for one in invocations),
        "ServiceRole": "", "TimeoutSeconds": command.delivery_seconds,
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def _listed(command: Command, invocation: Invocation, node_name: str, with_plugins: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "CommandId": command.id, "InstanceId": invocation.node_id, "InstanceName": node_name, "Comment": command.comment,
        "DocumentName": command.document_name, "DocumentVersion": command.document_version,
        "RequestedDateTime": command.requested, "Status": invocation.status, "StatusDetails": invocation.details,
        "StandardOutputUrl": "", "StandardErrorUrl": "", "ServiceRole": "", "CommandPlugins": [],
    }
    if with_plugins:
        row["CommandPlugins"] = [
            {"Name": step.name, "Status": step.status, "StatusDetails": step.status, "ResponseCode": step.code,
             "ResponseStartDateTime": step.started, "ResponseFinishDateTime": step.ended,
             "Output": (step.stdout + step.stderr)[:LISTED_OUTPUT_LIMIT]}
            for step in invocation.steps
        ]
    return row


def _invocation_answer(command: Command, invocation: Invocation, plugin: str | None) -> dict[str, Any]:
    steps = [step for step in invocation.steps if plugin in (None, step.name)]
    if not steps:
        raise SsmFault("InvalidPluginName", f"The plugin name isn't valid: {plugin}")
    started = min((step.started for step in steps if step.started), default=invocation.started)
    ended = max((step.ended for step in steps), default=0.0) or invocation.ended
    single = steps[0] if len(steps) == 1 else None
    return {
        "CommandId": command.id, "InstanceId": invocation.node_id, "Comment": command.comment,
        "DocumentName": command.document_name, "DocumentVersion": command.document_version,
        "PluginName": single.name if single else "", "ResponseCode": single.code if single else invocation.code,
        "ExecutionStartDateTime": iso(started), "ExecutionEndDateTime": iso(ended),
        "ExecutionElapsedTime": f"PT{max(0.0, ended - started):.3f}S" if started and ended else "",
        "Status": single.status if plugin and single else invocation.status, "StatusDetails": invocation.details,
        "StandardOutputContent": "".join(step.stdout for step in steps)[:STDOUT_LIMIT], "StandardOutputUrl": "",
        "StandardErrorContent": "".join(step.stderr for step in steps)[:STDERR_LIMIT], "StandardErrorUrl": "",
        "CloudWatchOutputConfig": {"CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": False},
    }


def _passes(command: Command, key: str, value: str) -> bool:
    if key == "DocumentName":
        return command.document_name == value
    if key == "Status":
        return command.status == value
    if key == "ExecutionStage":
        return (command.status in OVER) == (value == "Complete")
    if key in ("InvokedAfter", "InvokedBefore"):
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
        return command.requested >= moment if key == "InvokedAfter" else command.requested < moment
    raise SsmFault("InvalidFilterKey", f"The specified key is not valid: {key}")
