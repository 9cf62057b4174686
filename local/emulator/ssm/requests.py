"""What requests about commands may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from emulator.ssm.command import OVER, Command
from emulator.ssm.faults import SsmFault, validation

LEAST_DELIVERY_SECONDS, MOST_DELIVERY_SECONDS = 30, 2_592_000


def check_limits(request: dict[str, Any]) -> None:
    """Refuse a SendCommand beyond the API's limits."""
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


def passes(command: Command, key: str, value: str) -> bool:
    """Whether a command passes one filter of ListCommands."""
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
