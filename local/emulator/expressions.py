"""Expressions of DynamoDB are checked once.

ministack checks the grammar of one anew for each row that it might match; for a query of an index that is the whole table.
"""

from __future__ import annotations

from functools import lru_cache

from ministack.services import dynamodb

MOST_KNOWN = 1024


def install() -> None:
    """Check each expression once; what it says of it depends on its text alone."""
    dynamodb._condition_syntax_error = lru_cache(MOST_KNOWN)(dynamodb._condition_syntax_error)
