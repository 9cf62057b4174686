"""Command documents of one Region: what the API does with them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from emulator.settings import ACCOUNT_ID
from emulator.ssm.document import Document, Version, as_format, described, matches, new_version
from emulator.ssm.faults import SsmFault, required

_NAME = re.compile(r"[a-zA-Z0-9_\-.]{3,128}")
_RESERVED_PREFIXES = ("aws-", "amazon", "amzn")

SHELL_SCRIPT = {
    "schemaVersion": "2.2",
    "description": "Run a shell script or specify the commands to run.",
    "parameters": {
        "commands": {"type": "StringList", "minItems": 1},
        "workingDirectory": {"type": "String", "default": "", "maxChars": 4096},
        "executionTimeout": {"type": "String", "default": "3600",
                             "allowedPattern": "^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[0-1][0-9]{3}|172[0-7][0-9]{2}|172800)$"},
    },
    "mainSteps": [{
        "action": "aws:runShellScript",
        "name": "runShellScript",
        "precondition": {"StringEquals": ["platformType", "Linux"]},
        "inputs": {"runCommand": "{{ commands }}", "workingDirectory": "{{ workingDirectory }}",
                   "timeoutSeconds": "{{ executionTimeout }}"},
    }],
}


class Documents:
    """The documents of one Region."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        shipped = Version(1, json.dumps(SHELL_SCRIPT), "JSON", 0.0)
        self._documents["AWS-RunShellScript"] = Document("AWS-RunShellScript", "Command", "", [shipped], owner="Amazon")

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name", "Content")
        name = request["Name"]
        if not _NAME.fullmatch(name) or name.lower().startswith(_RESERVED_PREFIXES):
            raise SsmFault("ValidationException", f"Document name {name} is not valid.")
        if name in self._documents:
            raise SsmFault("DocumentAlreadyExists", f"The specified document already exists: {name}")
        version = new_version(1, request)
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
        document = Document(name, request.get("DocumentType") or "Command", request.get("TargetType") or "", [version],
                            tags=tags)
        self._documents[name] = document
        return {"DocumentDescription": described(document, version)}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name", "Content")
        document = self._own(request["Name"])
        base = request.get("DocumentVersion") or "$LATEST"
        if base not in ("$LATEST", str(document.latest)):
            raise SsmFault("InvalidDocumentVersion", "The document version is not valid or does not exist.")
        version = new_version(document.latest + 1, request)
        if any(version.digest == older.digest for older in document.versions):
            raise SsmFault("DuplicateDocumentContent", "The content of the association document matches another document.")
        document.versions.append(version)
        if request.get("TargetType"):
            document.target_type = request["TargetType"]
        return {"DocumentDescription": described(document, version)}

    def set_default(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name", "DocumentVersion")
        document = self._own(request["Name"])
        version = self._version(document, request["DocumentVersion"])
        document.default = version.number
        return {"Description": {"Name": document.name, "DefaultVersion": str(version.number)}}

    def get(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name")
        document, version = self.find(request["Name"], request.get("DocumentVersion"))
        wanted = request.get("DocumentFormat") or "JSON"
        return {"Name": document.name, "CreatedDate": version.created, "DocumentVersion": str(version.number),
                "Status": "Active", "DocumentType": document.type, "DocumentFormat": wanted,
                "Content": as_format(version, wanted)}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name")
        document, version = self.find(request["Name"], request.get("DocumentVersion"))
        return {"Document": described(document, version)}

    def list(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        filters = request.get("Filters") or []
        rows = [described(document, self._version(document, "$DEFAULT")) for document in self._documents.values()]
        return sorted((row for row in rows if all(matches(row, one) for one in filters)), key=lambda row: row["Name"])

    def versions(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        required(request, "Name")
        document, _ = self.find(request["Name"], None)
        return [{"Name": document.name, "DocumentVersion": str(version.number), "CreatedDate": version.created,
                 "IsDefaultVersion": version.number == document.default, "DocumentFormat": version.format,
                 "Status": "Active"} for version in reversed(document.versions)]

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name")
        document = self._own(request["Name"])
        if "DocumentVersion" not in request:
            del self._documents[document.name]
            return {}
        version = self._version(document, request["DocumentVersion"])
        if version.number == document.default:
            raise SsmFault("InvalidDocumentOperation", "Default version of the document can't be deleted.")
        document.versions.remove(version)
        return {}

    def find(self, name_or_arn: str, version: str | None) -> tuple[Document, Version]:
        """The document a name or ARN means, and the version asked for ($DEFAULT when none is)."""
        name = name_or_arn.rsplit("/", 1)[-1]
        document = self._documents.get(name)
        if document is None:
            raise SsmFault("InvalidDocument", f"Document with name {name} does not exist.")
        return document, self._version(document, version or "$DEFAULT")

    def tags(self, name: str) -> dict[str, str]:
        document = self._documents.get(name)
        if document is None:
            raise SsmFault("InvalidResourceId", f"The resource ID is not valid: {name}")
        return document.tags

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(document) for document in self._documents.values() if document.owner != "Amazon"]

    def load(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            versions = [Version(**version) for version in row.pop("versions")]
            document = Document(versions=versions, **row)
            self._documents[document.name] = document

    def _own(self, name: str) -> Document:
        document, _ = self.find(name, None)
        if document.owner != ACCOUNT_ID:
            raise SsmFault("InvalidDocumentOperation", f"{document.name} belongs to Amazon and can't be changed.")
        return document

    @staticmethod
    def _version(document: Document, wanted: str) -> Version:
        number = {"$DEFAULT": document.default, "$LATEST": document.latest}.get(wanted)
        for version in document.versions:
            if version.number == number or str(version.number) == wanted:
                return version
        raise SsmFault("InvalidDocumentVersion", "The document version is not valid or does not exist.")
