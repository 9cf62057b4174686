"""DynamoDB stream records that no Lambda has seen yet, kept over a restart.

ministack keeps the readers' positions but not the records they count: after a restart a reader would skip as many new
records as it had read before.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import persistence
from ministack.services import dynamodb, lambda_svc

Key = tuple[str, str, str]


class KeptStreams:
    """A part of the store: per table, how many records are read by all, and the rest."""

    def freeze(self) -> bytes:
        read = _read_by_all()
        rows = []
        for (account, region, table), records in list(dynamodb._stream_records.all_items()):
            trimmed = dynamodb._trimmed_count(table, account, region)
            start = max(trimmed, read.get((account, region, table), trimmed + len(records)))
            rows.append([account, region, table, start, records[start - trimmed:]])
        return json.dumps(rows, default=persistence._json_default).encode()

    def thaw(self, data: bytes) -> None:
        rows: list[Any] = json.loads(data, object_hook=persistence._json_object_hook)
        for account, region, table, start, records in rows:
            dynamodb._stream_records.set_scoped(account, region, table, records)
            dynamodb._stream_trimmed.set_scoped(account, region, table, start)

    @staticmethod
    def mend_positions() -> None:
        """Positions were saved at another moment than the records: one beyond the end would skip what comes next."""
        positions = lambda_svc._dynamodb_stream_positions
        for (account, region, mapping_id), table in _readers():
            end = dynamodb.stream_end_position(table, account_id=account, region=region)
            position = positions.get_scoped(account, region, mapping_id)
            if position is not None and position > end:
                positions.set_scoped(account, region, mapping_id, end)


def _readers() -> list[tuple[Key, str]]:
    """Each event source mapping that reads a table's stream: its key, and the table."""
    found = []
    for key, mapping in list(lambda_svc._esms.all_items()):
        table = mapping.get("EventSourceArn", "").partition(":table/")[2].partition("/")[0]
        if table:
            found.append((key, table))
    return found


def _read_by_all() -> dict[Key, int]:
    """The position every reader of a table has passed; only tables that have readers."""
    positions: dict[Key, int] = {}
    for (account, region, mapping_id), table in _readers():
        position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping_id, 0)
        key = (account, region, table)
        positions[key] = min(position, positions.get(key, position))
    return positions
