"""The SSM endpoint: our operations, and ministack's own for Parameter Store."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import error_response_json, get_region, json_response
from ministack.services import ssm as parameter_store

from emulator.scope import emit, in_region
from emulator.settings import ACCOUNT_ID
from emulator.ssm.answers import iso
from emulator.ssm.command import Command, Invocation
from emulator.ssm.commands import Commands
from emulator.ssm.deliveries import Deliveries
from emulator.ssm.documents import Documents
from emulator.ssm.faults import SsmFault, required, validation
from emulator.ssm.ledger import Ledger
from emulator.ssm.nodes import Nodes
from emulator.ssm.paging import page
from emulator.ssm.references import References

Request = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
logger = logging.getLogger("emulator.ssm")


class Region:
    """Everything SSM keeps in one Region."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.documents = Documents()
        self.nodes = Nodes()
        self._ledger = Ledger(self._announce)
        self.commands = Commands(self._ledger, self.documents, self.nodes, References(self._parameter), self._wake)
        self.deliveries = Deliveries(self._ledger, self.nodes)
        self._waiting: dict[str, asyncio.Event] = {}

    def waiter(self, node_id: str) -> asyncio.Event:
        """What the agent's long poll waits on."""
        return self._waiting.setdefault(node_id, asyncio.Event())

    def tags(self, kind: str, resource_id: str) -> dict[str, str]:
        """The tags of a resource, to be read or changed in place."""
        if kind == "ManagedInstance":
            return self.nodes.tags(resource_id)
        if kind == "Document":
            return self.documents.tags(resource_id)
        if kind == "Activation" and resource_id in self.nodes.activations:
            return self.nodes.activations[resource_id].tags
        raise SsmFault("InvalidResourceType", f"The resource type is not valid: {kind}")

    def resource_tags(self, arn: str) -> dict[str, str]:
        """Tags by ARN, for IAM conditions; none for what does not exist."""
        kind, _, name = arn.split(":", 5)[-1].partition("/")
        node, document = self.nodes.nodes.get(name), None
        if kind == "document":
            try:
                document, _ = self.documents.find(name, None)
            except SsmFault:
                return {}
        found = node if kind == "managed-instance" else document
        return found.tags if found else {}

    def dump(self) -> dict[str, Any]:
        return {"documents": self.documents.dump(), "nodes": self.nodes.dump(), "commands": self._ledger.dump()}

    def load(self, data: dict[str, Any]) -> None:
        self.documents.load(data["documents"])
        self.nodes.load(data["nodes"])
        self._ledger.load(data["commands"])

    def _wake(self, node_id: str) -> None:
        self.waiter(node_id).set()

    def _parameter(self, name: str) -> str | None:
        def read() -> str | None:
            _, record = parameter_store._lookup_parameter(name)
            return record["OriginalValue"] if record and record["Type"] != "SecureString" else None

        value: str | None = in_region(self.name, read)
        return value

    def _announce(self, command: Command, invocation: Invocation | None) -> None:
        detail: dict[str, Any] = {"command-id": command.id, "document-name": command.document_name,
                                  "requested-date-time": iso(command.requested)}
        if invocation is None:
            detail |= {"expire-after": iso(command.expires), "parameters": command.parameters, "status": command.status}
            kind, node_ids = "EC2 Command Status-change Notification", list(command.invocations)
        else:
            detail |= {"instance-id": invocation.node_id, "status": invocation.status}
            kind, node_ids = "EC2 Command Invocation Status-change Notification", [invocation.node_id]
        emit(self.name, "aws.ssm", kind, detail, [node_arn(self.name, node_id) for node_id in node_ids])


