"""AWS::IAM::InstanceProfile, whose Ref is its name; ministack answers with the ARN."""

from __future__ import annotations

from typing import Any

from ministack.services import iam

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def corrected(theirs: dict[str, Any]) -> dict[str, Any]:
    """ministack's handler with names outside and ARNs inside."""

    def create(logical_id: str, properties: Properties, stack: str) -> Created:
        return _by_name(theirs["create"](logical_id, properties, stack))

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Created:
        return _by_name(theirs["update"](_arn(physical_id), old, new, stack, logical_id))

    def delete(physical_id: str, properties: Properties) -> None:
        theirs["delete"](_arn(physical_id), properties)

    return {**theirs, "create": create, "update": update, "delete": delete}


def _by_name(created: Created) -> Created:
    arn, attributes = created
    return arn.rpartition("/")[2], attributes


def _arn(name: str) -> str:
    profile = iam._instance_profiles.get(name)
    return str(profile["Arn"]) if profile else name
