"""What the agent tells of its machine."""

from __future__ import annotations

import platform
import re
import socket

AGENT_VERSION = "3.3.3050.0"


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
