"""Runs one verb: reads the document's parameters, keeps the fence, prints the one line of answer."""

import importlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Callable, Mapping, NamedTuple

from . import PROTOCOL, answer
from .faults import Fault, from_os
from .fence import Fence, fenced
from .payload import domain_of, read_order
from .place import Place


class Verb(NamedTuple):
    """
    Where a verb's function is. `subject`: what its lock and journal are kept for; none = it changes nothing. `seconds`:
    how long it may take, so that what hangs ends by its name, before the document's own time-out. `resident`: it needs no
    more than libvirt and the journal, so the host unit may do it (resident.py).
    """

    module: str
    function: str
    subject: str
    seconds: int = 45
    resident: bool = False


UNDO = "undo-create-vm"
# Imported only when called: a verb pays for what it uses.
VERBS = {
    "create-vm": Verb("create", "create", "domain", 105),
    "start-vm": Verb("power", "start", "domain", resident=True),
    "stop-vm": Verb("power", "stop", "domain", resident=True),
    "reboot-vm": Verb("power", "reboot", "domain", resident=True),
    "reset-vm": Verb("power", "reset", "domain", resident=True),
    "remove-vm": Verb("removal", "remove", "domain"),
    "undelete-vm": Verb("removal", "undelete", "domain"),
    UNDO: Verb("removal", "undo_create", "domain"),
    "console-log": Verb("console", "console_log", "none"),
    "enrol-host": Verb("enrol", "enrol", "host", 280),
    "upgrade-unit": Verb("enrol", "upgrade_unit", "host", 105),
    "remove-unit": Verb("enrol", "remove_unit", "host"),
}
RESIDENT = frozenset(name for name, verb in VERBS.items() if verb.resident)
# What runs without a document: the service and what does verbs for it, what keeps it running and ends it, and what of a
# create or a stop goes on in the background.
PROGRAMS = {
    "unit": ("unit", "serve"),
    "answer-verbs": ("resident", "answer_verbs"),
    "supervise": ("service", "supervise"),
    "start-unit": ("service", "start"),
    "stop-unit": ("service", "stop"),
    "fetch": ("create", "fetch_and_create"),
    "save": ("saving", "save"),
}


def run(place: Place, name: str, env: Mapping[str, str]) -> dict:
    """The answer of a verb; every failure that has a name is an answer too."""
    try:
        verb = VERBS.get(name)
        if not verb:
            raise Fault("InvalidRequest", f"no verb {name!r}")
        _refuse_other_protocol(env.get("SSM_Unit", ""), name)
        if verb.subject == "none":
            domain = domain_of(env)
            return attempt(lambda: _function(verb)(place, domain, env))
        order = read_order(env, needs_domain=verb.subject == "domain")
        fence = Fence(place, order.domain or "host")
        return fenced(fence, order, lambda: attempt(lambda: _function(verb)(place, order)), undoes=name == UNDO)
    except Fault as fault:
        return answer.failure(fault.name, fault.detail)
    except OSError as error:
        return answer.failure(*_named(from_os(error)))


def attempt(act: Callable[[], dict]) -> dict:
    """What came of doing it, as an answer: libvirt's and the system's errors under our names."""
    try:
        return answer.success(act())
    except Fault as fault:
        return answer.failure(fault.name, fault.detail)
    except OSError as error:
        return answer.failure(*_named(from_os(error)))
    except subprocess.TimeoutExpired as error:
        return answer.failure("TimedOut", f"{error.cmd[0]} does not end: is the host's disk still answering?")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        import traceback

        traceback.print_exc()
        detail = f"the payload lacks {error}" if isinstance(error, KeyError) else f"the payload does not fit: {error}"
        return answer.failure("InvalidRequest", detail)
    except Exception as error:  # libvirt is imported by the verbs that need it, so its error is told by its method
        if not hasattr(error, "get_error_code"):
            raise
        from .faults import from_libvirt

        return answer.failure(*_named(from_libvirt(error)))


def main() -> None:
    """`<installation> <verb>`: prints the verb's answer, or runs the program of that name."""
    if len(sys.argv) < 3:
        sys.exit("usage: python3 -I <directory of the host unit> <installation> <verb>")
    os.umask(0o022)
    place = Place(sys.argv[1])
    if sys.argv[2] in PROGRAMS:
        module, function = PROGRAMS[sys.argv[2]]
        getattr(importlib.import_module(f"novacron_host.{module}"), function)(place, *sys.argv[3:])
        return
    sys.exit(carry_out(place, sys.argv[2], os.environ, lambda said: print(answer.line(said), flush=True)))


def carry_out(place: Place, name: str, env: Mapping[str, str], tell: Callable[[dict], None]) -> int:
    """Runs a verb and tells its one answer, at the end of the verb's time at the latest, which ends this process; the exit code."""
    answering = threading.Lock()
    verb = VERBS.get(name)
    if verb:
        _end_after(verb.seconds, answering, tell)
    said = run(place, name, env)
    answering.acquire()
    tell(said)
    return answer.exit_code(said)


def version() -> str:
    """`<protocol>-<digest of the package>`, written at packing; `<protocol>-source` when run from its sources."""
    file = Path(__file__).resolve().parent.parent / "VERSION"
    return file.read_text().strip() if file.exists() else f"{PROTOCOL}-source"


def _function(verb: Verb) -> Callable[..., dict]:
    try:
        return getattr(importlib.import_module(f"novacron_host.{verb.module}"), verb.function)
    except ModuleNotFoundError as error:
        raise Fault("HostFault", f"python3 on the host has no {error.name}: apt-get install python3-libvirt") from error


def _end_after(seconds: float, answering: threading.Lock, tell: Callable[[dict], None]) -> None:
    """Ends this process where libvirt, or a guest's QEMU, does not answer it; whoever has `answering` gives the one answer."""

    def end() -> None:
        answering.acquire()
        detail = f"it is not done after {seconds:.0f} s: libvirtd, the guest's QEMU or a disk of the host hangs"
        said = answer.failure("TimedOut", detail)
        tell(said)
        os._exit(answer.exit_code(said))

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


def _refuse_other_protocol(wanted: str, verb: str) -> None:
    protocol = wanted.partition("-")[0]
    if protocol and protocol != str(PROTOCOL) and verb not in ("enrol-host", "remove-unit"):
        detail = f"the plane speaks to host unit {wanted}, here is {version()}; it upgrades it within minutes"
        raise Fault("HostUnitOutdated", detail)


def _named(fault: Fault):
    return fault.name, fault.detail
