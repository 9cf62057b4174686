"""Metric math over time series: the arithmetic, comparison and aggregate part of CloudWatch's expressions."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Union

Series = list[Union[float, None]]
Value = Union[float, Series, list[Series]]

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum, "MAX": max, "MIN": min, "AVG": lambda values: sum(values) / len(values),
}


class Unsupported(Exception):
    """An expression this evaluator does not know, e.g. SEARCH or ANOMALY_DETECTION_BAND."""


def evaluate(expression: str, series: dict[str, Series], length: int) -> Series:
    """The series an expression makes of the metrics (by id), each `length` points long."""
    try:
        tree = ast.parse(re.sub(r"\|\|", " or ", expression.replace("&&", " and ")), mode="eval")
    except SyntaxError:
        raise Unsupported(expression) from None
    value = _Evaluator(series, length).visit(tree.body)
    if isinstance(value, (int, float)):
        return [float(value)] * length
    if value and isinstance(value[0], list):
        raise Unsupported(expression)
    return value


class _Evaluator:
    def __init__(self, series: dict[str, Series], length: int) -> None:
        self._series = series
        self._length = length

    def visit(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in self._series:
            return self._series[node.id]
        if isinstance(node, ast.List):
            return [self._as_series(self.visit(one)) for one in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self._pointwise(operator.mul, self.visit(node.operand), -1.0)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return self._pointwise(_OPERATORS[type(node.op)], self.visit(node.left), self.visit(node.right))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
            return self._pointwise(_OPERATORS[type(node.ops[0])], self.visit(node.left), self.visit(node.comparators[0]))
        if isinstance(node, ast.BoolOp):
            join = all if isinstance(node.op, ast.And) else any
            parts = [self._as_series(self.visit(one)) for one in node.values]
            return [float(join(bool(one) for one in point)) for point in zip(*parts, strict=True)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id.upper(), node.args)
        raise Unsupported(ast.unparse(node))

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name == "METRICS" and not arguments:
            return list(self._series.values())
        values = [self.visit(one) for one in arguments]
        if name in _AGGREGATES and len(values) == 1:
            return self._aggregate(_AGGREGATES[name], values[0])
        if name == "IF" and len(values) == 3:
            chosen = [self._as_series(one) for one in values]
            return [(then if condition else other) for condition, then, other in zip(*chosen, strict=True)]
        if name == "FILL" and len(values) == 2:
            return self._fill(values[0], values[1])
        if name == "ABS" and len(values) == 1:
            return [None if one is None else abs(one) for one in self._as_series(values[0])]
        raise Unsupported(name)

    def _aggregate(self, combine: Callable[[list[float]], float], value: Value) -> Value:
        """Over several series point by point; over one series, its single number."""
        if isinstance(value, list) and value and isinstance(value[0], list):
            points = [[one for one in point if one is not None] for point in zip(*value, strict=True)]
            return [combine(point) if point else None for point in points]
        present = [one for one in self._as_series(value) if one is not None]
        return combine(present) if present else [None] * self._length

    def _fill(self, value: Value, filling: Value) -> Value:
        if isinstance(value, list) and value and isinstance(value[0], list):
            return [self._filled(self._as_series(one), filling) for one in value]
        return self._filled(self._as_series(value), filling)

    def _filled(self, series: Series, filling: Value) -> Series:
        if not isinstance(filling, float):
            raise Unsupported("FILL with anything but a number")
        return [filling if one is None else one for one in series]

    def _pointwise(self, act: Callable[[float, float], float], left: Value, right: Value) -> Value:
        def apply(one: float | None, other: float | None) -> float | None:
            if one is None or other is None:
                return None
            try:
                return float(act(one, other))
            except ZeroDivisionError:
                return None

        return [apply(*pair) for pair in zip(self._as_series(left), self._as_series(right), strict=True)]

    def _as_series(self, value: Value) -> Series:
        if isinstance(value, (int, float)):
            return [float(value)] * self._length
        if value and isinstance(value[0], list):
            raise Unsupported("a list of series where one is meant")
        return value
