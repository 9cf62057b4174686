"""Assemble the emulator: ministack's gateway with what we add to it, its life from start to the last save."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import IO

from emulator.settings import Settings

PORT_TAKEN = 3


def run(settings: Settings) -> None:
    """Serve until SIGTERM."""
    _refuse_taken_port(settings.port)
    announce, complain = _take_over_output(settings)
    try:
        _empty_scratch(Path(os.environ["TMPDIR"]))
        # Only now: ministack reads the environment and configures logging when it is imported.
        from emulator.edge import serve

        serve(settings, on_ready=lambda: _say(announce, {"ready": True, "endpoint": settings.endpoint, "pid": os.getpid()}))
    except (Exception, SystemExit) as error:
        logging.getLogger("emulator").exception("ended")
        print(f"The embedded AWS failed ({type(error).__name__}: {error}); see {settings.log}.", file=complain)
        raise SystemExit(1) from None


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            print(f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}): stop what holds it or choose another.",
                  file=sys.stderr)
            raise SystemExit(PORT_TAKEN) from None


def _take_over_output(settings: Settings) -> tuple[IO[str], IO[str]]:
    """Send everything printed from here on to the log; what is returned are the real stdout and stderr."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    if settings.log.exists():
        settings.log.replace(settings.log.with_suffix(".log.1"))
    real = os.fdopen(os.dup(1), "w", buffering=1), os.fdopen(os.dup(2), "w", buffering=1)
    log_file = os.open(settings.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log_file, 1)
    os.dup2(log_file, 2)
    os.close(log_file)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
    return real


def _empty_scratch(scratch: Path) -> None:
    """Unpacked Lambda code of a killed predecessor would stay for ever.

    A package.json of its own ends Node's search for one: the scratch lies in a clone whose modules are ES modules, and a
    Lambda's `.js` is CommonJS unless its own package says otherwise.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    (scratch / "package.json").write_text(json.dumps({"type": "commonjs"}))


def _say(stream: IO[str], fact: dict[str, object]) -> None:
    try:
        print(json.dumps(fact), file=stream, flush=True)
    except OSError:  # whoever started us has gone
        logging.getLogger("emulator").info("nobody reads the ready line")
