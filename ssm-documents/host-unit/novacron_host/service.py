"""Keeps the unit running: by systemd where it runs, else by a small supervisor of our own."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .place import Place, clean_environment, write_whole

RESTART_SECONDS = (1.0, 2.0, 5.0, 15.0)
_SYSTEMD = Path("/run/systemd/system")
_UNITS = Path("/etc/systemd/system")

_UNIT_FILE = """[Unit]
Description=NovaCron host unit of installation {installation}
After=network-online.target libvirtd.service
Wants=network-online.target

[Service]
ExecStart=/usr/bin/python3 -I {program} {installation} unit
Restart=always
RestartSec=2
TimeoutStopSec=15
NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=full
ReadWritePaths={settings}

[Install]
WantedBy=multi-user.target
"""


def start(place: Place) -> None:
    """Starts the current version, in place of one that runs already."""
    program = place.code / "current"
    if _SYSTEMD.is_dir():
        text = _UNIT_FILE.format(installation=place.installation, program=program, settings=place.settings)
        write_whole(_UNITS / _name(place), text, 0o644)
        _systemctl("daemon-reload")
        _systemctl("enable", "--quiet", _name(place))
        _systemctl("restart", _name(place))
        return
    stop(place)
    line = ["/usr/bin/python3", "-I", str(program), place.installation, "supervise"]
    null = subprocess.DEVNULL
    subprocess.Popen(line, stdin=null, stdout=null, stderr=null, start_new_session=True, cwd="/", env=clean_environment())


def stop(place: Place) -> None:
    """Ends the service, if it runs; returns once it has ended."""
    if _SYSTEMD.is_dir():
        if (_UNITS / _name(place)).exists():
            _systemctl("disable", "--now", "--quiet", _name(place))
            (_UNITS / _name(place)).unlink()
            _systemctl("daemon-reload")
        return
    with open(_lock_file(place), "a+") as file:
        for _ in range(100):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                _end(file)
                time.sleep(0.1)
    raise TimeoutError("the supervisor of the host unit does not end")


def supervise(place: Place) -> None:
    """Runs the unit and runs it again when it ends, until this process is asked to end. One supervisor a host."""
    lock = open(_lock_file(place), "a+")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    line = ["/usr/bin/python3", "-I", str(place.code / "current"), place.installation, "unit"]
    failures = 0
    child = None

    def end(*_: object) -> None:
        if child:
            child.terminate()
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        began = time.monotonic()
        with open(place.state / "unit.log", "ab") as log:
            child = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        child.wait()
        failures = 0 if time.monotonic() - began > 60 else failures + 1
        time.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)])


def _end(file) -> None:
    """Asks the supervisor that holds the lock to end."""
    file.seek(0)
    text = file.read().strip()
    if text.isdigit():
        try:
            os.kill(int(text), signal.SIGTERM)
        except ProcessLookupError:
            pass


def _lock_file(place: Place) -> Path:
    place.state.mkdir(parents=True, exist_ok=True, mode=0o711)
    return place.state / "supervisor.lock"


def _name(place: Place) -> str:
    return f"novacron-{place.installation}.service"


def _systemctl(*words: str) -> None:
    subprocess.run(["/usr/bin/systemctl", *words], check=True, stdin=subprocess.DEVNULL, timeout=60)
