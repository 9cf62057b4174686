"""The checks of enrolment: what was looked at, whether it holds, and what to do where it does not."""

import email.utils
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Optional

from .accel import Accel
from .place import Place

GIB = 1 << 30
LIBVIRT_FLOOR = 9_000_000
FREE_FLOOR_GIB = 5.0
SKEW_LIMIT = 10.0


def check(name: str, ok: bool, detail: str, fix: str, required: bool = False) -> dict:
    """One check; what to do is told only where it fails."""
    found = {"name": name, "ok": ok, "required": required, "detail": detail}
    return found if ok else {**found, "fix": fix}


def libvirt_check(number: int, text: str) -> dict:
    """libvirt 9.0 (Debian 12) is the floor."""
    return check(
        "libvirt", number >= LIBVIRT_FLOOR, f"libvirt {text}", "Upgrade to libvirt 9.0 or newer (Debian 12).", True
    )


def qemu_check(text: str) -> dict:
    """QEMU answers through libvirt; qemu-img makes the clones."""
    found = shutil.which("qemu-img", path="/usr/bin")
    detail = f"QEMU {text}" + ("" if found else ", no /usr/bin/qemu-img")
    return check("qemu", bool(found), detail, "Install it: apt-get install qemu-utils (dnf install qemu-img).", True)


def pool_check(place: Place) -> dict:
    """The pool can be written, and how much is free."""
    usage = shutil.disk_usage(place.pool)
    return check(
        "pool",
        usage.free >= FREE_FLOOR_GIB * GIB,
        f"{place.pool}: {usage.free / GIB:.1f} of {usage.total / GIB:.1f} GiB free",
        f"Free at least {FREE_FLOOR_GIB:.0f} GiB there, or mount a larger disk at it.",
    )


def network_check(names: "list[str]") -> dict:
    """VMs need a network that is up; `default` is what they get unasked."""
    return check(
        "network",
        "default" in names,
        f"active networks: {', '.join(names) or 'none'}",
        "virsh net-start default && virsh net-autostart default; or name another network at each create.",
    )


def guests_check(etc: Path = Path("/etc/default")) -> dict:
    """What happens to running guests when the host shuts down (libvirt-guests)."""
    try:
        lines = (etc / "libvirt-guests").read_text().splitlines()
    except OSError:
        lines = []
    values = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    on_shutdown = values.get("ON_SHUTDOWN", "suspend").strip("'\"")
    enabled = _says("systemctl", "is-enabled", "libvirt-guests") == "enabled"
    detail = f"libvirt-guests is {'on' if enabled else 'not on'}, ON_SHUTDOWN={on_shutdown}"
    return check(
        "host shutdown",
        enabled and on_shutdown == "shutdown",
        detail,
        "So that guests are shut down cleanly with the host: set ON_SHUTDOWN=shutdown in /etc/default/libvirt-guests"
        " and systemctl enable --now libvirt-guests.",
    )


def plane_check(api_url: str, proxy: Optional[str]) -> "list[dict]":
    """Whether the host reaches the plane, and whether their clocks agree (commands carry a time to begin by)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {}))
    fix = f"Let the host reach {api_url} by https; with a proxy, enrol with --proxy."
    try:
        with opener.open(f"{api_url.rstrip('/')}/v1/health", timeout=10) as response:
            date = response.headers.get("Date")
    except urllib.error.HTTPError as error:
        date = error.headers.get("Date")
    except (OSError, ValueError) as error:
        return [check("plane", False, f"{api_url} cannot be reached: {error}", fix, True)]
    reached = check("plane", True, f"{api_url} answers", fix, True)
    if not date:
        return [reached]
    skew = abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time())
    fix = "Set the clock: apt-get install systemd-timesyncd (or chrony), then timedatectl set-ntp true."
    return [reached, check("clock", skew <= SKEW_LIMIT, f"{skew:.0f} s from the plane's clock", fix, True)]


def agent_check() -> dict:
    """The agent gave the parameters as environment variables, so it is new enough; its version where it tells it."""
    said = _says("amazon-ssm-agent", "-version") or _says("/snap/amazon-ssm-agent/current/amazon-ssm-agent", "-version")
    return check("agent", True, said or "it passes parameters as environment variables", "", True)


def accel_check(accel: Accel) -> dict:
    """Emulated guests are many times slower: a person must see it."""
    fixes = {
        "tcg": "Guests are emulated, many times slower. Switch on virtualisation in the firmware (or nested "
        "virtualisation), load kvm_intel or kvm_amd, then enrol again.",
        "none": "No guest boots here; see the reason, mend it, then enrol again.",
    }
    detail = accel.kind + (f" ({accel.reason})" if accel.reason else "")
    return check("acceleration", accel.kind == "kvm", detail, fixes.get(accel.kind, ""), accel.kind == "none")


def _says(*line: str) -> str:
    try:
        done = subprocess.run(line, capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip()[:200]
