import { describe, expect, it } from 'vitest';
import type { World } from '../../lambdas/domain/invariants/world.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import type { VmState } from '../../lambdas/domain/vm-state.ts';
import { found, kindsOf } from '../support/found.ts';
import { aHost } from '../support/kvm.ts';
import { lockBy, plus, open as withOpen, operation as withOperation, vm as withVm } from '../support/plants.ts';
import { NOW, opId, serial, soundWorld } from '../support/world.ts';

const HOST = aHost().id;
const SOUND = soundWorld(6);
const vm = (changes: Partial<Vm>, number = 2) => withVm(SOUND, number, changes);

const operation = (changes: Partial<Operation>, world: World = SOUND) => withOperation(world, 2, changes);
const open = (changes: Partial<Operation>) => withOpen(SOUND, changes);

describe('a VM', () => {
  it.each<[string, Partial<Vm>, string[]]>([
    ['pending', { state: 'pending' }, ['VmStuck', 'StateDiffers']],
    ['deleting', { state: 'deleting' }, ['VmStuck', 'StateDiffers']],
    ['migrating', { state: 'migrating' }, ['VmStuck', 'StateDiffers']],
    ['suspended', { state: 'suspended' }, ['StateDiffers']],
    ['on its way since a moment', { state: 'stopping', changedAt: NOW }, []],
    ['on its way, by no doing of ours', { state: 'stopping', managed: false }, ['NameWithoutHolder']],
    ['in error, of no operation', { state: 'error' }, ['StateDiffers']],
  ])('that is %s', (_, changes, kinds) => expect(kindsOf(vm(changes))).toEqual(kinds));

  it('is held by an operation that is open', () => {
    expect(found(vm(lockBy(opId(77))))).toEqual([`VmHeldByNobody: vm-2 is held by ${opId(77)}, which is not there.`]);
    const held = open({ vmId: serial('vm', 2), createdAt: NOW });
    expect(kindsOf(withVm(held, 2, { ...lockBy(opId(90)), state: 'stopping' }))).toEqual([]);
  });

  it('wants a person where its last operation could not be undone', () => {
    const machines = SOUND.machines.map((each) =>
      each.vmId === serial('vm', 2) ? { ...each, state: 'error' as VmState } : each,
    );
    const bad = { ...operation({ state: 'needs-attention' }), machines };
    const error = { name: 'DiskFull', detail: 'full' };
    const audits = [
      ...SOUND.audits.filter(({ operationId, outcome }) => operationId !== opId(2) || outcome === 'accepted'),
      { operationId: opId(2), outcome: 'needs-attention', at: NOW },
    ];
    const told = (world: World, state: VmState) => found({ ...withVm(world, 2, { state }), audits });
    expect(told(operation({ error }, bad), 'error')).toEqual([
      'NeedsAttention: create-vm of vm-2 could not be undone: full',
    ]);
    expect(told(bad, 'error')[0]).toBe('NeedsAttention: create-vm of vm-2 could not be undone: no reason was recorded');
    expect(told(operation({ error }, bad), 'running').join()).not.toContain('NeedsAttention');
    expect(told(operation({ error, state: 'failed' }, bad), 'error').join()).not.toContain('NeedsAttention');
  });

  it.each<[string, (world: World) => World, string[]]>([
    ['whose host was not looked at', (world) => ({ ...world, looked: new Set(['eu-central-1']) }), []],
    ['that is on its way out at its provider', (world) => seen(world, 'deleting'), ['VmNotSeen']],
    ['that is gone at its provider', (world) => seen(world, 'deleted'), ['VmNotSeen']],
    ['that is a stranger', (world) => withVm(world, 2, { managed: false }), ['NameWithoutHolder']],
    [
      'that an operation holds',
      (world) => plus(withVm(world, 2, lockBy(opId(90))), 'opens', opId(90)),
      ['OpenRowLeft', 'VmHeldByNobody'],
    ],
    [
      'that is of no place',
      (world) => withVm(world, 2, { location: {} }),
      ['FileWithoutVm', 'VmElsewhere', 'AllocationDiffers'],
    ],
  ])('%s', (_, change, kinds) => {
    expect(
      kindsOf(change(seen(withVm(SOUND, 2, { state: 'stopped' }), 'running'))).filter(
        (kind) => kind !== 'StateDiffers',
      ),
    ).toEqual(kinds);
  });
});

const seen = (world: World, state: VmState): World => ({
  ...world,
  machines: world.machines.map((each) => (each.vmId === serial('vm', 2) ? { ...each, state } : each)),
});

