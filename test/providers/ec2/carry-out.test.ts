import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Vm } from '../../../lambdas/domain/vm.ts';
import { Action, delaysOf } from '../../../lambdas/providers/ec2/actions.ts';
import { carryOut, type Result } from '../../../lambdas/providers/ec2/carry-out.ts';
import { together } from '../../../lambdas/providers/ec2/together.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';
import { anEc2Spec, anEc2Vm } from '../../support/ec2.ts';

const OP = `op-${'0'.repeat(26)}`;
const vm = anEc2Vm({ providerId: 'i-1' });

let stubs: ReturnType<typeof stubbedClients>;
let told: string[];
beforeEach(() => {
  stubs = stubbedClients();
  told = [];
});

const anAction = (changes: Partial<Action> = {}): Action =>
  Action.parse({
    action: 'stop',
    region: 'us-east-1',
    instanceId: 'i-1',
    vmId: vm.id,
    operationId: OP,
    attempt: 1,
    ...changes,
  });

const carried = async (changes: Partial<Action>, row: Vm = vm): Promise<Result> => {
  const action = anAction(changes);
  const tell = async (_: Action, detail: string): Promise<void> => void told.push(detail);
  const around = { installation: 'dev', clients: stubs.clients, vmOf: async () => row, tell };
  return (await carryOut(around, [action])).get(action);
};

describe('one that EC2 takes', () => {
  it.each([
    ['start', 'pending', undefined],
    ['start', 'running', 'running'],
    ['stop', 'stopping', undefined],
    ['stop', 'stopped', 'stopped'],
    ['terminate', 'shutting-down', 'deleting'],
    ['terminate', 'terminated', 'deleted'],
  ] as const)('%s: EC2 says %s, the wait is told %s', async (action, Name, state) => {
    const change = [{ InstanceId: 'i-1', CurrentState: { Name } }];
    stubs.changing.on(StartInstancesCommand).resolves({ StartingInstances: change });
    stubs.changing.on(StopInstancesCommand).resolves({ StoppingInstances: change });
    stubs.changing.on(TerminateInstancesCommand).resolves({ TerminatingInstances: change });
    expect(await carried({ action })).toEqual(state && { outcome: { observed: { providerId: 'i-1', state } } });
  });

  it.each([
    [{ force: true }, { Force: true }],
    [{ skipOsShutdown: true }, { SkipOsShutdown: true }],
    [{}, {}],
  ])('a stop with %j is asked with %j; where EC2 answers nothing, the event tells', async (how, input) => {
    stubs.changing.on(StopInstancesCommand).resolves({});
    expect(await carried(how)).toBeUndefined();
    expect(stubs.changing.commandCalls(StopInstancesCommand)[0]?.args[0].input).toEqual({
      InstanceIds: ['i-1'],
      ...input,
    });
  });
});

describe('one that EC2 refuses', () => {
  const shows = (Name: 'terminated' | 'stopping', Tags?: { Key: string; Value: string }[]) =>
    stubs.ec2.on(DescribeInstancesCommand).resolves({
      Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name }, ...(Tags && { Tags }) }] }],
    });

  it.each([
    ['terminated', 'VmLost'],
    ['stopping', 'InvalidTransition'],
  ] as const)('a start in state %s is %s', async (Name, name) => {
    stubs.changing.on(StartInstancesCommand).rejects(ec2Error('IncorrectInstanceState'));
    shows(Name);
    expect(await carried({ action: 'start' })).toMatchObject({ fault: { name } });
  });

  it.each([
    ['RequestLimitExceeded', 503, 'Throttled'],
    ['InternalError', 500, 'ProviderUnreachable'],
    ['Unavailable', 503, 'ProviderUnreachable'],
  ])('%s is for later', async (code, status, name) => {
    stubs.changing.on(StopInstancesCommand).rejects(ec2Error(code, '', status));
    expect(await carried({})).toMatchObject({ later: { name } });
  });

  it('a termination of what is gone is done', async () => {
    stubs.changing.on(TerminateInstancesCommand).rejects(ec2Error('InvalidInstanceID.NotFound'));
    expect(await carried({ action: 'terminate' })).toEqual({ outcome: { detail: 'it was gone already' } });
  });

  const protectedByUs = [{ Key: 'novacron:protected', Value: 'true' }];
  it.each([
    ['the row is protected', { ...vm, deletionProtection: true }, protectedByUs],
    ['a person set the protection on EC2', vm, undefined],
  ])('a termination is refused where %s', async (_, row, tags) => {
    stubs.changing.on(TerminateInstancesCommand).rejects(ec2Error('OperationNotPermitted'));
    shows('stopping', tags);
    expect(await carried({ action: 'terminate' }, row)).toMatchObject({ fault: { name: 'VmProtected' } });
    expect(stubs.changing.commandCalls(ModifyInstanceAttributeCommand)).toEqual([]);
  });

  it('and where nobody can tell who protected it', async () => {
    stubs.changing.on(TerminateInstancesCommand).rejects(ec2Error('OperationNotPermitted'));
    stubs.ec2.on(DescribeInstancesCommand).resolves({});
    expect(await carried({ action: 'terminate' })).toMatchObject({ fault: { name: 'VmProtected' } });
  });

  it('the protection that we put on is taken off once the row has it off', async () => {
    stubs.changing.on(TerminateInstancesCommand).rejectsOnce(ec2Error('OperationNotPermitted')).resolves({});
    stubs.changing.on(ModifyInstanceAttributeCommand).resolves({});
    shows('stopping', protectedByUs);
    expect(await carried({ action: 'terminate' })).toMatchObject({ outcome: { observed: { providerId: 'i-1' } } });
    const [call] = stubs.changing.commandCalls(ModifyInstanceAttributeCommand);
    expect(call?.args[0].input).toEqual({ InstanceId: 'i-1', DisableApiTermination: { Value: false } });
  });

  it('is for later where taking it off is refused for haste', async () => {
    stubs.changing.on(TerminateInstancesCommand).rejects(ec2Error('OperationNotPermitted'));
    stubs.changing.on(ModifyInstanceAttributeCommand).rejects(ec2Error('RequestLimitExceeded', '', 503));
    shows('stopping', protectedByUs);
    expect(await carried({ action: 'terminate' })).toMatchObject({ later: { name: 'Throttled' } });
  });

  it('passes on what EC2 denies', async () => {
    stubs.changing.on(TerminateInstancesCommand).rejects(ec2Error('UnauthorizedOperation', 'no', 403));
    expect(await carried({ action: 'terminate' })).toMatchObject({ fault: { name: 'ProviderDenied' } });
  });
});

