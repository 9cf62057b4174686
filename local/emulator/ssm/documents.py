"""Command documents: their versions, their schema 2.2, and the parameters a caller may give them."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

from emulator.settings import ACCOUNT_ID
from emulator.ssm.faults import SsmFault, required

MAX_DOCUMENT_BYTES = 64 * 1024
DEFAULT_STEP_SECONDS = 3600
PARAMETER_TYPES = ("String", "StringList", "Boolean", "Integer", "MapList", "StringMap")
_NAME = re.compile(r"[a-zA-Z0-9_\-.]{3,128}")
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")
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
        version = _new_version(1, request)
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}
        document = Document(name, request.get("DocumentType") or "Command", request.get("TargetType") or "", [version],
                            tags=tags)
        self._documents[name] = document
        return {"DocumentDescription": _described(document, version)}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name", "Content")
        document = self._own(request["Name"])
        base = request.get("DocumentVersion") or "$LATEST"
        if base not in ("$LATEST", str(document.latest)):
            raise SsmFault("InvalidDocumentVersion", "The document version is not valid or does not exist.")
        version = _new_version(document.latest + 1, request)
        if any(version.digest == older.digest for older in document.versions):
            raise SsmFault("DuplicateDocumentContent", "The content of the association document matches another document.")
        document.versions.append(version)
        if request.get("TargetType"):
            document.target_type = request["TargetType"]
        return {"DocumentDescription": _described(document, version)}

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
                "Content": _as_format(version, wanted)}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        required(request, "Name")
        document, version = self.find(request["Name"], request.get("DocumentVersion"))
        return {"Document": _described(document, version)}

    def list(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        filters = request.get("Filters") or []
        rows = [_described(document, self._version(document, "$DEFAULT")) for document in self._documents.values()]
        return sorted((row for row in rows if all(_row_matches(row, one) for one in filters)), key=lambda row: row["Name"])

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


def parse(version: Version) -> dict[str, Any]:
    """A version's content as data."""
    return _parsed(version.content, version.format)


def accept_parameters(document: dict[str, Any], given: dict[str, list[str]]) -> dict[str, list[str]]:
    """Check a SendCommand's Parameters as the service does; the answer has every parameter, defaults filled in."""
    declared: dict[str, Any] = document.get("parameters") or {}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise _invalid(f"Parameters [{', '.join(unknown)}] are not defined in the document.")
    accepted: dict[str, list[str]] = {}
    for name, rule in declared.items():
        values = given.get(name)
        if values is None:
            if "default" not in rule:
                raise _invalid(f"Parameter {name} is required but has no value.")
            values = as_values(rule["default"])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise _invalid(f"Parameter {name} must be a list of strings.")
        _check(name, rule, values)
        accepted[name] = values
    return accepted


def longest_run_seconds(document: dict[str, Any], parameters: dict[str, list[str]]) -> int:
    """How long the steps may take together by their own timeoutSeconds."""
    return sum(_step_seconds(step, parameters) for step in document["mainSteps"])


def _step_seconds(step: dict[str, Any], parameters: dict[str, list[str]]) -> int:
    given = str(step.get("inputs", {}).get("timeoutSeconds") or DEFAULT_STEP_SECONDS)
    placeholder = _PLACEHOLDER.fullmatch(given)
    text = parameters.get(placeholder[1], [given])[0] if placeholder else given
    return int(text) if text.isdigit() else DEFAULT_STEP_SECONDS


