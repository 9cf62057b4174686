"""Runs one Command document, in a process of its own: the agent may stop and start meanwhile, as amazon-ssm-agent may.

    worker.py DIRECTORY    DIRECTORY/message.json in, DIRECTORY/result.json out; SIGTERM cancels
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

OUTPUT_LIMIT = 1_000_000
DEFAULT_STEP_SECONDS = 3600
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_-]+)\s*\}\}")


@dataclass
class Result:
    """What a step did."""

    status: str
    code: int
    stdout: str = ""
    stderr: str = ""
    started: float = field(default_factory=time.time)
    ended: float = field(default_factory=time.time)


# ---- what a document says to do


def interpolate(value: object, parameters: dict[str, list[str]], rules: dict[str, dict]) -> object:
    """Put parameters into a step's inputs as the agent does.

    A parameter of `interpolationType: ENV_VAR` never enters the script's text: AWS documents that "the system creates an
    environment variable named SSM_parameter-name containing the parameter value", and `{{ name }}` becomes a reference
    to it. How exactly that reference is written is not documented; `${SSM_name}` is taken here. Scripts that read
    "$SSM_name" themselves do not depend on it.
    """
    if isinstance(value, list):
        return [line for one in value for line in as_lines(interpolate(one, parameters, rules))]
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


def as_lines(value: object) -> list:
    return value if isinstance(value, list) else [value]


def environment_parameters(parameters: dict[str, list[str]], rules: dict[str, dict]) -> dict[str, str]:
    return {f"SSM_{name}": values[0] for name, values in parameters.items()
            if rules[name].get("interpolationType") == "ENV_VAR"}


def applies_here(step: dict) -> bool:
    """A step's precondition: its StringEquals pair holds on Linux."""
    pair = (step.get("precondition") or {}).get("StringEquals")
    return pair is None or sorted(pair) == ["Linux", "platformType"]


# ---- doing it


class Run:
    """One document on this host."""

    def __init__(self, message: dict, directory: Path) -> None:
        self._document: dict = message["document"]
        self._parameters: dict[str, list[str]] = message["parameters"]
        self._node: dict[str, str] = message["node"]
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def cancel(self, *_: object) -> None:
        self._cancelled = True
        kill_group(self._process)

    def execute(self) -> dict:
        results: list[Result] = []
        for step in self._document["mainSteps"]:
            result = self._step(step)
            results.append(result)
            if result.status in ("TimedOut", "Cancelled"):
                break
            if result.status == "Failed" and step.get("onFailure") == "exit":
                break
        return {"status": overall(results), "steps": [asdict(result) for result in results]}

    def _step(self, step: dict) -> Result:
        if self._cancelled:
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
        script.write_text("\n".join(str(line) for line in as_lines(inputs.get("runCommand", []))) + "\n")
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
            return Result(status, code, read(out), read(err), started)

    def _wait(self, process: subprocess.Popen[bytes], seconds: int) -> tuple[str, int]:
        if self._cancelled:  # asked for between the look before the step and its start
            kill_group(process)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(process)
            process.wait()
            return "TimedOut", 137
        if self._cancelled:
            return "Cancelled", 137
        return ("Success" if code == 0 else "Failed"), code if code >= 0 else 128 - code


def overall(results: list[Result]) -> str:
    statuses = [result.status for result in results]
    return next((status for status in ("Cancelled", "TimedOut", "Failed") if status in statuses), "Success")


def kill_group(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def read(stream) -> str:
    stream.seek(0)
    return stream.read(OUTPUT_LIMIT).decode(errors="replace")


def main(directory: Path) -> None:
    """Run what message.json says; leave result.json, whole or not at all."""
    message = json.loads((directory / "message.json").read_text())
    for again in range(message["times"]):
        run = Run(message, directory / f"run-{again}")
        signal.signal(signal.SIGTERM, run.cancel)
        if (directory / "cancel").exists():
            run.cancel()
        result = run.execute()
    fresh = directory / "result.json.new"
    fresh.write_text(json.dumps(result))
    fresh.replace(directory / "result.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
