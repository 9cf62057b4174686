"""References to Parameter Store in the parameters of a command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from emulator.ssm.faults import SsmFault
from emulator.ssm.parameters import as_values

_STORE_REFERENCE = re.compile(r"\{\{\s*ssm:([A-Za-z0-9_.:/-]+)\s*\}\}")


class References:
    """Replaces `{{ssm:name}}` by what the store holds."""

    def __init__(self, read_parameter: Callable[[str], str | None]) -> None:
        self._read_parameter = read_parameter

    def expanded(self, content: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """Values with each `{{ssm:name}}` replaced; the result is what allowedPattern is checked against."""
        defaults = {name: as_values(rule["default"]) for name, rule in (content.get("parameters") or {}).items()
                    if "default" in rule and name not in given and "{{ssm:" in str(rule["default"]).replace(" ", "")}
        values = {**defaults, **given}
        return {name: [self._filled(value) for value in one] if isinstance(one, list) else one
                for name, one in values.items()}

    def _filled(self, text: Any) -> Any:
        if not isinstance(text, str) or "ssm:" not in text:
            return text

        def value_of(match: re.Match[str]) -> str:
            value = self._read_parameter(match[1])
            if value is None:
                raise SsmFault("InvalidParameters", f"Parameter Store has no parameter {match[1]} of type String.")
            return value

        return _STORE_REFERENCE.sub(value_of, text)
