import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../lambdas/domain/invariants/findings.ts';
import type { HeldFile, Machine, World } from '../../lambdas/domain/invariants/world.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { aHost, anImage, aSpec } from '../support/kvm.ts';
import { lockBy, plus, without, vm as withVm } from '../support/plants.ts';
import { anOperation, NOW, opId, serial, soundWorld } from '../support/world.ts';

const HOST = aHost().id;
const ELSEWHERE = 'h-000000000000000f';
const VM = serial('vm', 2);
const LONG_AGO = '2026-11-25T01:00:00.000Z';
const SOUND = soundWorld(6);

/** The kinds that are about what is held for VMs; what else a plant brings about is other tests' to judge. */
const HELD = /^(Machine|File|Retained|Volume|Name|Clone|UserData|VmAdopted|Table)/;
const found = (world: World) =>
  findingsOf(world)
    .filter(({ kind }) => HELD.test(kind))
    .map(({ kind, subject }) => `${kind} ${subject}`);

/** A world where VM 2 is deleted, and nothing is held for it any more. */
const gone = (changes: Partial<Vm> = {}): World => {
  const lists = ['machines', 'names', 'clones', 'files'] as const;
  return withVm(
    lists.reduce((world, list) => without(world, list, 2), SOUND),
    2,
    { state: 'deleted', ...changes },
  );
};
const machine = (changes: Partial<Machine> = {}): Machine => ({
  provider: 'kvm',
  place: HOST,
  providerId: 'uuid-2',
  vmId: VM,
  state: 'running',
  ...changes,
});
const file = (kind: HeldFile['kind'], hostId = HOST, vmId = VM): HeldFile => ({ hostId, vmId, kind, bytes: 7 });

describe('of a deleted VM', () => {
  it.each<[string, Partial<Vm>, Partial<Machine>, string[]]>([
    ['is left', {}, {}, [`MachineLeft ${VM}`]],
    ['is on its way out', {}, { state: 'deleting' }, []],
    ['is gone', {}, { state: 'deleted' }, []],
    ['may be there for a moment', { changedAt: NOW }, {}, []],
    ['is its operation’s to take away', lockBy(opId(90)), {}, []],
  ])('the machine %s', (_, vm, changes, kinds) => {
    expect(found(plus(gone(vm), 'machines', machine(changes)))).toEqual(kinds);
  });

  it('an instance is called so, and a domain so', () => {
    const details = (provider: 'ec2' | 'kvm') =>
      findingsOf(plus(SOUND, 'machines', machine({ provider, vmId: serial('vm', 77) }))).map(({ detail }) => detail);
    expect(details('ec2')).toEqual(['Instance uuid-2 (running) carries our mark and has no row.']);
    expect(details('kvm')).toEqual(['Domain uuid-2 (running) carries our mark and has no row.']);
  });

  it.each<[string, Partial<Vm>, string[]]>([
    ['are left', {}, [`FileLeft ${VM}`]],
    ['may be there for a moment', { changedAt: NOW }, []],
    ['are its operation’s to take away', lockBy(opId(90)), []],
    ['are its own, where it lives', { state: 'stopped' }, []],
  ])('files %s', (_, vm, kinds) => {
    const world = plus(plus(gone(vm), 'files', file('disk')), 'files', file('seed'));
    expect(found(world).filter((each) => each.startsWith('File'))).toEqual(kinds);
  });

  it('all files on one host are one finding, and none where the machine is one', () => {
    const files = [file('disk'), file('seed'), file('console', ELSEWHERE)];
    const world = { ...gone(), files: [...gone().files, ...files] };
    const left = (all: World) => findingsOf(all).filter(({ kind }) => kind === 'FileLeft');
    expect(left(world).map(({ place, detail }) => `${place} ${detail}`)).toEqual([
      `${HOST} The host keeps of it: disk, 7 bytes; seed, 7 bytes.`,
      `${ELSEWHERE} The host keeps of it: console, 7 bytes.`,
    ]);
    expect(left(plus(world, 'machines', machine())).map(({ place }) => place)).toEqual([ELSEWHERE]);
  });

  it.each<[string, Partial<Vm>, number]>([
    ['until its day', { retainedUntil: NOW }, 0],
    ['for nothing', {}, 1],
    ['for nothing, once it lives again', { state: 'stopped', retainedUntil: NOW }, 1],
    ['for a moment', { state: 'stopped', changedAt: NOW }, 0],
    ['for its operation', { state: 'stopped', ...lockBy(opId(90)) }, 0],
  ])('what is retained is kept %s', (_, vm, count) => {
    const all = found(plus(gone(vm), 'files', file('retained')));
    expect(all.filter((each) => each === `RetainedWithoutVm ${VM}`)).toHaveLength(count);
  });
});

it('files of a VM on a host where it is not are nobody’s', () => {
  expect(found(plus(SOUND, 'files', file('disk', ELSEWHERE)))).toEqual([`FileWithoutVm ${VM}`]);
});

