"""libvirt's events: the loop that brings them, and their lifecycle in our words."""

from typing import Optional

import libvirt

# libvirt's event: our kind, and its words for the detail's number
_EVENTS = {
    libvirt.VIR_DOMAIN_EVENT_DEFINED: ("defined", ("added", "updated", "renamed", "from-snapshot")),
    libvirt.VIR_DOMAIN_EVENT_UNDEFINED: ("undefined", ("removed", "renamed")),
    libvirt.VIR_DOMAIN_EVENT_STARTED: ("started", ("booted", "migrated", "restored", "from-snapshot", "wakeup")),
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: (
        "paused",
        ("paused", "migrated", "ioerror", "watchdog", "restored", "from-snapshot", "api-error", "postcopy", "postcopy-failed"),
    ),
    libvirt.VIR_DOMAIN_EVENT_RESUMED: ("resumed", ("unpaused", "migrated", "from-snapshot", "postcopy")),
    libvirt.VIR_DOMAIN_EVENT_STOPPED: (
        "stopped",
        ("shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from-snapshot"),
    ),
    libvirt.VIR_DOMAIN_EVENT_SHUTDOWN: ("shutdown", ("finished", "guest", "host")),
    libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED: ("paused", ("memory", "disk")),
    libvirt.VIR_DOMAIN_EVENT_CRASHED: ("crashed", ("panicked", "crashloaded")),
}


def lifecycle(event: int, detail: int) -> "Optional[tuple[str, str]]":
    """Kind and reason of an event by libvirt's numbers; None for one that nobody here waits for."""
    if event not in _EVENTS:
        return None
    kind, reasons = _EVENTS[event]
    reason = reasons[detail] if detail < len(reasons) else str(detail)
    return ("crashed" if kind == "stopped" and reason in ("crashed", "failed") else kind), reason


def run_events() -> None:
    """Turns libvirt's event loop, for ever."""
    # a timer keeps the loop turning, so that a closed connection is noticed
    libvirt.virEventAddTimeout(1000, lambda *_: None, None)
    while True:
        libvirt.virEventRunDefaultImpl()
