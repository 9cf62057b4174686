"""Permissions of EC2, SSM and SES calls: every resource a call touches is checked, with its tags, as AWS does.

ministack's evaluator checks one resource a call. What a call needs is listed here as checks; ministack's own look gets
the first, `refused` the rest.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import ses_v2, tagging

from emulator.ec2 import moto_gateway
from emulator.ec2.images import PUBLIC_PREFIX
from emulator.settings import ACCOUNT_ID
from emulator.ssm.faults import SsmFault
from emulator.ssm.service import Service as SsmService
from emulator.ssm.service import node_arn

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]
Parameters = dict[str, str]

_EC2_KINDS = {"i": "instance", "vol": "volume", "subnet": "subnet", "sg": "security-group", "eni": "network-interface",
              "vpc": "vpc", "snap": "snapshot", "key": "key-pair", "lt": "launch-template", "ami": "image"}
_ON_EACH_INSTANCE = frozenset({"StartInstances", "StopInstances", "RebootInstances", "TerminateInstances",
                               "ModifyInstanceAttribute", "GetConsoleOutput", "MonitorInstances", "UnmonitorInstances",
                               "ModifyInstanceMetadataOptions"})


@dataclass
class Check:
    """One question to the evaluator."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)


class Authorization:
    """Knows the tags of EC2's and SSM's resources, and asks the questions."""

    def __init__(self, ssm: SsmService, machine_of: Callable[[str], str | None]) -> None:
        self._ssm = ssm
        self._machine_of = machine_of

    def install(self) -> None:
        """Give ministack's own check the first question, and the tags behind an ARN."""
        resource_of, tags_of, context_of = (iam_actions.extract_resource_arn, tagging.resource_tags,
                                            iam_actions.request_tag_context)
        action_of = iam_actions.extract_iam_action

        def extract_iam_action(service: str, *request: Any) -> Any:
            action = action_of(service, *request)
            # A batch is no action of its own: AWS asks for that of each message.
            return action.removesuffix("Batch") if service == "sqs" and action else action

        def extract_resource_arn(service: str, method: str, path: str, headers: dict[str, str], body: bytes,
                                 query: dict[str, Any], region: str, account_id: str) -> Any:
            checks = self.checks(service, headers, body, query)
            if checks:
                return checks[0].resource
            return resource_of(service, method, path, headers, body, query, region, account_id)

        def request_tag_context(service: str, iam_action: str, body: bytes, query: dict[str, Any]) -> Any:
            target = {"x-amz-target": f"AmazonSSM.{iam_action.rpartition(':')[2]}"}
            checks = self.checks(service, target, body, query)
            return checks[0].context if checks else context_of(service, iam_action, body, query)

        def resource_tags(arn: str) -> dict[str, str] | None:
            return self._tags(arn) if arn.split(":")[2:3] in (["ec2"], ["ssm"]) else tags_of(arn)

        iam_actions.extract_iam_action = extract_iam_action
        iam_actions.extract_resource_arn = extract_resource_arn
        iam_actions.request_tag_context = request_tag_context
        tagging.resource_tags = resource_tags

    def guarded(self, service: str, inner: Handler) -> Handler:
        """`inner`, reached only when the caller may act on every resource of the call."""

        async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
            refusal = self._refused(service, headers, body, query)
            return refusal or await inner(method, path, headers, body, query)

        return handle

    def checks(self, service: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> list[Check]:
        """What a call must be allowed; nothing where ministack's own single check is right."""
        if service == "ec2":
            return list(self._ec2_checks(_form(body, query)))
        if service == "ssm":
            return list(self._ssm_checks(headers.get("x-amz-target", "").rpartition(".")[2], _json(body)))
        if service == "states":
            return list(self._token_checks(headers.get("x-amz-target", "").rpartition(".")[2], _json(body)))
        if service == "ses":
            return list(self._mail_checks(_json(body)))
        if service == "sqs" and headers.get("x-amz-target", "").endswith(".StartMessageMoveTask"):
            return list(_redrive_checks(_json(body)))
        return []

    def _mail_checks(self, request: dict[str, Any]) -> Iterator[Check]:
        """A mail goes out under a permission on its sender's identity: the address where it is one, else its domain."""
        sender = str(request.get("FromEmailAddress", ""))
        if sender:
            identity = sender if sender in ses_v2._identities else sender.rpartition("@")[2]
            yield Check("ses:SendEmail", f"arn:aws:ses:{get_region()}:{ACCOUNT_ID}:identity/{identity}")

    def _token_checks(self, action: str, request: dict[str, Any]) -> Iterator[Check]:
        """A task token is answered under a permission on its state machine (CDK's grantTaskResponse)."""
        machine = self._machine_of(str(request.get("taskToken", ""))) if action.startswith("SendTask") else None
        if machine:
            yield Check(f"states:{action}", machine)

    def _refused(self, service: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response | None:
        access_key = extract_access_key_id(headers, query)
        if not access_key:  # a service calling another inside the emulator
            return None
        for check in self.checks(service, headers, body, query)[1:]:
            denied = iam_evaluator.enforce(access_key, check.action, service, get_region(), resource_arn=check.resource,
                                           service_context=check.context)
            if isinstance(denied, iam_evaluator.EvalResult):
                answer: Response = iam_actions.access_denied_response(
                    service, check.action, denied.principal_arn, "", headers=headers, resource_arn=check.resource,
                    explicit_deny=denied.decision == "Deny")
                return answer
        return None

    # ---- EC2

    def _ec2_checks(self, form: Parameters) -> Iterator[Check]:
        action = form.get("Action", "")
        if action == "RunInstances":
            yield from self._launch_checks(form)
        elif action in _ON_EACH_INSTANCE:
            for instance_id in _members(form, "InstanceId"):
                yield self._on_existing(action, instance_id)
        elif action in ("CreateTags", "DeleteTags"):
            tags = {one["Key"]: one.get("Value", "") for one in _structures(form, "Tag") if "Key" in one}
            for resource_id in _members(form, "ResourceId"):
                check = self._on_existing(action, resource_id)
                check.context |= _request_tags(tags)
                yield check

    def _launch_checks(self, form: Parameters) -> Iterator[Check]:
        tagged = {one["ResourceType"]: {tag["Key"]: tag.get("Value", "") for tag in one["Tag"]}
                  for one in _tag_specifications(form)}
        common = {"ec2:InstanceType": form.get("InstanceType", "m1.small")}
        for kind in ("instance", "volume", "network-interface"):
            yield Check("ec2:RunInstances", _ec2_arn(kind, "*"), common | _request_tags(tagged.get(kind, {})))
        named = [("ami", form.get("ImageId"))] + [("subnet", one) for one in _members(form, "SubnetId")]
        named += [("sg", one) for one in _members(form, "SecurityGroupId")]
        for _, resource_id in named:
            if resource_id:
                yield self._on_existing("RunInstances", resource_id)
        if form.get("KeyName"):
            yield Check("ec2:RunInstances", _ec2_arn("key-pair", form["KeyName"]))
        for kind, tags in tagged.items():
            yield Check("ec2:CreateTags", _ec2_arn(kind, "*"), {"ec2:CreateAction": "RunInstances"} | _request_tags(tags))

    def _on_existing(self, action: str, resource_id: str) -> Check:
        arn = _ec2_arn(_EC2_KINDS.get(resource_id.partition("-")[0], "*"), resource_id)
        return Check(f"ec2:{action}", arn, _resource_tags("ec2", self._tags(arn)))

    # ---- SSM

    def _ssm_checks(self, operation: str, request: dict[str, Any]) -> Iterator[Check]:
        if operation == "SendCommand":
            yield from self._command_checks(request)
        elif operation in ("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"):
            if request.get("ResourceType") in ("ManagedInstance", "Document"):
                arn = _ssm_resource(request["ResourceType"], str(request.get("ResourceId")))
                tags = {one["Key"]: one["Value"] for one in request.get("Tags") or []}
                yield Check(f"ssm:{operation}", arn, _resource_tags("ssm", self._tags(arn)) | _request_tags(tags))
        elif operation in ("DeregisterManagedInstance", "UpdateManagedInstanceRole"):
            arn = node_arn(get_region(), str(request.get("InstanceId")))
            yield Check(f"ssm:{operation}", arn, _resource_tags("ssm", self._tags(arn)))
        elif operation == "CreateActivation":
            tags = {one["Key"]: one["Value"] for one in request.get("Tags") or []}
            yield Check("ssm:CreateActivation", "*", _request_tags(tags))
            yield Check("iam:PassRole", f"arn:aws:iam::{ACCOUNT_ID}:role/{request.get('IamRole')}",
                        {"iam:PassedToService": "ssm.amazonaws.com"})
        elif operation.endswith("Document") and request.get("Name"):
            arn = _ssm_resource("Document", request["Name"])
            yield Check(f"ssm:{operation}", arn, _resource_tags("ssm", self._tags(arn)))
        elif operation in ("GetParameter", "GetParameters", "GetParametersByPath"):
            yield from _public_parameter_checks(operation, request)

    def _command_checks(self, request: dict[str, Any]) -> Iterator[Check]:
        region = self._ssm.region(get_region())
        document = _ssm_resource("Document", str(request.get("DocumentName")))
        yield Check("ssm:SendCommand", document, _resource_tags("ssm", self._tags(document)))
        try:
            nodes = request.get("InstanceIds") or region.nodes.targeted(request.get("Targets") or [])
        except SsmFault:  # the operation itself will say what is wrong
            return
        for node_id in nodes:
            arn = node_arn(region.name, node_id)
            yield Check("ssm:SendCommand", arn, _resource_tags("ssm", self._tags(arn)))

    # ---- tags

    def _tags(self, arn: str) -> dict[str, str]:
        service, region = arn.split(":")[2:4]
        if service == "ssm":
            return self._ssm.region(region or get_region()).resource_tags(arn)
        # By its id, and without the lock: describe_tags looks through the tags of all, and this runs on the event loop.
        return dict(moto_gateway.backend(region or get_region()).tags.get(arn.rpartition("/")[2], {}))


def _redrive_checks(request: dict[str, Any]) -> Iterator[Check]:
    """Who moves dead letters needs what reads and empties their queue, too ("Configure queue permissions for dead-letter
    queue redrive", Amazon SQS Developer Guide)."""
    for action in ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield Check(f"sqs:{action}", str(request.get("SourceArn", "")))


def _public_parameter_checks(operation: str, request: dict[str, Any]) -> Iterator[Check]:
    """Parameters AWS publishes belong to no account."""
    names = request.get("Names") or [request.get("Name") or request.get("Path") or ""]
    if not all(str(name).startswith(PUBLIC_PREFIX) for name in names):
        return
    for name in names:
        yield Check(f"ssm:{operation}", f"arn:aws:ssm:{get_region()}::parameter{name}")


def _ec2_arn(kind: str, name: str) -> str:
    owner = "" if kind in ("image", "snapshot") else ACCOUNT_ID
    return f"arn:aws:ec2:{get_region()}:{owner}:{kind}/{name}"


def _ssm_resource(kind: str, name: str) -> str:
    if kind == "ManagedInstance":
        return node_arn(get_region(), name)
    name = name.rpartition("/")[2]
    owner = "" if name.startswith("AWS-") else ACCOUNT_ID
    return f"arn:aws:ssm:{get_region()}:{owner}:document/{name}"


def _request_tags(tags: dict[str, str]) -> dict[str, Any]:
    if not tags:
        return {}
    return {f"aws:RequestTag/{key}".lower(): value for key, value in tags.items()} | {"aws:TagKeys": list(tags)}


def _resource_tags(service: str, tags: dict[str, str]) -> dict[str, Any]:
    keys = {f"aws:ResourceTag/{key}".lower(): value for key, value in tags.items()}
    return keys | {f"{service}:ResourceTag/{key}".lower(): value for key, value in tags.items()}


def _form(body: bytes, query: dict[str, Any]) -> Parameters:
    parameters = {name: value[0] if isinstance(value, list) else value for name, value in query.items()}
    return parameters | {name: values[0] for name, values in parse_qs(body.decode(errors="replace"), True).items()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _members(form: Parameters, name: str) -> list[str]:
    """`InstanceId`, `InstanceId.1`, `InstanceId.2` …"""
    if name in form:
        return [form[name]]
    numbered = [(int(key.rpartition(".")[2]), value) for key, value in form.items()
                if key.startswith(f"{name}.") and key.rpartition(".")[2].isdigit() and key.count(".") == 1]
    return [value for _, value in sorted(numbered)]


def _structures(form: Parameters, name: str) -> list[dict[str, str]]:
    """`Tag.1.Key`, `Tag.1.Value`, `Tag.2.Key` …"""
    found: dict[str, dict[str, str]] = {}
    for key, value in form.items():
        parts = key.split(".")
        if len(parts) == 3 and parts[0] == name:
            found.setdefault(parts[1], {})[parts[2]] = value
    return list(found.values())


def _tag_specifications(form: Parameters) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, value in form.items():
        parts = key.split(".")
        if parts[0] != "TagSpecification" or len(parts) < 3:
            continue
        one = found.setdefault(parts[1], {"ResourceType": "", "tags": {}})
        if parts[2] == "ResourceType":
            one["ResourceType"] = value
        elif parts[2] == "Tag" and len(parts) == 5:
            one["tags"].setdefault(parts[3], {})[parts[4]] = value
    return [{"ResourceType": one["ResourceType"], "Tag": list(one["tags"].values())} for one in found.values()]
