"""A host's metrics, from two looks at what its kernel counts."""

import os
import shutil
from pathlib import Path
from typing import Mapping, NamedTuple, Optional

from .counters import growth, known, ratio, share

# Linux counts them in /proc/diskstats, whatever a disk's own sectors are.
SECTOR = 512
KIB = 1024
Counters = Mapping[str, int]


class Host(NamedTuple):
    """One look: counters since boot, by name; memory in KiB, the pool in bytes where it could be asked."""

    cpu: Counters
    load: float
    memory: Counters
    reads: Counters
    writes: Counters
    received: Counters
    sent: Counters
    pool: "Optional[tuple[int, int]]"


def read_host(pool: "Optional[tuple[int, int]]", root: Path = Path("/")) -> Host:
    """What /proc and /sys say now. Raises OSError, and ValueError where they say it in no known way."""
    proc, sys = root / "proc", root / "sys"
    disks = _disks((proc / "diskstats").read_text(), _of_devices(sys / "block"))
    nics = _nics((proc / "net/dev").read_text(), _of_devices(sys / "class/net"))
    return Host(
        cpu=_cpu((proc / "stat").read_text()),
        load=float((proc / "loadavg").read_text().split()[0]),
        memory=_memory((proc / "meminfo").read_text()),
        reads={name: read for name, (read, _) in disks.items()},
        writes={name: written for name, (_, written) in disks.items()},
        received={name: received for name, (received, _) in nics.items()},
        sent={name: sent for name, (_, sent) in nics.items()},
        pool=pool,
    )


def pool_usage(pool: Path) -> "tuple[int, int]":
    """Size of the pool's file system, and what of it is used. Waits with a network that hangs. Raises OSError."""
    usage = shutil.disk_usage(pool)
    return usage.total, usage.used


def host_values(before: Host, now: Host, seconds: float) -> "dict[str, float]":
    """Its metrics by the plane's names and units."""
    total = growth(before.cpu, now.cpu)
    idle = growth(_parts(before.cpu, "idle", "iowait"), _parts(now.cpu, "idle", "iowait"))
    limit, used = now.pool or (None, None)
    return known(
        {
            "host.cpu.utilization": share(None if total is None or idle is None else total - idle, total),
            "host.cpu.iowait": share(growth(_parts(before.cpu, "iowait"), _parts(now.cpu, "iowait")), total),
            "host.cpu.load": now.load,
            "host.memory.limit": _less(now.memory, "MemTotal"),
            "host.memory.usage": _less(now.memory, "MemTotal", "MemAvailable"),
            "host.swap.usage": _less(now.memory, "SwapTotal", "SwapFree"),
            "host.disk.read.bytes": ratio(growth(before.reads, now.reads), seconds),
            "host.disk.write.bytes": ratio(growth(before.writes, now.writes), seconds),
            "host.network.receive.bytes": ratio(growth(before.received, now.received), seconds),
            "host.network.transmit.bytes": ratio(growth(before.sent, now.sent), seconds),
            "host.pool.limit": limit,
            "host.pool.usage": used,
        }
    )


def _cpu(stat: str) -> Counters:
    """Ticks of all CPUs. Guests' are in `user` and `nice` already (proc(5)), so what follows `steal` is left out."""
    names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    return dict(zip(names, map(int, stat.split("\n", 1)[0].split()[1:])))


def _memory(meminfo: str) -> Counters:
    pairs = (line.split(":") for line in meminfo.splitlines())
    return {name: int(rest.split()[0]) for name, rest in pairs}


def _of_devices(directory: Path) -> "set[str]":
    """What a device stands behind: no partitions, loops, RAM disks, mappers, arrays; no bridges, taps, bonds, VLANs, lo."""
    return {name for name in os.listdir(directory) if (directory / name / "device").exists()}


def _disks(diskstats: str, names: "set[str]") -> "dict[str, tuple[int, int]]":
    """Bytes read and written (Documentation/admin-guide/iostats.rst)."""
    rows = (line.split() for line in diskstats.splitlines())
    return {row[2]: (int(row[5]) * SECTOR, int(row[9]) * SECTOR) for row in rows if row[2] in names}


def _nics(dev: str, names: "set[str]") -> "dict[str, tuple[int, int]]":
    """Bytes received and sent."""
    rows = ((name.strip(), counts.split()) for name, _, counts in (line.partition(":") for line in dev.splitlines()[2:]))
    return {name: (int(counts[0]), int(counts[8])) for name, counts in rows if name in names}


def _parts(counters: Counters, *names: str) -> Counters:
    return {name: counters[name] for name in names if name in counters}


def _less(memory: Counters, total: str, free: str = "") -> Optional[int]:
    if total not in memory or (free and free not in memory):
        return None
    return (memory[total] - memory.get(free, 0)) * KIB
