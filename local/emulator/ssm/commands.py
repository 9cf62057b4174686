"""Run Command as its callers meet it: send, cancel, look, list."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from emulator.ssm.answers import answered, described, listed
from emulator.ssm.command import Command, Invocation, steps_of
from emulator.ssm.document import parse
from emulator.ssm.documents import Documents
from emulator.ssm.faults import SsmFault, required
from emulator.ssm.ledger import Ledger
from emulator.ssm.nodes import Nodes
from emulator.ssm.parameters import accept_parameters, longest_run_seconds
from emulator.ssm.references import References
from emulator.ssm.requests import check_limits, passes

DEFAULT_DELIVERY_SECONDS = 3600


class Commands:
    """The API's operations on the commands of one Region."""

    def __init__(self, ledger: Ledger, documents: Documents, nodes: Nodes, references: References,
                 work_waits: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._documents = documents
        self._nodes = nodes
        self._references = references
        self._work_waits = work_waits

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "DocumentName")
        check_limits(request)
        document, version = self._documents.find(request["DocumentName"], request.get("DocumentVersion"))
        if request.get("DocumentHash") and request["DocumentHash"] != version.digest:
            raise SsmFault("InvalidDocument", "The document hash does not match the document.")
        node_ids = self._addressed(request)
        content = parse(version)
        parameters = accept_parameters(content, self._references.expanded(content, request.get("Parameters") or {}))
        command = Command(
            id=str(uuid.uuid4()), document_name=document.name, document_version=str(version.number), document=content,
            parameters=parameters, comment=request.get("Comment") or "", targets=request.get("Targets") or [],
            asked_for_nodes=request.get("InstanceIds") or [], requested=time.time(),
            delivery_seconds=int(request.get("TimeoutSeconds") or DEFAULT_DELIVERY_SECONDS),
            run_seconds=longest_run_seconds(content, parameters),
            invocations={node_id: Invocation(node_id, steps_of(content)) for node_id in node_ids},
            extra={key: request[key] for key in ("MaxConcurrency", "MaxErrors") if key in request},
        )
        self._ledger.enter(command)
        for node_id in node_ids:
            self._work_waits(node_id)
        return {"Command": described(command)}

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "CommandId")
        command = self._ledger.get(request["CommandId"])
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
        command, invocation = self._ledger.found(request["CommandId"], request["InstanceId"])
        if command is None or invocation is None:
            raise SsmFault("InvocationDoesNotExist", "The command ID and managed node ID you specified didn't match any "
                                                     "invocations.")
        return answered(command, invocation, request.get("PluginName"))

    def list_commands(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        return [described(command) for command in self._chosen(request)]

    def list_invocations(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        node_id, with_plugins = request.get("InstanceId"), bool(request.get("Details"))
        return [listed(command, invocation, self._node_name(invocation.node_id), with_plugins)
                for command in self._chosen(request) for invocation in command.invocations.values()
                if node_id in (None, invocation.node_id)]

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

    def _chosen(self, request: dict[str, Any]) -> list[Command]:
        wanted, node_id = request.get("CommandId"), request.get("InstanceId")
        one_only = self._ledger.get(wanted) if wanted else None
        commands = ([one_only] if one_only else []) if wanted else self._ledger.newest_first()
        if node_id:
            commands = [command for command in commands if node_id in command.invocations]
        for one in request.get("Filters") or []:
            commands = [command for command in commands if passes(command, one["key"], one["value"])]
        return commands

    def _cancel_one(self, command: Command, invocation: Invocation) -> None:
        if invocation.status == "Pending":
            self._ledger.turn(command, invocation, "Cancelled")
        elif invocation.status == "InProgress":
            invocation.cancel_wanted = True
            self._ledger.turn(command, invocation, "Cancelling")
            self._work_waits(invocation.node_id)

    def _node_name(self, node_id: str) -> str:
        node = self._nodes.nodes.get(node_id)
        return node.name if node else ""
