import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OperationKind, Vm } from '../../lambdas/domain/vm.ts';
import { insertVm } from '../support/api.ts';
import { type Asked, BusyPlane } from '../support/busy-plane.ts';
import { IS_LONG, SEED } from '../support/cases.ts';
import { anEc2Vm } from '../support/ec2.ts';
import { Random } from '../support/random.ts';
import { TokenBuckets } from '../support/token-buckets.ts';

const told = `NOVACRON_SEED=${SEED}`;

let plane: BusyPlane;
let random: Random;
beforeEach(() => {
  plane = new BusyPlane();
  random = new Random(SEED);
  vi.spyOn(Math, 'random').mockImplementation(() => random.next());
});

const idOf = (index: number): string => `i-${index.toString(16).padStart(17, '0')}`;

let placed = 0;

/** So many VMs that are there, each in this state. */
const fleet = async (count: number, state: 'running' | 'stopped', region = 'us-east-1'): Promise<Vm[]> => {
  const vms: Vm[] = [];
  for (const index of Array.from({ length: count }, () => ++placed)) {
    plane.ec2.place(idOf(index), state, region);
    const location = { account: '123456789012', region };
    vms.push(await insertVm(anEc2Vm({ name: `web-${index}`, state, location, providerId: idOf(index) })));
  }
  return vms;
};

const newVms = (count: number): Vm[] =>
  Array.from({ length: count }, () => anEc2Vm({ name: `new-${++placed}`, location: { region: 'us-east-1' } }));

/** Those that did not go well, by what a person reads of them. */
const unwell = (asked: readonly Asked[]) =>
  asked.flatMap(({ operation: { vmName, state, error } }) => (state === 'succeeded' ? [] : [{ vmName, state, error }]));

/** How often the instances of an action were asked for, whatever the size of a call. */
const attempts = (action: string): number =>
  plane.ec2.callsOf(action).reduce((sum, { ids }) => sum + Math.max(1, ids.length), 0);

const p95 = (asked: readonly Asked[]): number =>
  asked.map(({ seconds }) => seconds).sort((a, b) => a - b)[Math.floor(asked.length * 0.95)] ?? 0;

describe('a thousand at once', () => {
  it.each([
    ['stop-vm', 'running', 'StopInstances', 1_000],
    ['start-vm', 'stopped', 'StartInstances', IS_LONG ? 1_000 : 100],
    ['delete-vm', 'running', 'TerminateInstances', IS_LONG ? 1_000 : 100],
  ] as const)('%s of VMs that are %s is one call of %s for %i', async (kind, state, action, count) => {
    const asked = await plane.ask(kind, await fleet(count, state));
    expect(unwell(asked)).toEqual([]);
    expect(plane.ec2.callsOf(action)).toHaveLength(1);
  });

  it.each([
    [false, 1_000],
    [true, IS_LONG ? 1_000 : 100],
  ])('fails the one that will not by name, and no other (EC2 names it: %s)', async (named, count) => {
    const vms = await fleet(count, 'running');
    const bad = vms[random.whole(0, count - 1)];
    plane.ec2.refusals.set(bad?.providerId ?? '', { code: 'IncorrectInstanceState', named });
    const asked = await plane.ask('stop-vm', vms);
    const failed = { vmName: bad?.name, state: 'failed', error: { name: 'InvalidTransition' } };
    expect(unwell(asked), told).toMatchObject([failed]);
    const calls = named ? 2 : 2 * Math.ceil(Math.log2(count)) + 1;
    expect(plane.ec2.callsOf('StopInstances').length, told).toBeLessThanOrEqual(calls);
  });

  it('is a call for each Region and each way to stop', async () => {
    const east = await fleet(40, 'running');
    const central = await fleet(40, 'running', 'eu-central-1');
    const vms = [...east, ...central];
    const isForced = (vm: Vm): boolean => vms.indexOf(vm) % 4 === 0;
    const asked = await plane.ask('stop-vm', vms, (vm) => ({ graceSeconds: 60, force: isForced(vm) }));
    expect(unwell(asked)).toEqual([]);
    const calls = plane.ec2
      .callsOf('StopInstances')
      .map(({ region, how, ids }) => [region, how.Force === true, ids.length]);
    expect(calls.map(String).sort()).toEqual([
      'eu-central-1,false,30',
      'eu-central-1,true,10',
      'us-east-1,false,30',
      'us-east-1,true,10',
    ]);
  });
});

