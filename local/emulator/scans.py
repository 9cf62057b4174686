"""A page of a scan begins where the last ended, and is weighed by what it is written as.

ministack looks at each row before that place for each page: reading a table whole grows with the square of it, and holds
all other answers meanwhile. What a page weighs it adds up value by value, which takes as long as writing it does.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from typing import Any

from ministack.services import dynamodb

Item = dict[str, Any]


def install() -> None:
    """Find the place by halves: the rows come in the order of their keys."""
    dynamodb._apply_exclusive_start_key_scan = _after
    dynamodb._paginate_evaluated_items = _page


def _page(items: list[Item], limit: int | None, table: dict[str, Any], index_name: str | None = None) -> tuple[list[Item], bool]:
    """The rows of a page, and whether more may follow. JSON is some more than DynamoDB counts: a page is full a little sooner."""
    most = len(items) if limit is None else int(limit)
    weight = 0
    for count, item in enumerate(items[:most]):
        entry = dynamodb._apply_index_projection(item, table, index_name) if index_name else item
        weight += len(json.dumps(entry, default=str))
        if count > 0 and weight > dynamodb._DDB_PAGE_SIZE_BYTES:
            return items[:count], True
    return items[:most], limit is not None and len(items) >= most


def _after(items: list[Item], start: Item, table: dict[str, Any]) -> list[Item]:
    names = [name for name in (table["pk_name"], table["sk_name"]) if name]

    def key(item: Item) -> tuple[str, ...]:
        return tuple(dynamodb._extract_key_val(item.get(name)) for name in names)

    return items[bisect_right(items, key(start), key=key):]
