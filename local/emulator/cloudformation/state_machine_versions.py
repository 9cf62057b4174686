"""AWS::StepFunctions::StateMachineVersion and …Alias, on ministack's own versions and aliases."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import stepfunctions as sfn

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def handlers() -> dict[str, dict[str, Any]]:
    """Both types' handlers."""
    return {
        "AWS::StepFunctions::StateMachineVersion": {"create": _publish, "update": _republish, "delete": _delete_version},
        "AWS::StepFunctions::StateMachineAlias": {"create": _create_alias, "update": _update_alias, "delete": _delete_alias},
    }


def _publish(logical_id: str, properties: Properties, stack: str) -> Created:
    answer = _answer(sfn._publish_state_machine_version({"stateMachineArn": properties["StateMachineArn"],
                                                         "description": properties.get("Description", "")}))
    arn = answer["stateMachineVersionArn"]
    return arn, {"Arn": arn}


def _republish(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
    """A new revision is a new version; the old one goes in the clean-up, when no alias points at it."""
    return _publish("", new, stack)


def _delete_version(physical_id: str, properties: Properties) -> None:
    sfn._delete_state_machine_version({"stateMachineVersionArn": physical_id})


def _create_alias(logical_id: str, properties: Properties, stack: str) -> Created:
    answer = _answer(sfn._create_state_machine_alias({"name": properties["Name"], "routingConfiguration": _routes(properties),
                                                      "description": properties.get("Description", "")}))
    arn = answer["stateMachineAliasArn"]
    return arn, {"Arn": arn}


def _update_alias(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
    _answer(sfn._update_state_machine_alias({"stateMachineAliasArn": physical_id, "routingConfiguration": _routes(new)}))
    return physical_id, {"Arn": physical_id}


def _delete_alias(physical_id: str, properties: Properties) -> None:
    sfn._delete_state_machine_alias({"stateMachineAliasArn": physical_id})


def _routes(properties: Properties) -> list[dict[str, Any]]:
    preference = properties.get("DeploymentPreference")
    if preference:  # shifting traffic bit by bit is not rehearsed locally: all of it goes to the new version
        return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
    return [{"stateMachineVersionArn": one["StateMachineVersionArn"], "weight": int(one["Weight"])}
            for one in properties["RoutingConfiguration"]]


def _answer(response: tuple[int, dict[str, str], bytes]) -> dict[str, Any]:
    status, _, body = response
    answer: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"{answer.get('__type')}: {answer.get('message')}")
    return answer