def _new_version(number: int, request: dict[str, Any]) -> Version:
    content, shape = request["Content"], request.get("DocumentFormat") or "JSON"
    if len(content.encode()) > MAX_DOCUMENT_BYTES:
        raise SsmFault("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    _check_schema(_parsed(content, shape))
    return Version(number, content, shape, time.time(), request.get("VersionName") or "")


def _parsed(content: str, shape: str) -> dict[str, Any]:
    try:
        data = json.loads(content) if shape == "JSON" else yaml.safe_load(content)
    except (ValueError, yaml.YAMLError) as error:
        raise SsmFault("InvalidDocumentContent", f"The content is not valid {shape}: {error}") from None
    if not isinstance(data, dict):
        raise SsmFault("InvalidDocumentContent", "The content must be an object.")
    return data


def _check_schema(data: dict[str, Any]) -> None:
    if str(data.get("schemaVersion")) != "2.2":
        raise SsmFault("InvalidDocumentSchemaVersion", "Only schemaVersion 2.2 is understood here.")
    steps = data.get("mainSteps")
    if not isinstance(steps, list) or not steps:
        raise SsmFault("InvalidDocumentContent", "mainSteps must be a list with at least one step.")
    names = [step.get("name") for step in steps if isinstance(step, dict)]
    if len(names) != len(steps) or not all(names) or len(set(names)) != len(names):
        raise SsmFault("InvalidDocumentContent", "Each step needs a name of its own.")
    for step in steps:
        if not isinstance(step.get("action"), str) or not isinstance(step.get("inputs"), dict):
            raise SsmFault("InvalidDocumentContent", f"Step {step['name']} needs an action and inputs.")
    declared = data.get("parameters") or {}
    for name, rule in declared.items():
        _check_declaration(name, rule)
    used = set(_PLACEHOLDER.findall(json.dumps(steps)))
    undeclared = sorted(used - set(declared))
    if undeclared:
        raise SsmFault("InvalidDocumentContent", f"Parameters used but not defined: {', '.join(undeclared)}.")


def _check_declaration(name: str, rule: object) -> None:
    if not isinstance(rule, dict) or rule.get("type") not in PARAMETER_TYPES:
        raise SsmFault("InvalidDocumentContent", f"Parameter {name} needs a type of {', '.join(PARAMETER_TYPES)}.")
    if rule.get("interpolationType", "TEXT") not in ("TEXT", "ENV_VAR"):
        raise SsmFault("InvalidDocumentContent", f"Parameter {name}: interpolationType is ENV_VAR or TEXT.")
    if rule.get("interpolationType") == "ENV_VAR" and rule["type"] != "String":
        raise SsmFault("InvalidDocumentContent", f"Parameter {name}: ENV_VAR is for parameters of type String.")
    try:
        re.compile(rule.get("allowedPattern", ""))
    except re.error as error:
        raise SsmFault("InvalidDocumentContent", f"Parameter {name}: allowedPattern is not valid: {error}") from None


def _check(name: str, rule: dict[str, Any], values: list[str]) -> None:
    if rule["type"] in ("String", "Boolean", "Integer") and len(values) != 1:
        raise _invalid(f"Parameter {name} takes exactly one value.")
    if rule["type"] == "Boolean" and values[0].lower() not in ("true", "false"):
        raise _invalid(f"Parameter {name} must be true or false.")
    if rule["type"] == "Integer" and not re.fullmatch(r"-?\d+", values[0]):
        raise _invalid(f"Parameter {name} must be a whole number.")
    low, high = rule.get("minItems"), rule.get("maxItems")
    if (low is not None and len(values) < low) or (high is not None and len(values) > high):
        raise _invalid(f"Parameter {name} has {len(values)} items, which is not allowed.")
    for value in values:
        _check_text(name, rule, value)


def _check_text(name: str, rule: dict[str, Any], value: str) -> None:
    allowed = rule.get("allowedValues")
    if allowed and value not in [str(one) for one in allowed]:
        raise _invalid(f"Parameter {name} must be one of {allowed}.")
    low, high = rule.get("minChars"), rule.get("maxChars")
    if (low is not None and len(value) < int(low)) or (high is not None and len(value) > int(high)):
        raise _invalid(f"Parameter {name} has {len(value)} characters, which is not allowed.")
    pattern = rule.get("allowedPattern")
    if pattern and not _strict(pattern).search(value):
        raise _invalid(f"Parameter value of {name} failed to satisfy the allowed pattern {pattern}.")


def _strict(pattern: str) -> re.Pattern[str]:
    """The pattern as the agent's Go reads it: it searches, and `$` is the very end, not before a last newline."""
    if pattern.endswith("$") and not pattern.endswith("\\$"):
        pattern = pattern[:-1] + r"\Z"
    return re.compile(pattern)


def as_values(default: object) -> list[str]:
    """A default as the list of strings SendCommand would have carried."""
    if isinstance(default, list):
        return [one if isinstance(one, str) else json.dumps(one) for one in default]
    if isinstance(default, bool):
        return [str(default).lower()]
    return [default if isinstance(default, str) else json.dumps(default)]


def _as_format(version: Version, wanted: str) -> str:
    if wanted == version.format:
        return version.content
    data = parse(version)
    return json.dumps(data, indent=2) if wanted == "JSON" else yaml.safe_dump(data, sort_keys=False)


def _described(document: Document, version: Version) -> dict[str, Any]:
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


def _row_matches(row: dict[str, Any], one: dict[str, Any]) -> bool:
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


def _invalid(message: str) -> SsmFault:
    return SsmFault("InvalidParameters", message)
