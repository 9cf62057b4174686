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
import platform
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

AGENT_VERSION = "3.3.3050.0"
WORKERS = 5
POLL_SECONDS = 20
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.2, 5.0
WORKER = Path(__file__).resolve().with_name("worker.py")

logger = logging.getLogger("ssm-agent")


class Refused(Exception):
    """The service answered no; asking again will not help."""


# ---- talking to the service


class Service:
    """The private endpoint, asked with patience: the plane may be stopped and started under us."""

    def __init__(self, endpoint: str, identity: dict[str, str]) -> None:
        self._base = endpoint.rstrip("/") + "/_novacron/ssm/"
        self._identity = identity

    def once(self, route: str, message: dict[str, object], timeout: float = 10) -> dict:
        body = json.dumps({**self._identity, **message}).encode()
        request = urllib.request.Request(self._base + route, data=body, headers={"content-type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode(errors="replace")
            if error.code in (400, 403):
                raise Refused(detail) from None
            raise ConnectionError(f"HTTP {error.code}") from None

    def patiently(self, route: str, message: dict[str, object], stopped: threading.Event) -> dict | None:
        """Ask until there is an answer; None when the agent is told to stop first."""
        pause = FIRST_RETRY_SECONDS
        while not stopped.is_set():
            try:
                return self.once(route, message, timeout=POLL_SECONDS + 10)
            except (OSError, ValueError) as error:
                logger.info("no answer to %s (%s), again in %.1f s", route, error, pause)
                stopped.wait(pause)
                pause = min(pause * 2, LONGEST_RETRY_SECONDS)
        return None


# ---- faults that tests ask for


class Faults:
    """Lies and losses, read anew for each command from `<state>/faults.json`.

    {"delayReportSeconds": 3, "dropReport": true, "runTwice": true, "cutOutput": 10, "garbleOutput": true,
     "dropAcknowledge": true, "document": "NovaCron-…"}   `document` limits them to one; `times` to so many commands.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / "faults.json"

    def take(self) -> dict:
        try:
            faults = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        left = faults.get("times")
        if left is not None:
            if left <= 0:
                return {}
            self._path.write_text(json.dumps({**faults, "times": left - 1}))
        return faults


def distort(steps: list[dict], faults: dict) -> None:
    for step in steps:
        if "cutOutput" in faults:
            step["stdout"] = step["stdout"][: faults["cutOutput"]]
        if faults.get("garbleOutput"):
            step["stdout"] = step["stdout"][::-1]


# ---- the agent


class Commands:
    """Commands on disk, each a directory: message.json, worker.pid, cancel, result.json, and done once it is reported.

    Started once, a command is never started again by itself; its worker outlives the agent.
    """

    def __init__(self, state: Path) -> None:
        self._root = state / "orchestration"
        self._root.mkdir(parents=True, exist_ok=True)

    def directory(self, command_id: str) -> Path:
        return self._root / command_id

    def unfinished(self) -> list[str]:
        """What an agent before us started and did not report."""
        return [one.name for one in self._root.iterdir() if (one / "message.json").exists() and not (one / "done").exists()]

    def known(self, command_id: str) -> bool:
        return (self.directory(command_id) / "message.json").exists()

    def note(self, message: dict) -> None:
        directory = self.directory(message["commandId"])
        directory.mkdir()
        fresh = directory / "message.json.new"
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(message))
        fresh.replace(directory / "message.json")

    def start(self, command_id: str) -> subprocess.Popen[bytes]:
        directory = self.directory(command_id)
        worker = subprocess.Popen([sys.executable, "-IS", str(WORKER), str(directory)], stdin=subprocess.DEVNULL,
                                  start_new_session=True)
        (directory / "worker.pid").write_text(f"{worker.pid} {_start_time(worker.pid)}")
        return worker

    def alive(self, command_id: str) -> bool:
        """Whether a worker that another agent started still runs; its start time tells it from a later process."""
        try:
            pid, started = (self.directory(command_id) / "worker.pid").read_text().split(" ", 1)
            return _start_time(int(pid)) == started != ""
        except (OSError, ValueError):
            return False

    def cancel(self, command_id: str) -> None:
        """The mark reaches a worker that is not up yet, the signal one that is."""
        (self.directory(command_id) / "cancel").touch()
        if self.alive(command_id):
            os.kill(int((self.directory(command_id) / "worker.pid").read_text().split(" ", 1)[0]), signal.SIGTERM)

    def result(self, command_id: str) -> dict:
        try:
            return json.loads((self.directory(command_id) / "result.json").read_text())
        except (OSError, ValueError):
            now, wanted = time.time(), (self.directory(command_id) / "cancel").exists()
            status, why = ("Cancelled", "") if wanted else ("Failed", "document worker exited unexpectedly")
            return {"status": status, "steps": [{"status": status, "code": 1, "stdout": "", "stderr": why, "started": now,
                                                 "ended": now}]}

    def done(self, command_id: str) -> None:
        (self.directory(command_id) / "done").touch()


def _start_time(pid: int) -> str:
    """A process's start time in clock ticks since boot; empty when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


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


def facts(endpoint: str) -> dict[str, str]:
    """What DescribeInstanceInformation shows of this machine."""
    release = _os_release()
    return {"computerName": socket.gethostname(), "address": _own_address(endpoint), "agentVersion": AGENT_VERSION,
            "platformName": release.get("NAME", platform.system()), "platformVersion": release.get("VERSION_ID", "")}


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _own_address(endpoint: str) -> str:
    """The address this host has towards the service; no packet is sent."""
    host = re.sub(r"^https?://|[:/].*$", "", endpoint)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


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
