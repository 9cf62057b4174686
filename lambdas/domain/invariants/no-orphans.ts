import type { Vm } from '../vm.ts';
import { type Finding, found } from './kinds.ts';
import { isThere } from './one-place.ts';
import { type HeldFile, isLive, isPastGrace, isSettled, type Known } from './world.ts';

/** A deleted VM whose end is past: what is still there of it was left behind. */
const isOver = (world: Known, vm: Vm): boolean => !isLive(vm) && isSettled(world, vm);

const machines = (world: Known): Finding[] =>
  world.machines.filter(isThere).flatMap(({ vmId, place, providerId, state, provider }) => {
    const vm = world.vm.get(vmId);
    const what = `${provider === 'ec2' ? 'Instance' : 'Domain'} ${providerId} (${state})`;
    if (vm === undefined) {
      return [found('MachineWithoutVm', { subject: vmId, place, detail: `${what} carries our mark and has no row.` })];
    }
    if (!isOver(world, vm)) return [];
    const detail = `${what} is there, its VM ${vm.name} is deleted.`;
    return [found('MachineLeft', { subject: vmId, place, detail, since: vm.changedAt })];
  });

const isKept = (vm: Vm): boolean => vm.retainedUntil !== undefined;

const fileKind = (world: Known, { kind, vmId, hostId }: HeldFile) => {
  const vm = world.vm.get(vmId);
  if (kind === 'retained') {
    if (vm === undefined) return 'RetainedWithoutVm';
    return isSettled(world, vm) && (isLive(vm) || !isKept(vm)) ? 'RetainedWithoutVm' : undefined;
  }
  if (vm === undefined || (isLive(vm) && vm.location.hostId !== hostId)) return 'FileWithoutVm';
  return isOver(world, vm) ? 'FileLeft' : undefined;
};

/** The files of one VM on one host are one finding, and none where its domain is one already. */
const files = (world: Known, toldOf: ReadonlySet<string>): Finding[] => {
  const kinds = new Map<string, { file: HeldFile; kind: NonNullable<ReturnType<typeof fileKind>>; what: string[] }>();
  for (const file of world.files) {
    const kind = fileKind(world, file);
    if (kind === undefined || toldOf.has(`${file.vmId} ${file.hostId}`)) continue;
    const key = `${kind} ${file.vmId} ${file.hostId}`;
    const group = kinds.get(key) ?? { file, kind, what: [] };
    group.what.push(`${file.kind}, ${file.bytes} bytes`);
    kinds.set(key, group);
  }
  return [...kinds.values()].map(({ file, kind, what }) =>
    found(kind, {
      subject: file.vmId,
      place: file.hostId,
      detail: `The host keeps of it: ${what.join('; ')}.`,
      since: world.vm.get(file.vmId)?.changedAt,
    }),
  );
};

const volumes = (world: Known): Finding[] =>
  world.volumes
    .filter(({ attached, createdAt }) => !attached && isPastGrace(world, createdAt))
    .map(({ id, region, vmId, createdAt }) =>
      found('VolumeWithoutInstance', {
        subject: id,
        place: region,
        detail: `The volume of ${vmId ?? 'no VM'} is attached to nothing.`,
        since: createdAt,
      }),
    );

const userData = (world: Known): Finding[] =>
  world.userData
    .filter(({ vmId, at }) => isPastGrace(world, at) && world.vm.get(vmId)?.lock === undefined)
    .map(({ vmId, at }) =>
      found('UserDataLeft', {
        subject: vmId,
        detail: 'Its user-data lies in the bucket; nothing waits for it.',
        since: at,
      }),
    );

/** What has neither a request behind it nor an operation since: only its mark told of it. */
const adopted = ({ vms, ofVm }: Known): Finding[] =>
  vms
    .filter((vm) => vm.managed && isLive(vm) && vm.spec === undefined && !ofVm.has(vm.id))
    .map(({ id, name, state, createdAt, location }) =>
      found('VmAdopted', {
        subject: id,
        place: location.hostId ?? location.region,
        detail: `${name} (${state}) was found with our mark; nobody here asked for it.`,
        since: createdAt,
      }),
    );

const restored = ({ table }: Known): Finding[] =>
  table && table.id !== table.remembered
    ? [
        found('TableRestored', {
          subject: table.id,
          detail: `The state table is another one than ${table.remembered}: it was restored or made anew.`,
        }),
      ]
    : [];

/** I3: whatever is held for a VM is held for one that is there. Rows about rows: rows-held.ts. */
export const noOrphans = (world: Known): Finding[] => {
  const left = machines(world);
  const toldOf = new Set(left.map(({ subject, place }) => `${subject} ${place}`));
  return [
    ...left,
    ...files(world, toldOf),
    ...volumes(world),
    ...userData(world),
    ...adopted(world),
    ...restored(world),
  ];
};
