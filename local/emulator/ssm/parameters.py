"""The parameters that a caller gives a document, checked as the service does."""

from __future__ import annotations

import json
import re
from typing import Any

from emulator.ssm.faults import SsmFault
from emulator.ssm.schema import PLACEHOLDER

DEFAULT_STEP_SECONDS = 3600


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
    placeholder = PLACEHOLDER.fullmatch(given)
    text = parameters.get(placeholder[1], [given])[0] if placeholder else given
    return int(text) if text.isdigit() else DEFAULT_STEP_SECONDS


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


def _invalid(message: str) -> SsmFault:
    return SsmFault("InvalidParameters", message)
