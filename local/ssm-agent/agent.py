#!/usr/bin/env python3
"""A stand-in for amazon-ssm-agent that takes its work from the embedded AWS.

It does on a host what the real agent does with a Command document of schema 2.2: five documents at a time, each step
aws:runShellScript run by `sh` from a file of its own, parameters put in as the agent puts them in, time-outs, cancels.
Only how it talks to the service differs. Python's standard library alone, so that it runs on any host.

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
from dataclasses import asdict, dataclass, field
from pathlib import Path

AGENT_VERSION = "3.3.3050.0"
WORKERS = 5
POLL_SECONDS = 20
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.2, 5.0
OUTPUT_LIMIT = 1_000_000
DEFAULT_STEP_SECONDS = 3600
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")

logger = logging.getLogger("ssm-agent")


class Refused(Exception):
    """The service answered no; asking again will not help."""


@dataclass
class Result:
    """What a step did."""

    status: str
    code: int
    stdout: str = ""
    stderr: str = ""
    started: float = field(default_factory=time.time)
    ended: float = field(default_factory=time.time)


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


# ---- what a document says to do


def interpolate(value: object, parameters: dict[str, list[str]], rules: dict[str, dict]) -> object:
    """Put parameters into a step's inputs as the agent does.

    A parameter of `interpolationType: ENV_VAR` never enters the script's text: AWS documents that "the system creates an
    environment variable named SSM_parameter-name containing the parameter value", and `{{ name }}` becomes a reference
    to it. How exactly that reference is written is not documented; `${SSM_name}` is taken here. Scripts that read
    "$SSM_name" themselves do not depend on it.
    """
    if isinstance(value, list):
        return [line for one in value for line in _as_lines(interpolate(one, parameters, rules))]
    if isinstance(value, dict):
        return {key: interpolate(one, parameters, rules) for key, one in value.items()}
    if not isinstance(value, str):
        return value
    alone = PLACEHOLDER.fullmatch(value.strip())
    if alone and rules.get(alone[1], {}).get("type") == "StringList":
        return parameters[alone[1]]

    def text_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in parameters:
            return match[0]
        if rules[name].get("interpolationType") == "ENV_VAR":
            return "${SSM_%s}" % name
        given = parameters[name]
        return json.dumps(given) if rules[name]["type"] == "StringList" else given[0]

    return PLACEHOLDER.sub(text_of, value)


def _as_lines(value: object) -> list:
    return value if isinstance(value, list) else [value]


def environment_parameters(parameters: dict[str, list[str]], rules: dict[str, dict]) -> dict[str, str]:
    return {f"SSM_{name}": values[0] for name, values in parameters.items()
            if rules[name].get("interpolationType") == "ENV_VAR"}


def applies_here(step: dict) -> bool:
    """A step's precondition: all of its StringEquals pairs hold on Linux."""
    pair = (step.get("precondition") or {}).get("StringEquals")
    return pair is None or sorted(pair) == ["Linux", "platformType"]


# ---- running a document


