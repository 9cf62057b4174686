"""Node Lambdas as AWS runs them: errors keep their name, workers die with the plane.

ministack's worker reports only an error's message, so `errorType` is always `Runtime.HandlerError` and no Retry or
Catch that names an error of ours ever fires. It also throws the execution environment away after any error, which
AWS does only when the process itself dies. Both are cured by letting the worker answer a handler's error as a result
of a marked shape, which is unwrapped one level up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from emulator.settings import EMULATOR_SETTINGS

_MARK = "__novacronHandlerError"

_REPORT_ERROR = """
const _reportHandlerError = (thrown) => {
  const err = thrown instanceof Error ? thrown : { name: typeof thrown, message: String(thrown) };
  const trace = String(err.stack || err.message).split("\\n");
  console.error(JSON.stringify({ errorType: err.name, errorMessage: String(err.message), stack: trace }));
  _stderrWrite("\\n");
  _realStdoutWrite(JSON.stringify({ status: "ok", result: { %s: {
    errorType: String(err.name || "Error"), errorMessage: String(err.message), trace } } }) + "\\n");
};
""" % _MARK

# The emulator's own settings, which Lambdas would inherit; what a function sets itself is put back right after.
_FORGET_SETTINGS = f"for (const name of {json.dumps(sorted(EMULATOR_SETTINGS))}) delete process.env[name];\n"

# Each pair is (text in ministack 1.5.33's worker, what it becomes); a text that is gone stops the emulator.
_EDITS = (
    (
        'let handlerFn = null;\n',
        _FORGET_SETTINGS + _REPORT_ERROR + 'let handlerFn = null;\n',
    ),
    (
        '''          _realStdoutWrite(JSON.stringify({
            status: "error", error: String(err.message || err), trace: err.stack || ""
          }) + "\\n");''',
        "          _reportHandlerError(err);",
    ),
    (
        '''      _realStdoutWrite(JSON.stringify({
        status: "error", error: e.message, trace: e.stack
      }) + "\\n");''',
        "      _reportHandlerError(e);",
    ),
    (
        # ministack waits 50 ms for a first log line before it answers: an empty one, dropped again below, spares that.
        '          _realStdoutWrite(JSON.stringify({ status: "ok", result: res }) + "\\n");',
        '          _stderrWrite("\\n");\n          _realStdoutWrite(JSON.stringify({ status: "ok", result: res }) + "\\n");',
    ),
    (
        # The plane holds the other end of stdin: it closes when the plane ends, even by kill -9.
        'let lineNum = 0;\n',
        'let lineNum = 0;\nrl.on("close", () => process.exit(0));\n',
    ),
)


def install() -> None:
    """Patch the worker's script and the one function that reads its answers."""
    lambda_runtime._NODEJS_WORKER_SCRIPT = _edited(lambda_runtime._NODEJS_WORKER_SCRIPT)
    lambda_svc._execute_function_warm = _unwrapping_errors(lambda_svc._execute_function_warm)


def _edited(script: str) -> str:
    for old, new in _EDITS:
        if script.count(old) != 1:
            raise RuntimeError(f"ministack's Node worker changed; this edit no longer fits:\n{old}")
        script = script.replace(old, new)
    return script


def _unwrapping_errors(execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def execute_function_warm(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        outcome = execute(func, event, request_id)
        outcome["log"] = str(outcome.get("log") or "").rstrip("\n")
        body = outcome.get("body")
        if not (isinstance(body, dict) and _MARK in body):
            return outcome
        return {**outcome, "body": body[_MARK], "error": True}

    return execute_function_warm
