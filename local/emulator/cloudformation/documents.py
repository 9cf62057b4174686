"""AWS::SSM::Document, made by the same code as CreateDocument."""

from __future__ import annotations

import json
from typing import Any

import yaml
from ministack.core.responses import get_region
from ministack.services.cloudformation.provisioners import _physical_name as physical_name

from emulator.ssm.documents import Documents
from emulator.ssm.faults import SsmFault
from emulator.ssm.service import Service

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def handler(service: Service) -> dict[str, Any]:
    """The handler of the type; UpdateMethod decides between a new version and a new document, as in CloudFormation."""

    def documents() -> Documents:
        return service.region(get_region()).documents

    def create(logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("Name") or physical_name(stack, logical_id)
        request = {"Name": name, "Content": _content(properties), "DocumentFormat": _format(properties),
                   "DocumentType": properties.get("DocumentType", "Command"), "TargetType": properties.get("TargetType"),
                   "Tags": properties.get("Tags")}
        try:
            documents().create(request)
        except SsmFault as fault:
            raise ValueError(f"{fault.code}: {fault.message}") from None
        return name, {}

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Created:
        name = new.get("Name") or physical_id
        if name != physical_id:
            created = create(logical_id, new, stack)
            delete(physical_id, old)
            return created
        if new.get("UpdateMethod", "Replace") != "NewVersion" and _content(old) != _content(new):
            raise ValueError("CloudFormation cannot update a stack when a custom-named resource requires replacing: "
                             f"set UpdateMethod to NewVersion on document {physical_id}.")
        _add_version(physical_id, new)
        tags = documents().tags(physical_id)
        tags.clear()
        tags.update({tag["Key"]: tag["Value"] for tag in new.get("Tags") or []})
        return physical_id, {}

    def _add_version(name: str, properties: Properties) -> None:
        try:
            documents().update({"Name": name, "Content": _content(properties), "DocumentFormat": _format(properties),
                                "DocumentVersion": "$LATEST", "TargetType": properties.get("TargetType")})
            documents().set_default({"Name": name, "DocumentVersion": "$LATEST"})
        except SsmFault as fault:
            if fault.code != "DuplicateDocumentContent":
                raise ValueError(f"{fault.code}: {fault.message}") from None

    def delete(physical_id: str, properties: Properties) -> None:
        try:
            documents().delete({"Name": physical_id})
        except SsmFault as fault:
            if fault.code != "InvalidDocument":
                raise

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def _format(properties: Properties) -> str:
    return str(properties.get("DocumentFormat") or "JSON")


def _content(properties: Properties) -> str:
    content = properties["Content"]
    if isinstance(content, str):
        return content
    return json.dumps(content, indent=2) if _format(properties) == "JSON" else yaml.safe_dump(content, sort_keys=False)