describe('a host', () => {
  const disk = (sizeGiB: number) => [{ name: 'vda', sizeGiB, boot: true }];
  const promised = (allocated: { vcpus: number; memoryMiB: number; diskGiB: number }, world: World = SOUND): World => ({
    ...world,
    hosts: world.hosts.map((host) => ({ ...host, allocated })),
  });
  const ALL = { vcpus: 3, memoryMiB: 768, diskGiB: 3 };

  it.each<[string, Partial<Vm>, typeof ALL]>([
    ['nothing for what is gone', { state: 'deleted' }, { vcpus: 2, memoryMiB: 512, diskGiB: 2 }],
    ['the disk of what is kept', { state: 'deleted', retainedUntil: NOW }, { vcpus: 2, memoryMiB: 512, diskGiB: 3 }],
    [
      'the disk of what is taken from its keeping',
      { state: 'deleting', retainedUntil: NOW },
      { vcpus: 2, memoryMiB: 512, diskGiB: 3 },
    ],
    ['all of what is brought back', { state: 'pending', retainedUntil: NOW }, ALL],
    ['nothing for what was only found', { spec: undefined } as Partial<Vm>, { vcpus: 2, memoryMiB: 512, diskGiB: 2 }],
    ['fractions, to a hundredth', { disks: disk(1.004) }, ALL],
  ])('has promised %s', (_, changes, allocated) => {
    expect(kindsOf(promised(allocated, vm(changes)))).not.toContain('AllocationDiffers');
    expect(kindsOf(promised({ ...allocated, vcpus: allocated.vcpus + 1 }, vm(changes)))).toContain('AllocationDiffers');
    expect(kindsOf(promised({ ...allocated, memoryMiB: 1 }, vm(changes)))).toContain('AllocationDiffers');
    expect(kindsOf(promised({ ...allocated, diskGiB: allocated.diskGiB + 0.01 }, vm(changes)))).toContain(
      'AllocationDiffers',
    );
  });

  it.each([
    ['vcpus', { cores: 2, memoryMiB: 1000, sizeGiB: 10 }, { vcpus: 8 }],
    ['memoryMiB', { cores: 2, memoryMiB: 1000, sizeGiB: 10 }, { memoryMiB: 1000 }],
    ['diskGiB', { cores: 2, memoryMiB: 1000, sizeGiB: 10 }, { diskGiB: 10 }],
  ] as const)('may be full, and no more: %s', (what, { cores, memoryMiB, sizeGiB }, full) => {
    const host = (allocated: object) => ({
      ...SOUND,
      hosts: [
        aHost({ allocated: { ...ALL, ...allocated } }, { cores, memoryMiB, pool: { path: '/p', sizeGiB, freeGiB: 1 } }),
      ],
    });
    expect(kindsOf(host(full))).not.toContain('HostOverfull');
    const most = Object.values(full)[0] ?? 0;
    expect(kindsOf(host({ [what]: most + 1 }))).toContain('HostOverfull');
  });

  it('may promise more by the ratios of the installation', () => {
    const overcommit = { ...SOUND.overcommit, memoryRatio: 2, diskRatio: 2 };
    const pool = { path: '/p', sizeGiB: 5, freeGiB: 1 };
    const filled = (more: object) =>
      kindsOf({ ...SOUND, overcommit, hosts: [aHost({ allocated: { ...ALL, ...more } }, { memoryMiB: 500, pool })] });
    expect(filled({ memoryMiB: 1000, diskGiB: 10 })).not.toContain('HostOverfull');
    expect(filled({ memoryMiB: 1001 })).toContain('HostOverfull');
    expect(filled({ diskGiB: 11 })).toContain('HostOverfull');
  });

  it('that was never looked at has no measure', () => {
    const { facts: _, ...host } = aHost({ allocated: { vcpus: 999, memoryMiB: 1, diskGiB: 1 } });
    expect(kindsOf({ ...SOUND, hosts: [host] })).toEqual(['AllocationDiffers']);
    expect(HOST).toBe(host.id);
  });
});

it('a VM is not at two places while one of them lets it go', () => {
  const machine = {
    provider: 'kvm',
    place: HOST,
    providerId: 'uuid',
    vmId: serial('vm', 2),
    state: 'deleting',
  } as const;
  expect(kindsOf(plus(SOUND, 'machines', machine))).toEqual([]);
  expect(kindsOf(plus(SOUND, 'machines', { ...machine, state: 'stopped' }))).toEqual(['VmTwice']);
});

describe('a project', () => {
  const counted = (count: number, world: World = SOUND): World => ({ ...world, counts: new Map([['default', count]]) });

  it('has counted the names of its VMs, and no others', () => {
    expect(kindsOf(counted(6))).toEqual([]);
    expect(found(counted(5))).toEqual(['ProjectMiscounted: default has counted 5 VMs; the names of 6 are held.']);
    expect(kindsOf({ ...SOUND, counts: new Map([['shop', 0]]) })).toEqual([]);
    expect(found({ ...SOUND, counts: new Map([['shop', 2]]) })).toEqual([
      'ProjectMiscounted: shop has counted 2 VMs; the names of 0 are held.',
    ]);
  });

  it('is left alone while VMs of its own come and go', () => {
    const busy = (changes: Partial<Vm>) => kindsOf(counted(5, vm(changes)));
    expect(busy({ changedAt: NOW })).toEqual([]);
    expect(busy({ changedAt: NOW, managed: false })).toContain('ProjectMiscounted');
    expect(busy({ changedAt: NOW, project: 'shop' })).toContain('ProjectMiscounted');
  });
});
