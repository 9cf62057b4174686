"""Asks libvirt what it counts of all domains that run, at once and without waiting for any of them."""

import time
from itertools import islice
from typing import Iterator, Mapping, NamedTuple, Optional

import libvirt

from .aside import Aside
from .domain_metrics import ASKED, Stats
from .domains import connect, mark_of_domain
from .place import Place

# A busy host takes seconds to ask all its guests; both tries together end before the next sample is due.
PATIENCE = 5.0
TRIES = 2
# NOWAIT goes past a guest that somebody waits for already, so a guest that hangs takes the question which meets it first and no
# other. libvirtd answers five of one connection at a time (max_client_requests).
QUESTIONS = 5
_HOW = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


class Domain(NamedTuple):
    """One domain that runs: whose VM it is, where it is ours, and libvirt's figures."""

    vm_id: Optional[str]
    stats: Stats


class Domains(NamedTuple):
    """All that run, by UUID, at one moment of the monotonic clock."""

    moment: float
    found: Mapping[str, Domain]


class DomainWatch:
    """A connection of its own: whatever hangs on it delays neither beats nor events."""

    def __init__(self, place: Place):
        self._installation = place.installation
        self._questions = [Aside("metrics-question") for _ in range(QUESTIONS)]
        self._connection: Optional["libvirt.virConnect"] = None
        self._moment = 0.0
        # by UUID and run: a mark is of the definition that a run was started with
        self._vm_ids: "dict[tuple[str, int], Optional[str]]" = {}

    def look(self) -> Optional[Domains]:
        """What runs now, or since the last look where libvirt is slow; None where it is away, or has not answered."""
        late = [self._answer(question, 0) for question in self._questions]
        now = (self._answer(question, PATIENCE) for question in islice(self._begun(), TRIES))
        found = next(filter(None, now), None) or max(filter(None, late), key=lambda each: each.moment, default=None)
        if found is None or found.moment <= self._moment:
            return None
        self._moment = found.moment
        return found

    def _begun(self) -> "Iterator[Aside[Domains]]":
        """One more each time, while there are any that nothing hangs in."""
        return (question for question in self._questions if question.begin(self._ask))

    def _answer(self, question: "Aside[Domains]", seconds: float) -> Optional[Domains]:
        try:
            return question.take(seconds)
        except libvirt.libvirtError:
            self._connection = None
            return None

    def _ask(self) -> Domains:
        found = self._connected().getAllDomainStats(ASKED, _HOW)
        moment = time.monotonic()
        known, self._vm_ids = self._vm_ids, {}
        domains = {}
        for domain, stats in found:
            run = domain.UUIDString(), domain.ID()
            self._vm_ids[run] = vm_id = known[run] if run in known else self._vm_id_of(domain)
            domains[run[0]] = Domain(vm_id, stats)
        return Domains(moment, domains)

    def _connected(self) -> "libvirt.virConnect":
        connection = self._connection
        if connection is None:
            connection = connect()
            connection.setKeepAlive(5, 3)
            self._connection = connection
        return connection

    def _vm_id_of(self, domain: "libvirt.virDomain") -> Optional[str]:
        mark = mark_of_domain(domain)
        return mark.vm_id if mark and mark.installation == self._installation else None
