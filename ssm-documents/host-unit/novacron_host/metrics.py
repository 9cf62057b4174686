"""Looks at the host and its domains every so often, and makes a sample of each two looks; never waits for a guest that hangs."""

import random
import threading
import time
from typing import NamedTuple, Optional

from .aside import Aside
from .complaint import Complaint
from .domain_metrics import domain_values, runs
from .domain_watch import Domains, DomainWatch
from .host_metrics import Host, host_values, pool_usage, read_host
from .metrics_sender import MetricsSender
from .outbox import Outbox
from .payload import now_text
from .place import Place

# How long the pool's file system is waited for.
POOL_SECONDS = 2.0
# As the plane takes at once; ours go first.
MOST_DOMAINS = 2000


class Look(NamedTuple):
    """What was seen at one time; without domains where libvirt did not answer."""

    at: str
    moment: float
    host: Host
    backlog: int
    domains: Optional[Domains]


def sample_of(before: Look, now: Look) -> Optional[dict]:
    """What the plane is told, or None where no time has passed between the two looks."""
    seconds = round(now.moment - before.moment, 3)
    if seconds <= 0:
        return None
    host = {**host_values(before.host, now.host, seconds), "host.agent.backlog": now.backlog}
    if now.domains is None:
        return {"at": now.at, "intervalSeconds": seconds, "host": host, "domains": []}
    host["host.vms.running"] = sum(runs(domain.stats) for domain in now.domains.found.values())
    return {"at": now.at, "intervalSeconds": seconds, "host": host, "domains": _told(before.domains, now.domains)}


def _told(before: Optional[Domains], now: Domains) -> "list[dict]":
    """Each domain over the time since libvirt answered last, which may be several looks ago."""
    earlier, seconds = (before.found, now.moment - before.moment) if before else ({}, 0.0)
    told = []
    for uuid, (vm_id, stats) in sorted(now.found.items(), key=lambda each: each[1].vm_id is None):
        values = domain_values(earlier[uuid].stats if uuid in earlier else {}, stats, seconds)
        told.append({"uuid": uuid, **({"vmId": vm_id} if vm_id else {}), "values": values})
    return told[:MOST_DOMAINS]


class Watch(threading.Thread):
    """Samples until the process ends, for as long as the plane wants them."""

    def __init__(self, place: Place, outbox: Outbox, sender: MetricsSender):
        super().__init__(name="metrics", daemon=True)
        self._place, self._outbox, self._sender = place, outbox, sender
        self._domains = DomainWatch(place)
        self._pool: "Aside[tuple[int, int]]" = Aside("pool")
        self._complaint = Complaint()

    def run(self) -> None:
        # hosts that started together do not send together
        time.sleep(random.uniform(0, self._sender.sample_seconds))
        before: Optional[Look] = None
        while True:
            began = time.monotonic()
            before = self.turn(before)
            time.sleep(max(1.0, began + self._sender.sample_seconds - time.monotonic()))

    def turn(self, before: Optional[Look]) -> Optional[Look]:
        """Looks once, and queues what that tells since the look before; the look to go on from."""
        if not self._sender.is_wanted():
            return None
        try:
            now = self._look()
            sample = sample_of(before, now) if before else None
            if sample:
                self._sender.put(sample)
        except (OSError, ValueError, LookupError) as error:
            self._complaint.tell("no sample is taken", repr(error))
            return None
        self._complaint.close()
        return now._replace(domains=now.domains or (before.domains if before else None))

    def _look(self) -> Look:
        pool = self._pool_usage()
        at, moment, host = now_text(), time.monotonic(), read_host(pool)
        return Look(at, moment, host, self._outbox.count(), self._domains.look())

    def _pool_usage(self) -> "Optional[tuple[int, int]]":
        self._pool.forget()
        self._pool.begin(lambda: pool_usage(self._place.pool))
        try:
            return self._pool.take(POOL_SECONDS)
        except OSError:
            return None  # it is not there (yet)
