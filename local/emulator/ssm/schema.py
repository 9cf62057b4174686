"""The schema 2.2 of a Command document, as far as the service checks it."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from emulator.ssm.faults import SsmFault

PARAMETER_TYPES = ("String", "StringList", "Boolean", "Integer", "MapList", "StringMap")
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")


def parsed(content: str, shape: str) -> dict[str, Any]:
    """A document's text as data."""
    try:
        data = json.loads(content) if shape == "JSON" else yaml.safe_load(content)
    except (ValueError, yaml.YAMLError) as error:
        raise SsmFault("InvalidDocumentContent", f"The content is not valid {shape}: {error}") from None
    if not isinstance(data, dict):
        raise SsmFault("InvalidDocumentContent", "The content must be an object.")
    return data


def check_schema(data: dict[str, Any]) -> None:
    """Refuse what CreateDocument would."""
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
    used = set(PLACEHOLDER.findall(json.dumps(steps)))
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