class Service:
    """All Regions, and the dispatch of the API's operations."""

    def __init__(self) -> None:
        self._regions: dict[str, Region] = {}
        self._operations: dict[str, Callable[[Region, Request], dict[str, Any]]] = {
            "CreateActivation": lambda region, request: region.nodes.create_activation(request),
            "DeleteActivation": lambda region, request: region.nodes.delete_activation(request),
            "DescribeActivations": lambda region, request: page(
                request, "ActivationList", region.nodes.describe_activations(request)),
            "DescribeInstanceInformation": lambda region, request: page(
                request, "InstanceInformationList", region.nodes.describe(request), default_size=10),
            "DeregisterManagedInstance": lambda region, request: region.nodes.deregister(request),
            "UpdateManagedInstanceRole": lambda region, request: region.nodes.update_role(request),
            "CreateDocument": lambda region, request: region.documents.create(request),
            "UpdateDocument": lambda region, request: region.documents.update(request),
            "UpdateDocumentDefaultVersion": lambda region, request: region.documents.set_default(request),
            "GetDocument": lambda region, request: region.documents.get(request),
            "DescribeDocument": lambda region, request: region.documents.describe(request),
            "ListDocuments": lambda region, request: page(request, "DocumentIdentifiers", region.documents.list(request)),
            "ListDocumentVersions": lambda region, request: page(
                request, "DocumentVersions", region.documents.versions(request)),
            "DeleteDocument": lambda region, request: region.documents.delete(request),
            "SendCommand": lambda region, request: region.commands.send(request),
            "CancelCommand": lambda region, request: region.commands.cancel(request),
            "GetCommandInvocation": lambda region, request: region.commands.invocation(request),
            "ListCommands": lambda region, request: page(request, "Commands", region.commands.list_commands(request)),
            "ListCommandInvocations": lambda region, request: page(
                request, "CommandInvocations", region.commands.list_invocations(request)),
            "AddTagsToResource": _add_tags,
            "RemoveTagsFromResource": _remove_tags,
            "ListTagsForResource": _list_tags,
        }

    def region(self, name: str) -> Region:
        if name not in self._regions:
            self._regions[name] = Region(name)
        return self._regions[name]

    def handler(self, inner: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        """What SERVICE_HANDLERS["ssm"] becomes; `inner` keeps Parameter Store and the service settings."""

        async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
            operation = self._operations.get(headers.get("x-amz-target", "").rpartition(".")[2])
            if operation is None:
                return await inner(method, path, headers, body, query)
            try:
                request = json.loads(body or b"{}")
                if _is_about_a_parameter(operation, request):
                    return await inner(method, path, headers, body, query)
                return json_response(operation(self.region(get_region()), request))
            except json.JSONDecodeError:
                return error_response_json("SerializationException", "Invalid JSON", 400)
            except SsmFault as fault:
                return error_response_json(fault.code, fault.message, 400)

        return handle

    async def watch(self) -> None:
        """Notice time-outs, for ever."""
        while True:
            await asyncio.sleep(0.5)
            for region in list(self._regions.values()):
                try:
                    region.deliveries.tick()
                except Exception:
                    logger.exception("time-outs in %s were not looked at", region.name)

    def dump(self) -> dict[str, Any]:
        return {name: region.dump() for name, region in list(self._regions.items())}

    def load(self, data: dict[str, Any]) -> None:
        for name, region in data.items():
            self.region(name).load(region)


def node_arn(region: str, node_id: str) -> str:
    """A managed node's ARN; an EC2 instance is named by its own."""
    if node_id.startswith("i-"):
        return f"arn:aws:ec2:{region}:{ACCOUNT_ID}:instance/{node_id}"
    return f"arn:aws:ssm:{region}:{ACCOUNT_ID}:managed-instance/{node_id}"


def _is_about_a_parameter(operation: object, request: Request) -> bool:
    return operation in (_add_tags, _remove_tags, _list_tags) and request.get("ResourceType") == "Parameter"


def _add_tags(region: Region, request: Request) -> dict[str, Any]:
    required(request, "ResourceType", "ResourceId", "Tags")
    tags = region.tags(request["ResourceType"], request["ResourceId"])
    added = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    if len({**tags, **added}) > 50:
        raise SsmFault("TooManyTagsError", "The Targets parameter includes too many tags.")
    if any(not key or key.startswith("aws:") for key in added):
        raise validation("Tag keys must not be empty nor start with aws:.")
    tags.update(added)
    return {}


def _remove_tags(region: Region, request: Request) -> dict[str, Any]:
    required(request, "ResourceType", "ResourceId", "TagKeys")
    tags = region.tags(request["ResourceType"], request["ResourceId"])
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def _list_tags(region: Region, request: Request) -> dict[str, Any]:
    required(request, "ResourceType", "ResourceId")
    tags = region.tags(request["ResourceType"], request["ResourceId"])
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}
