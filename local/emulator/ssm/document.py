"""One document: its versions, and how the API describes it."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

import yaml

from emulator.settings import ACCOUNT_ID
from emulator.ssm.faults import SsmFault
from emulator.ssm.parameters import as_values
from emulator.ssm.schema import check_schema, parsed

MAX_DOCUMENT_BYTES = 64 * 1024


@dataclass
class Version:
    """One immutable version of a document."""

    number: int
    content: str
    format: str
    created: float
    name: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass
class Document:
    """A document with all its versions."""

    name: str
    type: str
    target_type: str
    versions: list[Version]
    default: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    owner: str = ACCOUNT_ID

    @property
    def latest(self) -> int:
        return max(version.number for version in self.versions)


def parse(version: Version) -> dict[str, Any]:
    """A version's content as data."""
    return parsed(version.content, version.format)


def new_version(number: int, request: dict[str, Any]) -> Version:
    """A version out of a request's Content. Raises SsmFault where it is no document."""
    content, shape = request["Content"], request.get("DocumentFormat") or "JSON"
    if len(content.encode()) > MAX_DOCUMENT_BYTES:
        raise SsmFault("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    check_schema(parsed(content, shape))
    return Version(number, content, shape, time.time(), request.get("VersionName") or "")


def as_format(version: Version, wanted: str) -> str:
    """A version's text as JSON or YAML."""
    if wanted == version.format:
        return version.content
    data = parse(version)
    return json.dumps(data, indent=2) if wanted == "JSON" else yaml.safe_dump(data, sort_keys=False)


def described(document: Document, version: Version) -> dict[str, Any]:
    """A DocumentDescription."""
    data = parse(version)
    row: dict[str, Any] = {
        "Name": document.name, "Hash": version.digest, "HashType": "Sha256", "Owner": document.owner,
        "CreatedDate": version.created, "Status": "Active", "DocumentVersion": str(version.number),
        "Description": data.get("description", ""), "PlatformTypes": ["Linux"], "DocumentType": document.type,
        "SchemaVersion": str(data.get("schemaVersion")), "LatestVersion": str(document.latest),
        "DefaultVersion": str(document.default), "DocumentFormat": version.format,
        "Parameters": [_described_parameter(name, rule) for name, rule in (data.get("parameters") or {}).items()],
        "Tags": [{"Key": key, "Value": value} for key, value in document.tags.items()],
    }
    if document.target_type:
        row["TargetType"] = document.target_type
    if version.name:
        row["VersionName"] = version.name
    return row


def _described_parameter(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    row = {"Name": name, "Type": rule["type"], "Description": rule.get("description", "")}
    if "default" in rule:
        row["DefaultValue"] = ",".join(as_values(rule["default"]))
    return row


def matches(row: dict[str, Any], one: dict[str, Any]) -> bool:
    """Whether a description passes one filter of ListDocuments."""
    key, values = one.get("Key", ""), one.get("Values") or []
    if key == "Owner":
        owner = "Self" if row["Owner"] == ACCOUNT_ID else row["Owner"]
        return owner in values or "All" in values
    if key == "Name":
        return any(row["Name"].startswith(value) for value in values)
    if key.startswith("tag:"):
        return any(tag["Key"] == key[4:] and tag["Value"] in values for tag in row["Tags"])
    if key in ("DocumentType", "TargetType"):
        return row.get(key) in values
    raise SsmFault("InvalidFilterKey", f"The specified key is not valid: {key}")