describe('what costs or tells', () => {
  const { table: _, ...firstDay } = SOUND;
  const volume = (attached: boolean, createdAt: string, vmId?: string) =>
    plus(SOUND, 'volumes', { region: 'r', id: 'vol-x', attached, createdAt, ...(vmId === undefined ? {} : { vmId }) });

  it.each<[string, World, string[]]>([
    ['a volume that is attached', volume(true, LONG_AGO), []],
    ['a volume that was just made', volume(false, NOW), []],
    ['a volume of nothing', volume(false, LONG_AGO, VM), ['VolumeWithoutInstance vol-x']],
    ['user-data that was just written', plus(SOUND, 'userData', { vmId: VM, at: NOW }), []],
    [
      'user-data that a launch waits for',
      plus(withVm(SOUND, 2, lockBy(opId(90))), 'userData', { vmId: VM, at: LONG_AGO }),
      [],
    ],
    ['user-data of long ago', plus(SOUND, 'userData', { vmId: VM, at: LONG_AGO }), [`UserDataLeft ${VM}`]],
    ['a table of its first day', firstDay, []],
  ])('%s', (_, world, kinds) => expect(found(world)).toEqual(kinds));

  it('names the VM of a volume', () => {
    const [finding] = findingsOf(volume(false, LONG_AGO, VM));
    expect(finding?.detail).toBe(`The volume of ${VM} is attached to nothing.`);
  });
});

describe('a VM that was found by its mark', () => {
  const adopted = (changes: Partial<Vm> = {}) => {
    const { spec: _, ...found } = { ...SOUND.vms[2], id: serial('vm', 88), name: 'found', ...changes } as Vm;
    return plus(SOUND, 'vms', found);
  };

  it('is told of until somebody asks something of it', () => {
    expect(found(adopted())).toEqual([`VmAdopted ${serial('vm', 88)}`]);
    expect(findingsOf(adopted()).find(({ kind }) => kind === 'VmAdopted')?.place).toBe(HOST);
    const asked = plus(adopted(), 'operations', anOperation(88, { kind: 'stop-vm' }));
    expect(found(asked)).toEqual([]);
    expect(found(adopted({ managed: false }))).toEqual([]);
    expect(found(adopted({ state: 'deleted' }))).toEqual([]);
  });
});

describe('a name', () => {
  const row = (kind: 'vm' | 'host' | 'image', name: string, holder: string, project?: string) =>
    plus(SOUND, 'names', { kind, name, holder, ...(project === undefined ? {} : { project }) });

  it.each<[string, World, string[]]>([
    ['of a stranger is not held', withVm(SOUND, 2, { managed: false }), ['NameWithoutHolder vm vm-2']],
    [
      'is held while a deletion is under way',
      plus(gone(lockBy(opId(90))), 'names', { kind: 'vm', name: 'vm-2', holder: VM }),
      [],
    ],
    [
      'is free once that is over',
      plus(gone(), 'names', { kind: 'vm', name: 'vm-2', holder: VM }),
      ['NameWithoutHolder vm vm-2'],
    ],
    ['in another project is another', row('vm', 'vm-2', VM, 'shop'), ['NameWithoutHolder vm vm-2']],
    ['of another kind is another', row('image', 'vm-2', VM), ['NameWithoutHolder image vm-2']],
    ['of a host that has another', row('host', 'rack-9', HOST), ['NameWithoutHolder host rack-9']],
    ['of an image that has another', row('image', 'other', anImage().id), ['NameWithoutHolder image other']],
    ['need not be held by what an operation has', without(withVm(SOUND, 2, lockBy(opId(90))), 'names', 2), []],
    ['need not be held by what is deleted', without(gone(), 'names', 2), []],
    ['need not be held by strangers', without(withVm(SOUND, 2, { managed: false }), 'names', 2), []],
    [
      'need not be held by what was found',
      without(withVm(SOUND, 2, { spec: undefined } as Partial<Vm>), 'names', 2),
      [],
    ],
  ])('%s', (_, world, kinds) => expect(found(world)).toEqual(kinds));
});

describe('a clone', () => {
  const clone = (world: World, until?: string) =>
    plus(world, 'clones', { imageId: anImage().id, vmId: VM, ...(until === undefined ? {} : { until }) });
  const LATER = '2026-11-25T12:00:00.001Z';

  it.each<[string, World, string[]]>([
    ['of a deleted VM keeps its image for nothing', clone(gone()), [`CloneWithoutVm ${VM}`]],
    ['of a kept VM keeps its image', clone(gone({ retainedUntil: NOW })), []],
    ['of a VM that is being deleted, too', clone(gone(lockBy(opId(90)))), []],
    ['counts until its day', clone(gone(), LATER), [`CloneWithoutVm ${VM}`]],
    ['that has had its day is swept by itself', clone(gone(), NOW), []],
    [
      'is not wanted by strangers',
      without(withVm(SOUND, 2, { managed: false, name: 'x' }), 'clones', 2),
      ['NameWithoutHolder vm vm-2'],
    ],
    ['is not wanted without an image of ours', without(withVm(SOUND, 2, { spec: aSpec() }), 'clones', 2), []],
    [
      'of another image is another',
      without(withVm(SOUND, 2, { spec: aSpec({ imageId: 'img-2' }) }), 'machines', 99),
      [`CloneNotHeld ${VM}`],
    ],
  ])('%s', (_, world, kinds) => expect(found(world)).toEqual(kinds));
});

describe('a VM of a deleted project', () => {
  it.each<[Vm['state'], string[]]>([
    ['running', ['ProjectDeleted']],
    ['unknown', ['ProjectDeleted']],
    ['lost', []],
  ])('that is %s', (state, kinds) => {
    const world = withVm(state === 'lost' ? without(SOUND, 'machines', 2) : SOUND, 2, { project: 'old', state });
    const findings = findingsOf({ ...world, projects: new Set(['default', 'old']), deleted: new Set(['old']) });
    const told = findings.filter(({ kind, subject }) => subject === VM && /^(VmLost|ProjectDeleted)$/.test(kind));
    expect(told.map(({ kind }) => kind)).toEqual(kinds);
  });
});