describe('a start of which EC2 has none left', () => {
  const TYPES = ['t3.small', 't4g.small', 't3a.small', 'm5.large'];
  const small = anEc2Vm({
    providerId: 'i-1',
    instanceType: 't3.small',
    location: { account: '000000000000', region: 'us-east-1', zone: 'us-east-1a' },
    spec: anEc2Spec({ ec2: { instanceTypes: TYPES } }),
  });
  const lack = ec2Error('InsufficientInstanceCapacity', 'none left', 500);
  const pending = { StartingInstances: [{ InstanceId: 'i-1', CurrentState: { Name: 'pending' as const } }] };
  const became = () =>
    stubs.changing
      .commandCalls(ModifyInstanceAttributeCommand)
      .map(({ args: [{ input }] }) => [input.InstanceId, input.InstanceType?.Value]);
  beforeEach(() => stubs.changing.on(ModifyInstanceAttributeCommand).resolves({}));

  it('is one of the next type that boots the same disk, and says so', async () => {
    stubs.changing.on(StartInstancesCommand).rejectsOnce(lack).resolves(pending);
    expect(await carried({ action: 'start' }, small)).toBeUndefined();
    expect(became()).toEqual([['i-1', 't3a.small']]);
    expect(told).toEqual(['EC2 has no t3.small left: it starts as t3a.small.']);
  });

  it('goes on where a type is not offered in its zone', async () => {
    const start = stubs.changing.on(StartInstancesCommand);
    start.rejectsOnce(lack).rejectsOnce(ec2Error('Unsupported')).resolves(pending);
    await carried({ action: 'start' }, small);
    expect(became()).toEqual([
      ['i-1', 't3a.small'],
      ['i-1', 'm5.large'],
    ]);
  });

  it('fails by all their names and is what it was, where none is to be had', async () => {
    stubs.changing.on(StartInstancesCommand).rejects(lack);
    const fault = {
      name: 'CapacityUnavailable',
      message: 'No capacity for t3.small, t3a.small, m5.large in us-east-1a.',
    };
    expect(await carried({ action: 'start' }, small)).toMatchObject({ fault });
    expect(became().at(-1)).toEqual(['i-1', 't3.small']);
    expect(told).toEqual([]);
  });

  it('waits where the next one is refused for haste, and stays of its type', async () => {
    const haste = ec2Error('RequestLimitExceeded', '', 503);
    stubs.changing.on(StartInstancesCommand).rejectsOnce(lack).rejects(haste);
    expect(await carried({ action: 'start' }, small)).toMatchObject({ later: { name: 'Throttled' } });
    expect(became()).toEqual([['i-1', 't3a.small']]);
  });

  it.each([
    ['only one type was asked for', { ...small, spec: anEc2Spec({ ec2: { instanceTypes: ['t3.small'] } }) }],
    ['none was', { ...small, spec: anEc2Spec() }],
    ['nobody knows its type', anEc2Vm({ providerId: 'i-1', spec: small.spec ?? anEc2Spec() })],
  ])('stays what it is where %s', async (_, row) => {
    stubs.changing.on(StartInstancesCommand).rejects(lack);
    expect(await carried({ action: 'start' }, row)).toMatchObject({ fault: { name: 'CapacityUnavailable' } });
    expect(became()).toEqual([]);
  });

  it('fails where EC2 does not let it become another', async () => {
    stubs.changing.on(StartInstancesCommand).rejects(lack);
    stubs.changing.on(ModifyInstanceAttributeCommand).rejects(ec2Error('UnauthorizedOperation', 'no', 403));
    expect(await carried({ action: 'start' }, small)).toMatchObject({ fault: { name: 'ProviderDenied' } });
  });
});