class Run:
    """One command on this host."""

    def __init__(self, message: dict, directory: Path, node: dict[str, str]) -> None:
        self.command_id: str = message["commandId"]
        self._document: dict = message["document"]
        self._parameters: dict[str, list[str]] = message["parameters"]
        self._directory = directory / self.command_id
        self._node = node
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()
        _kill_group(self._process)

    def execute(self) -> tuple[str, list[Result]]:
        results: list[Result] = []
        for step in self._document["mainSteps"]:
            result = self._step(step)
            results.append(result)
            if result.status in ("TimedOut", "Cancelled"):
                break
            if result.status == "Failed" and step.get("onFailure") == "exit":
                break
        return _overall(results), results

    def _step(self, step: dict) -> Result:
        if self._cancelled.is_set():
            return Result("Cancelled", -1)
        if not applies_here(step):
            return Result("Success", 0, stdout="Step execution skipped due to unsatisfied preconditions: "
                                               '"StringEquals": [platformType, Linux]')
        if step["action"] != "aws:runShellScript":
            return Result("Failed", 1, stderr=f"Plugin with name {step['action']} is not supported by this agent.")
        rules = self._document.get("parameters") or {}
        inputs = interpolate(step["inputs"], self._parameters, rules)
        directory = self._directory / step["name"]
        directory.mkdir(parents=True, exist_ok=True)
        script = directory / "_script.sh"
        script.write_text("\n".join(str(line) for line in _as_lines(inputs.get("runCommand", []))) + "\n")
        script.chmod(0o700)
        seconds = str(inputs.get("timeoutSeconds", ""))
        return self._shell(script, inputs.get("workingDirectory") or str(directory),
                           int(seconds) if seconds.isdigit() else DEFAULT_STEP_SECONDS,
                           environment_parameters(self._parameters, rules))

    def _shell(self, script: Path, where: str, seconds: int, extra: dict[str, str]) -> Result:
        started = time.time()
        environment = {**os.environ, **extra, "AWS_SSM_INSTANCE_ID": self._node["nodeId"],
                       "AWS_SSM_REGION_NAME": self._node["region"]}
        with open(script.with_name("stdout"), "w+b") as out, open(script.with_name("stderr"), "w+b") as err:
            try:
                self._process = subprocess.Popen(["sh", "-c", str(script)], cwd=where, env=environment, stdout=out, stderr=err,
                                                 stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                return Result("Failed", 1, stderr=str(error), started=started)
            status, code = self._wait(self._process, seconds)
            return Result(status, code, _read(out), _read(err), started)

    def _wait(self, process: subprocess.Popen[bytes], seconds: int) -> tuple[str, int]:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _kill_group(process)
            process.wait()
            return "TimedOut", 137
        if self._cancelled.is_set():
            return "Cancelled", 137
        return ("Success" if code == 0 else "Failed"), code if code >= 0 else 128 - code


def _overall(results: list[Result]) -> str:
    statuses = [result.status for result in results]
    return next((status for status in ("Cancelled", "TimedOut", "Failed") if status in statuses), "Success")


def _kill_group(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _read(stream) -> str:
    stream.seek(0)
    return stream.read(OUTPUT_LIMIT).decode(errors="replace")


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


def distort(results: list[Result], faults: dict) -> None:
    for result in results:
        if "cutOutput" in faults:
            result.stdout = result.stdout[: faults["cutOutput"]]
        if faults.get("garbleOutput"):
            result.stdout = result.stdout[::-1]


# ---- the agent


class Agent:
    """Polls, runs, reports. What was acknowledged is remembered on disk: a command never runs twice by itself."""

    def __init__(self, state: Path) -> None:
        self._registration = json.loads((state / "registration.json").read_text())
        identity = {key: self._registration[key] for key in ("nodeId", "secret", "region")}
        self._service = Service(self._registration["endpoint"], identity)
        self._faults = Faults(state)
        self._seen = state / "seen"
        self._work = state / "orchestration"
        self._seen.mkdir(parents=True, exist_ok=True)
        self._runs: dict[str, Run] = {}
        self._cancelled: list[str] = []
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def run(self) -> None:
        logger.info("%s runs, asking %s", self._registration["nodeId"], self._registration["endpoint"])
        while not self.stopped.is_set():
            with self._lock:
                running = len(self._runs)
            # With all workers busy the poll still carries cancels and proves that we live.
            answer = self._service.patiently("poll", {"running": running, "cancelled": self._cancelled[-100:],
                                                      "facts": facts(self._registration["endpoint"]),
                                                      "waitSeconds": POLL_SECONDS if running < WORKERS else 1}, self.stopped)
            if answer is None:
                return
            for command_id in answer["cancel"]:
                self._cancel(command_id)
            for message in answer["run"]:
                self._start(message)

    def _cancel(self, command_id: str) -> None:
        self._cancelled.append(command_id)
        with self._lock:
            run = self._runs.get(command_id)
        if run:
            run.cancel()

    def _start(self, message: dict) -> None:
        command_id = message["commandId"]
        mark = self._seen / command_id
        with self._lock:
            if command_id in self._runs or mark.exists():
                return
            run = Run(message, self._work, self._registration)
            self._runs[command_id] = run
        mark.touch()
        threading.Thread(target=self._carry_out, args=(run, message), name=command_id[:8]).start()

    def _carry_out(self, run: Run, message: dict) -> None:
        try:
            faults = self._faults.take()
            if not faults.get("dropAcknowledge"):
                answer = self._service.patiently("acknowledge", {"commandId": run.command_id}, self.stopped)
                if not answer or not answer["start"]:
                    return
            status, results = run.execute()
            if faults.get("runTwice"):
                status, results = Run(message, self._work / "again", self._registration).execute()
            distort(results, faults)
            if faults.get("dropReport"):
                return
            self.stopped.wait(faults.get("delayReportSeconds", 0))
            report = {"commandId": run.command_id, "status": status, "steps": [asdict(result) for result in results]}
            self._service.patiently("report", report, self.stopped)
        except Refused as error:
            logger.warning("%s: the service refused: %s", run.command_id, error)
        except Exception:
            logger.exception("%s failed in the agent", run.command_id)
        finally:
            with self._lock:
                self._runs.pop(run.command_id, None)


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
