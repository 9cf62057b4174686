"""MaxResults and NextToken as every SSM list does them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from emulator.ssm.faults import SsmFault


def page(request: dict[str, Any], member: str, items: list[dict[str, Any]], default_size: int = 50) -> dict[str, Any]:
    """One page of `items` under `member`, with the token of the next."""
    start = _start(request.get("NextToken"))
    end = start + int(request.get("MaxResults") or default_size)
    answer: dict[str, Any] = {member: items[start:end]}
    if end < len(items):
        answer["NextToken"] = base64.b64encode(str(end).encode()).decode()
    return answer


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (ValueError, binascii.Error):
        raise SsmFault("InvalidNextToken", "The specified token isn't valid.") from None
