"""Commands on disk, and the worker processes that run them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WORKER = Path(__file__).resolve().with_name("worker.py")


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
