"""The host unit: forwards libvirt's events as they happen, tells readiness, beats, measures. It never stops or restarts anything."""

import queue
import signal
import sys
import threading
import time
from typing import Optional

import libvirt

from . import identity
from .aside import Aside
from .command import version
from .domains import connect, mark_of_domain
from .holdings import Holdings
from .inventory import AddressBook, facts, inventory
from .io_errors import IoErrors
from .late import Late
from .lifecycle import lifecycle, run_events
from .metrics import Watch
from .metrics_queue import MetricsQueue
from .metrics_sender import MetricsSender
from .outbox import Outbox
from .payload import now_text
from .place import Place
from .readiness import Readiness, serial_tail_of
from .resident import Resident
from .sender import Sender

INVENTORY_SECONDS = 60.0
TICK = 1.0
RECONNECT_SECONDS = 2.0
# Reports go without an inventory where a guest keeps us waiting longer.
LOOK_SECONDS = 20.0


class Unit:
    """One connection to libvirt and what follows from its events; lives as long as the service."""

    def __init__(self, place: Place):
        self._place = place
        self._outbox = Outbox(place)
        self._sender = Sender(place, self._outbox)
        self._metrics_sender = MetricsSender(place, MetricsQueue(place))
        self._watch = Watch(place, self._outbox, self._metrics_sender)
        self._happened: "queue.Queue[dict]" = queue.Queue()
        self._readiness = Readiness(place)
        self._book = AddressBook(place.installation)
        self._io_errors = IoErrors()
        self._holdings = Holdings(place)
        self._late = Late(place)
        self._resident = Resident(place)
        self._opening: "Aside[libvirt.virConnect]" = Aside("opening")
        self._looking: "Aside[list[dict]]" = Aside("looking")
        self._asking: "Aside[None]" = Aside("asking")
        self._connection: Optional["libvirt.virConnect"] = None
        self._lost = threading.Event()
        self._reported = 0.0
        self._beat = 0.0
        self._away_since: Optional[str] = None

    def serve(self) -> None:
        """Runs until the process is ended."""
        libvirt.virEventRegisterDefaultImpl()
        threading.Thread(target=run_events, name="events", daemon=True).start()
        for thread in (self._sender, self._metrics_sender, self._watch):
            thread.start()
        while True:
            self._resident.tend()
            self._turn_or_wait()

    def _turn_or_wait(self) -> None:
        try:
            if self._connection is None:
                self._connect()
            self._turn()
        except libvirt.libvirtError as error:
            print(f"libvirt: {error}", file=sys.stderr)
            self._away_since = self._away_since or now_text()
            self._drop()
            time.sleep(RECONNECT_SECONDS)

    def _connect(self) -> None:
        self._opening.begin(connect)
        connection = self._opening.take(RECONNECT_SECONDS)
        if connection is None:
            raise libvirt.libvirtError("libvirtd does not answer")
        connection.setKeepAlive(5, 3)
        connection.registerCloseCallback(lambda *_: self._lost.set(), None)
        for event, callback in (
            (libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, self._on_io_error),
            (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._on_lifecycle),
            (libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, self._on_reboot),
        ):
            connection.domainEventRegisterAny(None, event, callback, None)
        self._connection = connection
        self._away_since = None
        self._lost.clear()
        self._reported = 0.0
        for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE):
            self._readiness.meet(domain)

    def _drop(self) -> None:
        """libvirtd is away: beats go on (the host lives), without an inventory, and tell since when."""
        self._connection = None
        self._report_if_due([])

    def _turn(self) -> None:
        """Waits for events at most a second, then reports what there is."""
        if self._lost.is_set() or self._connection is None:
            raise libvirt.libvirtError("the connection was closed")
        events = self._collected()
        events += [self._told(*told) for told in self._readiness.verdicts(self._connection)]
        results = self._late.interrupted() or self._outbox.results()
        self._ask_agents(self._connection)
        now = time.monotonic()
        inventory_due = bool(events) or now - self._reported > INVENTORY_SECONDS
        if inventory_due or results or now - self._beat > self._sender.beat_seconds:
            self._report(events, with_inventory=inventory_due)

    def _ask_agents(self, connection: "libvirt.virConnect") -> None:
        """An agent answers when its guest is down, which may take a minute."""
        self._asking.forget()
        self._asking.begin(lambda: self._late.ask_agents(connection))

    def _look(self, connection: "libvirt.virConnect", events: "list[dict]") -> "Optional[list[dict]]":
        """
        The inventory. Where a guest keeps us waiting `events`, and what happens meanwhile, are told without it, and beats go on.
        None where that guest hangs: what is known later is old by then.
        """
        self._looking.forget()
        if not self._looking.begin(lambda: inventory(connection, self._book, self._io_errors)):
            return None
        deadline = time.monotonic() + LOOK_SECONDS
        found = self._looking.take(TICK)
        while found is None and time.monotonic() < deadline:
            self._report_if_due(events)
            events[:] = self._collected()
            found = self._looking.take(0)
        return found

    def _report_if_due(self, events: "list[dict]") -> None:
        if events or time.monotonic() - self._beat > self._sender.beat_seconds:
            self._report(events, with_inventory=False)

    def _collected(self) -> "list[dict]":
        events = []
        try:
            events.append(self._happened.get(timeout=TICK))
            while len(events) < 500:
                events.append(self._happened.get(timeout=0.05))  # what comes together is told together
        except queue.Empty:
            pass
        for event in events:
            self._follow(event)
        return events

    def _follow(self, event: dict) -> None:
        """Begins or ends the wait for readiness."""
        self._book.forget(event["domain"])
        if event["kind"] in ("stopped", "crashed", "undefined"):
            self._readiness.end(event["domain"])
        begin = {"started": self._readiness.begin, "resumed": self._readiness.resume}.get(event["kind"])
        if not begin or self._connection is None:
            return
        try:
            begin(self._connection.lookupByUUIDString(event["domain"]))
        except libvirt.libvirtError:
            pass  # it is gone again; its own event says so

    def _report(self, events: "list[dict]", with_inventory: bool) -> None:
        seen = now_text()
        found = self._look(self._connection, events) if with_inventory and self._connection is not None else None
        self._beat = time.monotonic()
        report = {"unitVersion": version(), "events": events}
        if self._away_since is not None:
            report["libvirtAwaySince"] = self._away_since
        if found is not None and self._connection is not None:
            report["inventory"], report["seenAt"] = found, seen
            report["facts"] = {**facts(self._place, self._connection), **self._holdings.news()}
            if self._sender.is_identity_wanted:
                report["facts"]["identity"] = identity.last_link(self._place)
                self._sender.is_identity_wanted = False
        if with_inventory:
            self._reported = self._beat
        # a beat without news is not worth keeping: while others wait to be sent, they are the beat
        if events or with_inventory or self._outbox.first() is None:
            self._outbox.put(report)
        self._sender.wake()

    def _told(self, uuid: str, watch, verdict) -> dict:
        self._book.note(uuid, verdict.addresses)
        event = {
            "at": now_text(),
            "domain": uuid,
            "vmId": watch.mark.vm_id,
            "kind": verdict.kind,
            "reason": verdict.reason,
            "addresses": verdict.addresses,
        }
        return {**event, "serialTail": verdict.tail} if verdict.tail is not None else event

    def _on_lifecycle(self, _connection, domain, event: int, detail: int, _opaque) -> None:
        """Runs on the event thread: notes, and asks libvirt for no more than the mark."""
        told = lifecycle(event, detail)
        if not told:
            return
        kind, reason = told
        if kind in ("resumed", "stopped", "crashed"):
            self._io_errors.forget(domain.UUIDString())
        self._note(domain, kind, self._io_errors.reason_of(domain.UUIDString(), reason))

    def _on_io_error(self, _connection, domain, path: str, alias: str, action: int, reason: str, _opaque) -> None:
        """Runs on the event thread, before the pause that it explains; a disk that is no file is known by its alias."""
        if action == libvirt.VIR_DOMAIN_EVENT_IO_ERROR_PAUSE:
            self._io_errors.note(domain.UUIDString(), path or alias, reason)

    def _on_reboot(self, _connection, domain, _opaque) -> None:
        """A reboot is a boot: the plane makes readiness an open question by it, and a new wait begins."""
        self._note(domain, "started", "rebooted")

    def _note(self, domain, kind: str, reason: str) -> None:
        event = {"at": now_text(), "domain": domain.UUIDString(), "kind": kind, "reason": reason}
        mark = mark_of_domain(domain)
        if mark and mark.installation == self._place.installation:
            event["vmId"] = mark.vm_id
        if kind == "crashed":
            event["serialTail"] = serial_tail_of(domain)
        self._happened.put(event)


def serve(place: Place) -> None:
    """The service's program."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Unit(place).serve()
