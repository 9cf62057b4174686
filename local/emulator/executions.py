"""Step Functions executions: a callback task fails with its Lambda, machines and heartbeats time out, stops reach waits.

What ministack leaves out here decides about sagas: an error thrown by the Lambda of a `.waitForTaskToken` task is
swallowed there, the machine's own TimeoutSeconds is not looked at, and an execution cut off by a restart fails without
an event.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import error_response_json, new_uuid
from ministack.services import lambda_svc
from ministack.services import stepfunctions as sfn

from emulator.scope import in_region

Response = tuple[int, dict[str, str], bytes]
logger = logging.getLogger("emulator.executions")

_current: contextvars.ContextVar[str] = contextvars.ContextVar("emulator_execution", default="")
_timeout_seconds: contextvars.ContextVar[float] = contextvars.ContextVar("emulator_task_timeout", default=99_999_999)


@dataclass
class Running:
    """An execution under way."""

    deadline: float | None
    context: contextvars.Context
    tokens: set[str] = field(default_factory=set)


class Stopped(BaseException):
    """The execution ended while a task waited. Not an Exception: ministack must not take it for a failure."""


class Executions:
    """Follows the executions that run, and what their tasks wait for."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}
        self._ended_tokens: dict[str, str] = {}  # token → execution
        self._cut_off: list[tuple[str, dict[str, Any]]] = []
        self._frozen = False
        self._lock = threading.Lock()

    def freeze(self) -> None:
        """The plane is about to stop: what runs stays as it is, and is told as aborted after the restart.

        Else each Lambda would meet a closed port, and the machines would walk their failing paths to nowhere.
        """
        self._frozen = True

    def install(self) -> None:
        """Take over the functions of ministack's interpreter that need it."""
        run, stop, fail, load = sfn._run_execution, sfn._stop_execution, sfn._fail_execution, sfn.load_persisted_state

        def run_execution(execution_arn: str) -> None:
            self._follow(execution_arn)
            try:
                run(execution_arn)
            except Stopped:
                pass
            finally:
                with self._lock:
                    self._running.pop(execution_arn, None)

        def stop_execution(request: dict[str, Any]) -> Response:
            answer: Response = stop(request)
            self._wake(str(request.get("executionArn")))
            return answer

        def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
            if execution["status"] == "RUNNING":  # else it was stopped or timed out, and stays so
                fail(execution, error, cause)

        def load_persisted_state(data: dict[str, Any]) -> None:
            load(data)
            self._note_cut_off()

        arguments = sfn._apply_jsonata_arguments

        def begin_attempt(state: dict[str, Any], given: Any, context: dict[str, Any] | None = None) -> Any:
            """Each attempt of a task has a token of its own, and its time-out may be an expression."""
            if context is not None and state.get("Type") == "Task":
                if "Task" in context:
                    context["Task"] = {"Token": new_uuid()}
                seconds = sfn._apply_jsonata_template(state.get("TimeoutSeconds", 99_999_999), given, context)
                _timeout_seconds.set(float(seconds))
            return arguments(state, given, context)

        invoke = sfn._invoke_resource_with_timeout

        def invoke_with_timeout(resource: str, request: Any, written: object) -> Any:
            return invoke(resource, request, _timeout_seconds.get() if isinstance(written, str) else written)

        sfn._apply_jsonata_arguments = begin_attempt
        sfn._invoke_resource_with_timeout = invoke_with_timeout
        sfn._run_execution = run_execution
        sfn._stop_execution = stop_execution
        sfn._fail_execution = fail_execution
        sfn.load_persisted_state = load_persisted_state
        sfn._invoke_with_callback = self._invoke_with_callback
        sfn._call_lambda = self._call_lambda
        for name in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
            setattr(sfn, name, self._refusing_ended_tokens(getattr(sfn, name)))

    async def watch(self) -> None:
        """Tell of executions a restart cut off, then time out machines, for ever."""
        for region, execution in self._cut_off:
            in_region(region, lambda execution=execution: sfn._emit_execution_status_event(execution))
        while True:
            await asyncio.sleep(0.25)
            now = time.time()
            with self._lock:
                late = [(arn, one) for arn, one in self._running.items() if one.deadline and now > one.deadline]
            for arn, one in late:
                one.deadline = None
                one.context.copy().run(self._time_out, arn)

    def _follow(self, execution_arn: str) -> None:
        _current.set(execution_arn)
        execution = sfn._executions.get(execution_arn) or {}
        machine = sfn._state_machines.get(execution.get("stateMachineArn")) or {}
        seconds = _machine_timeout(machine.get("definition", "{}"))
        with self._lock:
            self._running[execution_arn] = Running(time.time() + seconds if seconds else None, contextvars.copy_context())

    def _time_out(self, execution_arn: str) -> None:
        execution = sfn._executions.get(execution_arn)
        if not execution or execution["status"] != "RUNNING":
            return
        execution.update(status="TIMED_OUT", stopDate=sfn.now_iso(), error="States.Timeout", cause=None)
        sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
        sfn._emit_execution_status_event(execution)
        self._wake(execution_arn)

    def _wake(self, execution_arn: str) -> None:
        """Let tasks that wait notice that their execution ended."""
        with self._lock:
            running = self._running.get(execution_arn)
            tokens = list(running.tokens) if running else []
        for token in tokens:
            waiting = sfn._task_tokens.get(token)
            if waiting:
                waiting["stopped"] = True
                waiting["event"].set()

    def _note_cut_off(self) -> None:
        """An execution cannot go on after a restart. AWS would never drop one; the nearest thing it knows is an abort."""
        for (_, region, _), execution in sfn._executions.all_items():
            if execution.get("error") == "States.ServiceRestart" and execution["status"] == "FAILED":
                execution["status"] = "ABORTED"
                self._cut_off.append((region, execution))

    def _invoke_with_callback(self, resource: str, request: dict[str, Any], token: str, state: dict[str, Any]) -> Any:
        """Start the task, then wait for its token as long as TimeoutSeconds and HeartbeatSeconds let it."""
        waiting: dict[str, Any] = {"event": threading.Event(), "result": None, "error": None, "heartbeat": None,
                                   "execution": _current.get()}
        sfn._task_tokens[token] = waiting
        execution_arn = _current.get()
        with self._lock:
            if execution_arn in self._running:
                self._running[execution_arn].tokens.add(token)
        deadline = time.time() + _timeout_seconds.get()
        try:
            self._start_task(resource.replace(".waitForTaskToken", ""), request, waiting)
            _await(waiting, deadline, state.get("HeartbeatSeconds"))
            return _outcome(waiting)
        finally:
            sfn._task_tokens.pop(token, None)
            self._end(token, execution_arn)

    @staticmethod
    def _start_task(resource: str, request: dict[str, Any], waiting: dict[str, Any]) -> None:
        try:
            sfn._invoke_resource(resource, request)
        except sfn._ExecutionError:
            if not waiting["event"].is_set():  # what the token said first counts
                raise

    def _call_lambda(self, function: str, event: object) -> Any:
        if self._frozen:
            raise Stopped
        try:
            return _run_lambda(function, event)
        finally:
            if self._frozen:
                raise Stopped

    def _end(self, token: str, execution_arn: str) -> None:
        with self._lock:
            self._ended_tokens[token] = execution_arn
            while len(self._ended_tokens) > 10_000:
                del self._ended_tokens[next(iter(self._ended_tokens))]
            if execution_arn in self._running:
                self._running[execution_arn].tokens.discard(token)

    def machine_of(self, token: str) -> str | None:
        """The state machine whose task a token stands for: what a permission to answer it names."""
        waiting = sfn._task_tokens.get(token) or {}
        execution_arn = waiting.get("execution") or self._ended_tokens.get(token)
        return execution_arn.rpartition(":")[0].replace(":execution:", ":stateMachine:") if execution_arn else None

    def _refusing_ended_tokens(self, answer: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
        def send_task(request: dict[str, Any]) -> Response:
            token = request.get("taskToken")
            if token in self._ended_tokens:
                return error_response_json("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'", 400)
            if token not in sfn._task_tokens:
                return error_response_json("InvalidToken", "Invalid Token: 'Invalid token'", 400)
            return answer(request)

        return send_task


def _machine_timeout(definition: str) -> float | None:
    try:
        seconds = json.loads(definition).get("TimeoutSeconds")
    except ValueError:
        return None
    return float(seconds) if isinstance(seconds, (int, float)) else None


def _await(waiting: dict[str, Any], deadline: float, heartbeat_seconds: float | None) -> None:
    """Return when the token was answered; raise what AWS raises when it was not."""
    beaten = waiting["heartbeat"]
    while True:
        left = deadline - time.time()
        patience = min(left, float(heartbeat_seconds)) if heartbeat_seconds else left
        if waiting["event"].wait(max(0.0, min(patience, threading.TIMEOUT_MAX))):
            return
        if time.time() >= deadline:
            raise sfn._ExecutionError("States.Timeout", "")
        if waiting["heartbeat"] == beaten:
            raise sfn._ExecutionError("States.HeartbeatTimeout", "")
        beaten = waiting["heartbeat"]


def _outcome(waiting: dict[str, Any]) -> Any:
    if waiting.get("stopped"):
        raise Stopped
    if waiting["error"]:
        raise sfn._ExecutionError(waiting["error"]["Error"], waiting["error"]["Cause"])
    return json.loads(waiting["result"])


def _run_lambda(function: str, event: object) -> Any:
    """Run a Lambda; its error's name and payload become the task's Error and Cause, a refused run is a throttle."""
    record, config, name = lambda_svc._get_func_record_for_ref(function)
    if not record or not config:
        raise sfn._ExecutionError("Lambda.ResourceNotFoundException", f"Function not found: {name}")
    result = lambda_svc._execute_function_with_config_scope(lambda_svc._execution_record_for_config(record, config), event)
    body = result.get("body")
    if result.get("throttle"):
        raise sfn._ExecutionError("Lambda.TooManyRequestsException", str(body["message"]))
    if result.get("error"):
        if not isinstance(body, dict):
            raise sfn._ExecutionError("Lambda.Unknown", str(body))
        raise sfn._ExecutionError(body.get("errorType", "Lambda.Unknown"), json.dumps(body))
    return body
