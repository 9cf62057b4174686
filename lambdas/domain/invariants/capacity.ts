import type { Host } from '../host.ts';
import { shareOf } from '../host-life.ts';
import { projectOf } from '../project.ts';
import type { Vm } from '../vm.ts';
import { type Finding, found } from './kinds.ts';
import { isLive, isSettled, type Known } from './world.ts';

type Share = Host['allocated'];

const NOTHING: Share = { vcpus: 0, memoryMiB: 0, diskGiB: 0 };

const add = (a: Share, b: Share): Share => ({
  vcpus: a.vcpus + b.vcpus,
  memoryMiB: a.memoryMiB + b.memoryMiB,
  diskGiB: a.diskGiB + b.diskGiB,
});

/** What a VM holds of its host: a deleted one whose disks are kept, and that is not coming back, its disks alone. */
const heldBy = (vm: Vm): Share => {
  const share = shareOf(vm);
  const kept = vm.retainedUntil !== undefined;
  if (!isLive(vm) && !kept) return NOTHING;
  return kept && vm.state !== 'pending' ? { ...NOTHING, diskGiB: share.diskGiB } : share;
};

/** Thin clones are counted in fractions of a GiB. */
const rounded = (share: Share): string =>
  `${share.vcpus} vCPUs, ${share.memoryMiB} MiB, ${Math.round(share.diskGiB * 100) / 100} GiB`;

const differs = (host: Host, sum: Share): Finding[] =>
  rounded(host.allocated) === rounded(sum)
    ? []
    : [
        found('AllocationDiffers', {
          subject: host.id,
          detail: `${host.name} has promised ${rounded(host.allocated)}; its VMs have ${rounded(sum)}.`,
        }),
      ];

const overfull = (host: Host, { overcommit }: Known): Finding[] => {
  const { facts, allocated } = host;
  if (facts === undefined) return [];
  const most: Share = {
    vcpus: facts.cores * overcommit.cpuRatio,
    memoryMiB: facts.memoryMiB * overcommit.memoryRatio,
    diskGiB: facts.pool.sizeGiB * overcommit.diskRatio,
  };
  const over = allocated.vcpus > most.vcpus || allocated.memoryMiB > most.memoryMiB || allocated.diskGiB > most.diskGiB;
  if (!over) return [];
  const detail = `${host.name} has promised ${rounded(allocated)}; it may ${rounded(most)}.`;
  return [found('HostOverfull', { subject: host.id, detail })];
};

/** A project counts the names of its VMs: one that is being made has its own, one that is deleted has given it back. */
const miscounted = (world: Known): Finding[] => {
  const sums = new Map<string, number>();
  for (const row of world.names) if (row.kind === 'vm') sums.set(projectOf(row), (sums.get(projectOf(row)) ?? 0) + 1);
  const busy = new Set(world.vms.filter((vm) => vm.managed && !isSettled(world, vm)).map(projectOf));
  return [...world.counts].flatMap(([project, count]) => {
    const sum = sums.get(project) ?? 0;
    // Rows are not read at one moment: where VMs come and go just now, both may be right.
    if (sum === count || busy.has(project)) return [];
    const detail = `${project} has counted ${count} VMs; the names of ${sum} are held.`;
    return [found('ProjectMiscounted', { subject: project, detail })];
  });
};

/** I7: what a host has promised is the sum of its VMs, and no more than it may. A VM that was only found has asked for nothing. A project's count is that of its VMs' names. */
export const capacity = (world: Known): Finding[] => {
  const sums = new Map<string, Share>();
  for (const vm of world.vms) {
    const { hostId } = vm.location;
    if (hostId === undefined) continue;
    sums.set(hostId, add(sums.get(hostId) ?? NOTHING, heldBy(vm)));
  }
  return [
    ...world.hosts.flatMap((host) => [...differs(host, sums.get(host.id) ?? NOTHING), ...overfull(host, world)]),
    ...miscounted(world),
  ];
};
