"""Why guests are paused by their disks: libvirt tells it once, in an event of its own just before that of the pause."""

# The plane takes no longer one.
REASON_LENGTH = 200


class IoErrors:
    """The first error that paused each domain since it ran last."""

    def __init__(self) -> None:
        self._causes: "dict[str, str]" = {}

    def note(self, uuid: str, disk: str, reason: str) -> None:
        """An error that pauses the domain. libvirt's reason is `enospc` or empty."""
        self._causes.setdefault(uuid, f"{reason or 'unspecified error'} on {disk}")

    def forget(self, uuid: str) -> None:
        """It runs again, or is off."""
        self._causes.pop(uuid, None)

    def reason_of(self, uuid: str, reason: str) -> str:
        """The reason of a domain's state, with disk and cause where it is an error of a disk: `ioerror: enospc on /pool/a`."""
        cause = self._causes.get(uuid) if reason == "ioerror" else None
        return f"{reason}: {cause}"[:REASON_LENGTH] if cause else reason
