#!/usr/bin/env python3
"""A stand-in for amazon-ssm-agent that takes its work from the embedded AWS.

It does on a host what the real agent does with a Command document of schema 2.2: five documents at a time, each in a
worker process (worker.py) that goes on while the agent restarts. Only how it talks to the service differs. Python's standard library alone, so that it runs on any host.

    agent.py register --endpoint URL --activation-id ID --activation-code CODE --region R --state DIR
    agent.py run --state DIR
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from commands import Commands
from facts import facts
from faults import Faults, distort
from service import POLL_SECONDS, Refused, Service

WORKERS = 5

logger = logging.getLogger("ssm-agent")


class Agent:
    """Polls, has commands run, reports."""

    def __init__(self, state: Path) -> None:
        self._registration = json.loads((state / "registration.json").read_text())
        self._node = {key: self._registration[key] for key in ("nodeId", "region")}
        self._service = Service(self._registration["endpoint"], {**self._node, "secret": self._registration["secret"]})
        self._faults = Faults(state)
        self._commands = Commands(state)
        self._running: set[str] = set()
        self._cancelled: list[str] = []
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def run(self) -> None:
        logger.info("%s runs, asking %s", self._registration["nodeId"], self._registration["endpoint"])
        for command_id in self._commands.unfinished():
            self._in_background(command_id, self._await_and_report, command_id, None, {})
        while not self.stopped.is_set():
            with self._lock:
                running = len(self._running)
            # With all workers busy the poll still carries cancels and proves that we live.
            answer = self._service.patiently("poll", {"running": running, "cancelled": self._cancelled[-100:],
                                                      "facts": facts(self._registration["endpoint"]),
                                                      "waitSeconds": POLL_SECONDS if running < WORKERS else 1}, self.stopped)
            if answer is None:
                return
            for command_id in answer["cancel"]:
                self._cancelled.append(command_id)
                self._commands.cancel(command_id)
            for message in answer["run"]:
                if not self._commands.known(message["commandId"]):
                    self._in_background(message["commandId"], self._take, message)

    def _in_background(self, command_id: str, work: Callable[..., None], *arguments: object) -> None:
        with self._lock:
            if command_id in self._running:
                return
            self._running.add(command_id)

        def carry_out() -> None:
            try:
                work(*arguments)
            except Refused as error:
                logger.warning("%s: the service refused: %s", command_id, error)
            except Exception:
                logger.exception("%s failed in the agent", command_id)
            finally:
                with self._lock:
                    self._running.discard(command_id)

        threading.Thread(target=carry_out, name=command_id[:8], daemon=True).start()

    def _take(self, message: dict) -> None:
        command_id = message["commandId"]
        faults = self._faults.take()
        self._commands.note({**message, "node": self._node, "times": 2 if faults.get("runTwice") else 1})
        if not faults.get("dropAcknowledge"):
            answer = self._service.patiently("acknowledge", {"commandId": command_id}, self.stopped)
            if not answer or not answer["start"]:
                self._commands.done(command_id)
                return
        self._await_and_report(command_id, self._commands.start(command_id), faults)

    def _await_and_report(self, command_id: str, worker: subprocess.Popen[bytes] | None, faults: dict) -> None:
        if worker:
            worker.wait()
        while not worker and self._commands.alive(command_id):
            self.stopped.wait(0.2)
        result = self._commands.result(command_id)
        distort(result["steps"], faults)
        if not faults.get("dropReport"):
            self.stopped.wait(faults.get("delayReportSeconds", 0))
            self._service.patiently("report", {"commandId": command_id, **result}, self.stopped)
        self._commands.done(command_id)


def register(given: argparse.Namespace) -> int:
    """Trade an activation for a node id and a secret, kept in the state directory."""
    service = Service(given.endpoint, {"region": given.region})
    try:
        node = service.once("register", {"activationId": given.activation_id, "activationCode": given.activation_code,
                                         "facts": facts(given.endpoint)})
    except (Refused, OSError) as error:
        print(f"Registration failed: {error}", file=sys.stderr)
        return 1
    given.state.mkdir(parents=True, exist_ok=True)
    path = given.state / "registration.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({**node, "endpoint": given.endpoint}))
    print(json.dumps({"nodeId": node["nodeId"]}))
    return 0


def run(given: argparse.Namespace) -> int:
    """Work until SIGTERM; commands that are under way go on without us, as under the real agent."""
    agent = Agent(given.state)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: os._exit(0))
    try:
        agent.run()
    except Refused as error:
        print(f"This node is no longer registered: {error}", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="The local SSM agent.")
    commands = parser.add_subparsers(required=True)
    registering = commands.add_parser("register")
    registering.add_argument("--endpoint", required=True)
    registering.add_argument("--activation-id", required=True)
    registering.add_argument("--activation-code", required=True)
    registering.add_argument("--region", default="us-east-1")
    registering.add_argument("--state", type=Path, required=True)
    registering.set_defaults(act=register)
    running = commands.add_parser("run")
    running.add_argument("--state", type=Path, required=True)
    running.set_defaults(act=run)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return int(given.act(given))


if __name__ == "__main__":
    sys.exit(main())
