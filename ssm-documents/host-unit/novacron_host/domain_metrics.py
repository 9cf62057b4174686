"""A domain's metrics, from two looks at what libvirt counts of it (virConnectGetAllDomainStats)."""

from typing import Mapping, Optional

import libvirt

from .counters import growth, known, ratio, share

# What is asked of libvirt; `cpu-total` is not: it counts what QEMU itself does too, and a VM's share is that of its vCPUs.
ASKED = (
    libvirt.VIR_DOMAIN_STATS_STATE
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
NANO = 1_000_000_000
KIB = 1024
Stats = Mapping[str, int]

_RATES = {
    "vm.disk.read.operations": ("block", "rd.reqs"),
    "vm.disk.write.operations": ("block", "wr.reqs"),
    "vm.disk.flush.operations": ("block", "fl.reqs"),
    "vm.disk.read.bytes": ("block", "rd.bytes"),
    "vm.disk.write.bytes": ("block", "wr.bytes"),
    "vm.network.receive.bytes": ("net", "rx.bytes"),
    "vm.network.transmit.bytes": ("net", "tx.bytes"),
    "vm.network.receive.packets": ("net", "rx.pkts"),
    "vm.network.transmit.packets": ("net", "tx.pkts"),
    "vm.network.dropped": ("net", "rx.drop", "tx.drop"),
    "vm.network.errors": ("net", "rx.errs", "tx.errs"),
}
# Nanoseconds that operations took, and how many they were.
_LATENCIES = {
    "vm.disk.read.latency": ("rd.times", "rd.reqs"),
    "vm.disk.write.latency": ("wr.times", "wr.reqs"),
    "vm.disk.flush.latency": ("fl.times", "fl.reqs"),
}


def runs(stats: Stats) -> bool:
    """Whether its vCPUs do, or would if they had anything to do."""
    return stats.get("state.state") in (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_BLOCKED)


def domain_values(before: Stats, now: Stats, seconds: float) -> "dict[str, float]":
    """
    Its metrics by the plane's names and units. `before` is empty for a domain that was not there: what is counted has no
    value then. libvirt leaves out what a guest that hangs, or is busy, would have to tell (NOWAIT): so does this.
    """
    rates = {
        name: ratio(growth(_by_device(before, group, fields), _by_device(now, group, fields)), seconds)
        for name, (group, *fields) in _RATES.items()
    }
    latencies = {name: _latency(before, now, *fields) for name, fields in _LATENCIES.items()}
    return known({**_cpu(before, now, seconds), **_memory(before, now), **rates, **latencies})


def _cpu(before: Stats, now: Stats, seconds: float) -> "dict[str, Optional[float]]":
    of_all = seconds * now.get("vcpu.current", 0) * NANO
    # Where the kernel does not count how long a vCPU waits libvirt says nought; one that has ever run has waited.
    delays = {key: wait for key, wait in _of_vcpus(now, "delay").items() if wait}
    return {
        "vm.cpu.utilization": share(growth(_of_vcpus(before, "time"), _of_vcpus(now, "time")), of_all),
        "vm.cpu.steal": share(growth(_of_vcpus(before, "delay"), delays), of_all),
    }


def _memory(before: Stats, now: Stats) -> "dict[str, Optional[float]]":
    # A guest whose driver has stopped telling leaves its last figures standing. Where it has not told since the look
    # before they prove nothing.
    told_anew = growth(_only(before, "balloon.last-update"), _only(now, "balloon.last-update"))
    return {
        "vm.memory.allocated": _bytes(now.get("balloon.current")),
        "vm.memory.resident": _bytes(now.get("balloon.rss")),
        "vm.memory.usage": _bytes(_in_use(now)) if told_anew else None,
    }


def _in_use(now: Stats) -> Optional[int]:
    """As the guest tells it, without what it could free; `unused` is all that drivers before Linux 4.6 tell of that."""
    available, free = now.get("balloon.available"), now.get("balloon.usable", now.get("balloon.unused"))
    return None if available is None or free is None else max(0, available - free)


def _only(stats: Stats, key: str) -> Stats:
    return {key: stats[key]} if key in stats else {}


def _latency(before: Stats, now: Stats, times: str, operations: str) -> Optional[float]:
    took, count = (growth(_by_device(before, "block", [of]), _by_device(now, "block", [of])) for of in (times, operations))
    mean = ratio(took, count)
    return None if mean is None else ratio(mean, NANO)


def _of_vcpus(stats: Stats, field: str) -> "dict[str, int]":
    # Of `vcpu.<n>.<field>`: newer ones tell more below it, as `vcpu.0.halt_wait_ns.sum`.
    keys = (key.split(".") for key in stats)
    return {".".join(key): stats[".".join(key)] for key in keys if key[0] == "vcpu" and key[2:] == [field]}


def _by_device(stats: Stats, group: str, fields: "list[str]") -> "dict[tuple[object, str], int]":
    """Fields of all disks or interfaces by their names: a number may be another device's a moment later."""
    found = {}
    for index in range(stats.get(f"{group}.count", 0)):
        name = stats.get(f"{group}.{index}.name", index)
        for field in fields:
            value = stats.get(f"{group}.{index}.{field}")
            if value is not None:
                found[name, field] = value
    return found


def _bytes(kib: Optional[int]) -> Optional[int]:
    return None if kib is None else kib * KIB
