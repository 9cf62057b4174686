"""Hybrid activations and the managed nodes (`mi-…`) registered with them."""

from __future__ import annotations

import hmac
import re
import secrets
import string
import time
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from emulator.ssm.faults import SsmFault, required, validation

ONLINE_SECONDS = 300
DEFAULT_ACTIVATION_SECONDS = 24 * 3600
MAX_ACTIVATION_SECONDS = 30 * 24 * 3600
_CODE_LETTERS = string.ascii_letters + string.digits  # codes are typed after a flag: none may begin with a dash


@dataclass
class Activation:
    """A code that lets so many machines register until so late."""

    id: str
    code: str
    role: str
    limit: int
    created: float
    expires: float
    description: str = ""
    instance_name: str = ""
    used: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires

    def described(self) -> dict[str, Any]:
        return {"ActivationId": self.id, "Description": self.description, "DefaultInstanceName": self.instance_name,
                "IamRole": self.role, "RegistrationLimit": self.limit, "RegistrationsCount": self.used,
                "ExpirationDate": self.expires, "Expired": self.expired, "CreatedDate": self.created,
                "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}


@dataclass
class Node:
    """A registered machine; `secret` is what its agent proves itself with."""

    id: str
    secret: str
    activation_id: str
    role: str
    registered: float
    name: str = ""
    computer_name: str = ""
    address: str = ""
    agent_version: str = ""
    platform_name: str = ""
    platform_version: str = ""
    last_ping: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def ping_status(self) -> str:
        return "Online" if time.time() - self.last_ping < ONLINE_SECONDS else "ConnectionLost"

    def described(self) -> dict[str, Any]:
        return {"InstanceId": self.id, "PingStatus": self.ping_status, "LastPingDateTime": self.last_ping,
                "AgentVersion": self.agent_version, "IsLatestVersion": True, "PlatformType": "Linux",
                "PlatformName": self.platform_name, "PlatformVersion": self.platform_version,
                "ActivationId": self.activation_id, "IamRole": self.role, "RegistrationDate": self.registered,
                "ResourceType": "ManagedInstance", "Name": self.name, "IPAddress": self.address,
                "ComputerName": self.computer_name, "SourceId": self.id, "SourceType": "AWS::SSM::ManagedInstance"}


class Nodes:
    """Activations and nodes of one Region."""

    def __init__(self) -> None:
        self.activations: dict[str, Activation] = {}
        self.nodes: dict[str, Node] = {}

    def create_activation(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "IamRole")
        limit = int(request.get("RegistrationLimit") or 1)
        if not 1 <= limit <= 1000:
            raise validation("RegistrationLimit must be between 1 and 1000.")
        now = time.time()
        expires = float(request.get("ExpirationDate") or now + DEFAULT_ACTIVATION_SECONDS)
        if not now < expires <= now + MAX_ACTIVATION_SECONDS:
            raise validation("ExpirationDate must be in the future and within 30 days.")
        activation = Activation(
            id=str(uuid.uuid4()), code="".join(secrets.choice(_CODE_LETTERS) for _ in range(20)), role=request["IamRole"], limit=limit, created=now,
            expires=expires, description=request.get("Description") or "",
            instance_name=request.get("DefaultInstanceName") or "",
            tags={tag["Key"]: tag["Value"] for tag in request.get("Tags") or []},
        )
        self.activations[activation.id] = activation
        return {"ActivationId": activation.id, "ActivationCode": activation.code}

    def delete_activation(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "ActivationId")
        if self.activations.pop(request["ActivationId"], None) is None:
            raise SsmFault("InvalidActivation", "The activation is not valid. The activation might have been deleted.")
        return {}

    def describe_activations(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        keys = {"ActivationIds": "ActivationId", "DefaultInstanceName": "DefaultInstanceName", "IamRole": "IamRole"}
        rows = [activation.described() for activation in self.activations.values()]
        for one in request.get("Filters") or []:
            member = keys.get(one.get("FilterKey", ""))
            if member is None:
                raise SsmFault("InvalidFilter", f"The filter name is not valid: {one.get('FilterKey')}")
            rows = [row for row in rows if row[member] in one.get("FilterValues", [])]
        return rows

    def register(self, activation_id: str, code: str, facts: dict[str, str]) -> Node:
        """What the agent's registration does; an activation that is spent or over refuses."""
        activation = self.activations.get(activation_id)
        if activation is None or not hmac.compare_digest(activation.code, code) or activation.expired:
            raise SsmFault("InvalidActivation", "Registration failed: the activation id or code is not valid or expired.")
        if activation.used >= activation.limit:
            raise SsmFault("RegistrationLimitExceeded", "Registration failed: the registration limit is reached.")
        activation.used += 1
        node = Node(id=f"mi-{secrets.token_hex(9)[:17]}", secret=secrets.token_urlsafe(32), activation_id=activation.id,
                    role=activation.role, registered=time.time(), name=activation.instance_name, tags=dict(activation.tags))
        self.nodes[node.id] = node
        self.heard_from(node, facts)
        return node

    def heard_from(self, node: Node, facts: dict[str, str]) -> None:
        """Note that the agent is alive and what it says of its machine."""
        node.last_ping = time.time()
        node.computer_name = facts.get("computerName", node.computer_name)
        node.address = facts.get("address", node.address)
        node.agent_version = facts.get("agentVersion", node.agent_version)
        node.platform_name = facts.get("platformName", node.platform_name)
        node.platform_version = facts.get("platformVersion", node.platform_version)

    def authenticate(self, node_id: str, secret: str) -> Node | None:
        node = self.nodes.get(node_id)
        return node if node and hmac.compare_digest(node.secret, secret) else None

    def deregister(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "InstanceId")
        self._node(request["InstanceId"])
        del self.nodes[request["InstanceId"]]
        return {}

    def update_role(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "InstanceId", "IamRole")
        self._node(request["InstanceId"]).role = request["IamRole"]
        return {}

    def describe(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        filters = [(one["Key"], one["Values"]) for one in request.get("Filters") or []]
        filters += [(one["key"], one["valueSet"]) for one in request.get("InstanceInformationFilterList") or []]
        matching = [node for node in self.nodes.values() if all(_matches(node, *one) for one in filters)]
        return [node.described() for node in sorted(matching, key=lambda node: node.id)]

    def targeted(self, targets: list[dict[str, Any]]) -> list[str]:
        """The nodes a SendCommand's Targets mean: every target must match."""
        for target in targets:
            if not re.fullmatch(r"tag:.+|tag-key|(?i:InstanceIds)", target.get("Key", "")):
                raise SsmFault("InvalidTarget", f"The target key is not valid: {target.get('Key')}")
        found = [node for node in self.nodes.values()
                 if all(_matches(node, one["Key"], one.get("Values") or []) for one in targets)]
        return sorted(node.id for node in found)

    def tags(self, node_id: str) -> dict[str, str]:
        node = self.nodes.get(node_id)
        if node is None:
            raise SsmFault("InvalidResourceId", f"The resource ID is not valid: {node_id}")
        return node.tags

    def dump(self) -> dict[str, Any]:
        return {"activations": [asdict(one) for one in self.activations.values()],
                "nodes": [asdict(one) for one in self.nodes.values()]}

    def load(self, data: dict[str, Any]) -> None:
        self.activations = {row["id"]: Activation(**row) for row in data["activations"]}
        self.nodes = {row["id"]: Node(**row) for row in data["nodes"]}

    def _node(self, node_id: str) -> Node:
        node = self.nodes.get(node_id)
        if node is None:
            raise SsmFault("InvalidInstanceId", f"Instance {node_id} is not registered with this account.")
        return node


def _matches(node: Node, key: str, values: list[str]) -> bool:
    if key.startswith("tag:"):
        return node.tags.get(key[4:]) in values
    if key == "tag-key":
        return any(value in node.tags for value in values)
    facts = {"InstanceIds": node.id, "instanceids": node.id, "PingStatus": node.ping_status, "PlatformTypes": "Linux",
             "ActivationIds": node.activation_id, "IamRole": node.role, "ResourceType": "ManagedInstance",
             "AgentVersion": node.agent_version, "AssociationStatus": ""}
    if key not in facts:
        raise SsmFault("InvalidFilterKey", f"The specified key is not valid: {key}")
    return facts[key] in values
