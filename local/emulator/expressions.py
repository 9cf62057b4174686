"""Expressions of DynamoDB are read once, and not for each row that they might match: of a query that is a whole partition,
of a query of an index all that is in it. ministack holds all other answers meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ministack.services import dynamodb

MOST_KNOWN = 1024

Item = dict[str, Any]
Values = dict[str, Any]
Check = Callable[[Item, Values], bool]

_COMPARES: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, given: value == given,
    "<": lambda value, given: value < given,
    "<=": lambda value, given: value <= given,
    ">": lambda value, given: value > given,
    ">=": lambda value, given: value >= given,
}

_NAME, _VALUE = r"(?P<name>#\w+)", r"(?P<value>:\w+)"
_CLAUSES = tuple(re.compile(rf"\s*{clause}\s*") for clause in (
    rf"{_NAME}\s*(?P<compare>=|<=?|>=?)\s*{_VALUE}",
    rf"begins_with\s*\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)",
    rf"{_NAME}\s+BETWEEN\s+{_VALUE}\s+AND\s+(?P<most>:\w+)",
))


def install() -> None:
    """What is said of an expression depends on its text alone; a condition on keys becomes a function."""
    dynamodb._condition_syntax_error = lru_cache(MOST_KNOWN)(dynamodb._condition_syntax_error)
    dynamodb._evaluate_condition = _knowing_keys(dynamodb._evaluate_condition)


def _knowing_keys(evaluate: Callable[..., bool]) -> Callable[..., bool]:
    def evaluate_condition(expr: str, item: Item, values: Values, names: dict[str, str],
                           slot: str = "ConditionExpression") -> bool:
        if slot == "KeyConditionExpression" and all("S" in value for value in values.values()):
            checks = _checks(expr, tuple(sorted(names.items())))
            if checks is not None:
                return all(check(item, values) for check in checks)
        return evaluate(expr, item, values, names, slot=slot)

    return evaluate_condition


@lru_cache(MOST_KNOWN)
def _checks(expr: str, names: tuple[tuple[str, str], ...]) -> tuple[Check, ...] | None:
    """One for each key that the condition names, of values that are strings; None where it has another form."""
    parts = re.split(r"\bAND\b(?!\s*:)", expr)
    found = [next((match for clause in _CLAUSES if (match := clause.fullmatch(part))), None) for part in parts]
    known = dict(names)
    if not all(match and match["name"] in known for match in found):
        return None
    return tuple(_check_of(known[match["name"]], match.groupdict()) for match in found if match)


def _check_of(key: str, said: dict[str, str | None]) -> Check:
    value, most, compare = str(said["value"]), said.get("most"), said.get("compare")

    def check(item: Item, values: Values) -> bool:
        has = item.get(key, {}).get("S")
        if has is None:
            return False
        given = values[value]["S"]
        if most is not None:
            return bool(given <= has <= values[most]["S"])
        return _COMPARES[compare](has, given) if compare is not None else bool(has.startswith(given))

    return check
