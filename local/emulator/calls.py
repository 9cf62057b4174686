"""Which calls each role makes, and what its policies say: a line of `calls.jsonl` for each kind of call.

test/powers compares it with the policies that are deployed. Kinds are few, as ids are left out, so it is always on.
"""

from __future__ import annotations

import contextvars
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator

# What differs from call to call: an id of EC2, SSM or ours, the name of an execution, an object below its folder.
_DIFFERS = (
    (re.compile(r"/[a-z]{1,6}-[0-9a-z]{8,}$"), "/*"),
    (re.compile(r"(:execution:[^:]+:).*"), r"\1*"),
    (re.compile(r"^(arn:aws:s3:::[^/]+/[^/]+/).*"), r"\1*"),
)

# The policy of a queue or a bucket is asked by the same evaluator; what is noted is what the role itself may.
_of_resource = contextvars.ContextVar("of_resource", default=False)


class Calls:
    """Listens to the evaluator, which is asked about each resource of each call."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def install(self) -> None:
        """Note what is decided from now on; what an earlier process noted stays."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            self._known.update(self._file.read_text().splitlines())
        iam_evaluator.evaluate = self._noting(iam_evaluator.evaluate)
        iam_evaluator.evaluate_resource_policy = _aside(iam_evaluator.evaluate_resource_policy)

    def _noting(self, evaluate: Callable[..., Any]) -> Callable[..., Any]:
        def noted(ctx: Any, policies: Any, *limits: Any) -> Any:
            result = evaluate(ctx, policies, *limits)
            # arn:aws:sts::<account>:assumed-role/<role>/<session>: what functions are; people are users and root.
            kind, _, rest = ctx.principal_arn.rpartition(":")[2].partition("/")
            if kind == "assumed-role" and not _of_resource.get():
                self._note({"role": rest.partition("/")[0], "action": ctx.action,
                            "resource": _kind_of(ctx.resource_arn), "allowed": result.decision == "Allow"})
            return result

        return noted

    def _note(self, call: dict[str, object]) -> None:
        line = json.dumps(call)
        with self._lock:
            if line in self._known:
                return
            self._known.add(line)
            # Opened for each: kinds are soon all known, and a killed plane has written all it noted.
            with self._file.open("a") as file:
                file.write(line + "\n")


def _kind_of(resource: str) -> str:
    for pattern, kind in _DIFFERS:
        resource = pattern.sub(kind, resource)
    return resource


def _aside(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    def set_aside(*given: Any, **named: Any) -> Any:
        token = _of_resource.set(True)
        try:
            return evaluate(*given, **named)
        finally:
            _of_resource.reset(token)

    return set_aside
