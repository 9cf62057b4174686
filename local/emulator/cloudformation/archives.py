"""AWS::Events::Archive, on ministack's own archives."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation.provisioners import _physical_name as physical_name

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def handler() -> dict[str, Any]:
    """The handler of the type."""

    def create(logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("ArchiveName") or physical_name(stack, logical_id, max_len=48)
        answer = _answer(eventbridge._create_archive({**_request(properties), "ArchiveName": name,
                                                      "EventSourceArn": properties["SourceArn"]}))
        return name, {"Arn": answer["ArchiveArn"], "ArchiveName": name}

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
        answer = _answer(eventbridge._update_archive({**_request(new), "ArchiveName": physical_id}))
        return physical_id, {"Arn": answer["ArchiveArn"], "ArchiveName": physical_id}

    def delete(physical_id: str, properties: Properties) -> None:
        eventbridge._delete_archive({"ArchiveName": physical_id})

    return {"create": create, "update": update, "delete": delete}


def _request(properties: Properties) -> dict[str, Any]:
    request = {key: properties[key] for key in ("Description", "RetentionDays", "KmsKeyIdentifier") if key in properties}
    if "EventPattern" in properties:
        request["EventPattern"] = json.dumps(properties["EventPattern"])
    return request


def _answer(response: tuple[int, dict[str, str], bytes]) -> dict[str, Any]:
    status, _, body = response
    answer: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"{answer.get('__type')}: {answer.get('message')}")
    return answer