const THOUSAND = Array.from({ length: 1_000 }, (_, index) => `i-${index.toString(16).padStart(17, '0')}`);
/** Calls that find one bad id among a thousand by halving. */
const BISECTION = 2 * Math.ceil(Math.log2(1_000)) + 1;

describe('a thousand at once', () => {
  const stopping = (isBad: (id: string) => boolean, message = (_: string[]) => 'no') =>
    stubs.changing.on(StopInstancesCommand).callsFake(({ InstanceIds }: { InstanceIds: string[] }) => {
      const bad = InstanceIds.filter(isBad);
      if (bad.length > 0) throw ec2Error('IncorrectInstanceState', message(bad));
      return {
        StoppingInstances: InstanceIds.map((InstanceId) => ({ InstanceId, CurrentState: { Name: 'stopping' } })),
      };
    });
  const calls = () => stubs.changing.commandCalls(StopInstancesCommand).length;
  const asked = (until?: number) => together(stubs.clients.changing, anAction(), THOUSAND, until);
  const refused = async () => [...(await asked())].filter(([, came]) => 'refused' in came).map(([id]) => id);

  it('are one call', async () => {
    stopping(() => false);
    expect((await asked()).size).toBe(1_000);
    expect(calls()).toBe(1);
  });

  it.each([0, 1, 499, 500, 501, 998, 999])('with a bad one at %i that nobody names are a bisection', async (at) => {
    stopping((id) => id === THOUSAND[at]);
    expect(await refused()).toEqual([THOUSAND[at]]);
    expect(calls()).toBeLessThanOrEqual(BISECTION);
  });

  it('with bad ones that EC2 names are one call more for each error', async () => {
    const bad = [3, 4, 700].map((at) => THOUSAND[at]);
    stopping(
      (id) => bad.includes(id),
      (ids) => `The instance IDs '${ids.join(', ')}' do not exist`,
    );
    expect((await refused()).sort()).toEqual(bad);
    expect(calls()).toBe(2);
  });

  it('are not asked for without end where all are bad: the rest waits', async () => {
    stopping(() => true);
    const came = [...(await asked()).values()];
    expect(calls()).toBe(64);
    expect(came.filter((each) => 'refused' in each).length).toBeGreaterThan(20);
    expect(came.filter((each) => 'later' in each && each.later.name === 'Throttled').length).toBeGreaterThan(900);
  });

  it('are left for later where what is known of them has grown old', async () => {
    stopping((id) => id === THOUSAND[0]);
    expect([...(await asked(0)).values()].every((each) => 'later' in each)).toBe(true);
    expect(calls()).toBe(1);
  });

  it('that are more than EC2 takes in a call are two', async () => {
    stopping(() => false);
    await together(stubs.clients.changing, anAction(), [...THOUSAND, 'i-ffff', 'i-ffff']);
    expect(calls()).toBe(2);
  });
});

describe('the pause before actions are asked again', () => {
  const many = (count: number, changes: Partial<Action>) => Array.from({ length: count }, () => anAction(changes));

  it('is one for all, so that they stay one batch, and grows with each refusal', () => {
    expect(new Set(delaysOf(many(100, { refused: 1 }), () => 0.5))).toEqual(new Set([2]));
    expect(delaysOf(many(1, { refused: 4 }), () => 0.5)).toEqual([9]);
    expect(delaysOf(many(1, { refused: 20 }), () => 0.999)).toEqual([30]);
  });

  it.each([
    ['start', 100, 50],
    ['stop', 100, 5],
    ['terminate', 100, 5],
    ['launch', 2, 1],
  ] as const)('lets what is refused twice %s no faster than the bucket fills: %i in %i s', (action, count, seconds) => {
    const delays = delaysOf(many(2_000, { action, refused: 2 }), () => 0);
    const first = Math.min(...delays);
    expect(delays.slice(0, 3 * count).filter((delay) => delay > first + seconds)).toHaveLength(count);
    expect(Math.max(...delays)).toBe(Math.min(900, 1 + (2_000 / count - 1) * seconds));
  });
});
