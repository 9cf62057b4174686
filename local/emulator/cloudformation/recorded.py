"""Types that only record: their properties are stored, Ref and GetAtt answer, nothing else happens.

`recorded-types.json` has them all, each with the reason; a test holds the stacks against it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ministack.core.responses import get_region
from ministack.services.cloudformation.provisioners import _physical_name as physical_name

from emulator.settings import ACCOUNT_ID

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]

TYPES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("recorded-types.json").read_text())
_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9]+)\}")


class Recorded:
    """What stacks created of these types, by type and physical id."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Properties]] = {}

    def handlers(self) -> dict[str, dict[str, Any]]:
        return {kind: self._handler(kind, shape) for kind, shape in TYPES.items()}

    def _handler(self, kind: str, shape: dict[str, Any]) -> dict[str, Any]:
        def create(logical_id: str, properties: Properties, stack: str) -> Created:
            name = _name(shape, logical_id, properties, stack)
            reference, attributes = _identity(shape, name, properties)
            self._of(kind)[reference] = properties
            return reference, attributes

        def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Created:
            reference, attributes = create(logical_id, new, stack)
            if reference != physical_id:
                self._of(kind).pop(physical_id, None)
            return reference, attributes

        def delete(physical_id: str, properties: Properties) -> None:
            self._of(kind).pop(physical_id, None)

        return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}

    def _of(self, kind: str) -> dict[str, Properties]:
        return self.resources.setdefault(kind, {})

    def dump(self) -> dict[str, dict[str, Properties]]:
        return self.resources

    def load(self, data: dict[str, dict[str, Properties]]) -> None:
        self.resources = data


def _name(shape: dict[str, Any], logical_id: str, properties: Properties, stack: str) -> str:
    given = properties.get(shape["name"]) if "name" in shape else None
    return str(given) if given else str(physical_name(stack, logical_id))


def _identity(shape: dict[str, Any], name: str, properties: Properties) -> Created:
    known = {"name": name, "region": get_region(), "account": ACCOUNT_ID}
    known["ref"] = _filled(shape["ref"], known, properties)
    return known["ref"], {key: _filled(text, known, properties) for key, text in shape.get("attributes", {}).items()}


def _filled(text: str, known: dict[str, str], properties: Properties) -> str:
    def value(match: re.Match[str]) -> str:
        placeholder = match[1]
        if placeholder in known:
            return known[placeholder]
        return str(properties[placeholder])

    return _PLACEHOLDER.sub(value, text)

