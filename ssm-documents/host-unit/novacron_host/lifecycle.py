"""libvirt's events: the loop that brings them, and their lifecycle in our words."""

from typing import Optional

import libvirt

_KINDS = {
    libvirt.VIR_DOMAIN_EVENT_DEFINED: "defined",
    libvirt.VIR_DOMAIN_EVENT_UNDEFINED: "undefined",
    libvirt.VIR_DOMAIN_EVENT_STARTED: "started",
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: "paused",
    libvirt.VIR_DOMAIN_EVENT_RESUMED: "resumed",
    libvirt.VIR_DOMAIN_EVENT_STOPPED: "stopped",
    libvirt.VIR_DOMAIN_EVENT_SHUTDOWN: "shutdown",
    libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED: "paused",
    libvirt.VIR_DOMAIN_EVENT_CRASHED: "crashed",
}
_REASONS = {
    "defined": ("added", "updated", "renamed", "from-snapshot"),
    "undefined": ("removed", "renamed"),
    "resumed": ("unpaused", "migrated", "from-snapshot", "postcopy"),
    "started": ("booted", "migrated", "restored", "from-snapshot", "wakeup"),
    "paused": ("paused", "migrated", "ioerror", "watchdog", "restored", "from-snapshot", "api-error", "postcopy"),
    "stopped": ("shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot"),
    "shutdown": ("finished", "guest", "host"),
}


def lifecycle(event: int, detail: int) -> "Optional[tuple[str, str]]":
    """Kind and reason of an event by libvirt's numbers; None for one that nobody here waits for."""
    kind = _KINDS.get(event)
    if not kind:
        return None
    reasons = _REASONS.get(kind, ())
    reason = reasons[detail] if detail < len(reasons) else str(detail)
    return ("crashed" if kind == "stopped" and reason in ("crashed", "failed") else kind), reason


def run_events() -> None:
    """Turns libvirt's event loop, for ever."""
    # a timer keeps the loop turning, so that a closed connection is noticed
    libvirt.virEventAddTimeout(1000, lambda *_: None, None)
    while True:
        libvirt.virEventRunDefaultImpl()
