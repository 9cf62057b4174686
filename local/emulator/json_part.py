"""A part whose state is plain data, kept as JSON."""

from __future__ import annotations

import json
from typing import Any, Protocol


class Plain(Protocol):
    """What can tell its state as plain data and take it back."""

    def dump(self) -> Any: ...

    def load(self, data: Any) -> None: ...


class JsonPart:
    """The bytes of such a part."""

    def __init__(self, inner: Plain) -> None:
        self._inner = inner

    def freeze(self) -> bytes:
        return json.dumps(self._inner.dump()).encode()

    def thaw(self, data: bytes) -> None:
        self._inner.load(json.loads(data))
