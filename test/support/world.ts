import type { Host } from '../../lambdas/domain/host.ts';
import type { World } from '../../lambdas/domain/invariants/world.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import { PLACEMENT_DEFAULTS } from '../../lambdas/domain/placement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { aHost, anImage, aSpec, aVm } from './kvm.ts';

/** Builders of a world as the auditor sees it: sound as it comes, and wrong where a test says so. */
export const NOW = '2026-11-25T12:00:00.000Z';
const CREATED = '2026-11-25T10:00:00.000Z';
const ENDED = '2026-11-25T10:01:00.000Z';

/** Sixteen characters of our base 32. */
export const serial = (prefix: string, number: number): string => `${prefix}-${String(number).padStart(16, '0')}`;

export const opId = (number: number): string => `op-${String(number).padStart(26, '0')}`;

export const anOperation = (number: number, changes: Partial<Operation> = {}): Operation => ({
  id: opId(number),
  kind: 'create-vm',
  state: 'succeeded',
  vmId: serial('vm', number),
  vmName: `vm-${number}`,
  provider: 'kvm',
  by: 'token:t',
  input: {},
  requestHash: 'h',
  steps: [{ name: 'Launch', state: 'succeeded', startedAt: CREATED, endedAt: ENDED }],
  attempt: 3,
  cancelRequested: false,
  createdAt: CREATED,
  startedAt: CREATED,
  endedAt: ENDED,
  version: 3,
  ...changes,
});

const HOST = aHost();
const IMAGE = anImage();

/** The VM of a number: even ones on the host, odd ones on EC2. */
export const vmOf = (number: number, changes: Partial<Vm> = {}): Vm =>
  aVm({
    id: serial('vm', number),
    name: `vm-${number}`,
    ...(number % 2 === 0
      ? {
          providerId: `uuid-${number}`,
          spec: aSpec({ imageId: IMAGE.id }),
          disks: [{ name: 'vda', sizeGiB: 1, boot: true }],
        }
      : { provider: 'ec2', providerId: `i-${number}`, location: { region: 'eu-central-1' } }),
    createdAt: CREATED,
    changedAt: ENDED,
    version: 2,
    ...changes,
  });

const isKvm = (vm: Vm): boolean => vm.provider === 'kvm';

const allocatedFor = (vms: readonly Vm[]): Host['allocated'] => {
  const count = vms.filter(isKvm).length;
  return { vcpus: count, memoryMiB: count * 256, diskGiB: count };
};

/** `count` VMs, made and running, with everything that is held for them. */
export const soundWorld = (count: number): World => {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const vms = numbers.map((number) => vmOf(number));
  const onHost = vms.filter(isKvm);
  return {
    at: NOW,
    graceSeconds: 900,
    vms,
    operations: numbers.map((number) => anOperation(number)),
    opens: [],
    openTogether: [],
    names: [
      ...vms.map(({ id, name }) => ({ kind: 'vm' as const, name, holder: id })),
      { kind: 'host', name: HOST.name, holder: HOST.id },
      { kind: 'image', name: IMAGE.name, holder: IMAGE.id },
    ],
    clones: onHost.map(({ id }) => ({ imageId: IMAGE.id, vmId: id })),
    hosts: [
      aHost(
        { allocated: allocatedFor(vms) },
        { cores: 4096, memoryMiB: 1 << 24, pool: { path: '/p', sizeGiB: 1e5, freeGiB: 1e5 } },
      ),
    ],
    images: [IMAGE],
    schedules: [],
    calendars: [],
    groups: [],
    windows: [],
    audits: numbers.flatMap((number) =>
      ['accepted', 'succeeded'].map((outcome) => ({ operationId: opId(number), outcome, at: ENDED })),
    ),
    projects: new Set(['default']),
    deleted: new Set(),
    counts: new Map(),
    misplaced: [],
    leaks: [],
    machines: vms.map(({ id, provider, providerId = '', location, state }) => ({
      provider,
      place: location.hostId ?? location.region ?? '',
      providerId,
      vmId: id,
      state,
    })),
    looked: new Set([HOST.id, 'eu-central-1']),
    files: onHost.flatMap(({ id }) =>
      (['disk', 'seed', 'console'] as const).map((kind) => ({ hostId: HOST.id, vmId: id, kind, bytes: 4096 })),
    ),
    volumes: vms
      .filter(({ provider }) => provider === 'ec2')
      .map(({ id }) => ({ region: 'eu-central-1', id: `vol-${id}`, vmId: id, attached: true, createdAt: CREATED })),
    userData: [],
    overcommit: PLACEMENT_DEFAULTS,
    table: { id: 'table-1', remembered: 'table-1' },
  };
};
