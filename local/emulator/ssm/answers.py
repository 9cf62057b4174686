"""Commands as the API answers them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from emulator.ssm.command import Command, Invocation
from emulator.ssm.faults import SsmFault

STDOUT_LIMIT, STDERR_LIMIT, LISTED_OUTPUT_LIMIT = 24_000, 8_000, 2_500


def iso(moment: float) -> str:
    """A moment as SSM writes it in events and in GetCommandInvocation."""
    if not moment:
        return ""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def described(command: Command) -> dict[str, Any]:
    """A Command as SendCommand and ListCommands answer it."""
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


def listed(command: Command, invocation: Invocation, node_name: str, with_plugins: bool) -> dict[str, Any]:
    """A row of ListCommandInvocations."""
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


def answered(command: Command, invocation: Invocation, plugin: str | None) -> dict[str, Any]:
    """The answer of GetCommandInvocation."""
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