describe('EC2 by its published buckets', () => {
  beforeEach(() => {
    const buckets = new TokenBuckets();
    plane.ec2.takes = (...call) => buckets.take(...call);
  });

  it('100 creates at once all come up at the rate of the bucket, and nobody reads of a throttle', async () => {
    const asked = await plane.ask('create-vm', newVms(100));
    expect(unwell(asked), told).toEqual([]);
    // Three states each: no workflow has seen a throttle, or used up a retry.
    expect(new Set(asked.map(({ run }) => run.transitions)), told).toEqual(new Set([3]));
    expect(plane.ec2.machines.size).toBe(100);
    expect(plane.ec2.callsOf('RunInstances').length, told).toBeLessThanOrEqual(300);
    // 5 at once, then 2 a second: 47.5 s. By chance one may wait once more than all others (30 seeds: at most 72 s).
    expect(p95(asked), told).toBeLessThanOrEqual(1.2 * 47.5);
    expect(Math.max(...asked.map(({ seconds }) => seconds)), told).toBeLessThanOrEqual(2 * 47.5);
  });

  it('a create that waits says so', async () => {
    const asked = await plane.ask('create-vm', newVms(20));
    const details = asked.map(({ operation }) => operation.steps[0]?.detail);
    expect(
      details.filter((detail) => /^EC2 asks us to slow down: refused (once|\d+ times)/.test(detail ?? '')),
    ).toHaveLength(15);
  });

  it.runIf(IS_LONG)('1,300 starts at once are done before their step runs out of time', async () => {
    const asked = await plane.ask('start-vm', await fleet(1_300, 'stopped'));
    expect(unwell(asked), told).toEqual([]);
    // 1,000 instances at once, then 2 a second; the step's time-out is 300 s.
    expect(Math.max(...asked.map(({ seconds }) => seconds)), told).toBeLessThan(300);
  });

  it.runIf(IS_LONG).each([
    ['stop-vm', 'running'],
    ['delete-vm', 'running'],
  ] as const)('1,200 × %s at once go at the rate of the bucket', async (kind, state) => {
    const asked = await plane.ask(kind, await fleet(1_200, state));
    expect(unwell(asked), told).toEqual([]);
    expect(Math.max(...asked.map(({ seconds }) => seconds)), told).toBeLessThan(60);
  });
});

describe('EC2 that refuses by chance', () => {
  const EVERYTHING: readonly (readonly [OperationKind, string, 'running' | 'stopped' | undefined])[] = [
    ['create-vm', 'RunInstances', undefined],
    ['start-vm', 'StartInstances', 'stopped'],
    ['stop-vm', 'StopInstances', 'running'],
    ['delete-vm', 'TerminateInstances', 'running'],
  ];

  /** Ten rounds, so that what is counted is no single chance. */
  const rounds = async (kind: OperationKind, state: 'running' | 'stopped' | undefined) => {
    const asked: Asked[] = [];
    for (let round = 0; round < 10; round += 1) {
      const vms = state === undefined ? newVms(10) : await fleet(5, state);
      asked.push(...(await plane.ask(kind, vms)));
    }
    return asked;
  };

  it.each(EVERYTHING)(
    '30 %% of calls: every %s ends well, by at most three times as many attempts',
    async (kind, action, state) => {
      const clean = p95(await rounds(kind, state));
      const before = attempts(action);
      plane.ec2.takes = () => !random.chance(0.3);
      const asked = await rounds(kind, state);
      expect(unwell(asked), told).toEqual([]);
      expect(attempts(action) - before, told).toBeLessThanOrEqual(3 * before);
      // EC2's own time is none here, so all of this is waiting; three times a clean run on AWS is more than a minute.
      expect(p95(asked) - clean, told).toBeLessThan(30);
    },
  );

  it.each(EVERYTHING)('90 %% of calls for a minute: every %s ends well after it', async (kind, _action, state) => {
    const over = Date.now() + 60_000;
    plane.ec2.takes = () => Date.now() > over || !random.chance(0.9);
    const vms = state === undefined ? newVms(20) : await fleet(50, state);
    const asked = await plane.ask(kind, vms);
    expect(unwell(asked), told).toEqual([]);
  });
});
