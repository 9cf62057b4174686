import {
  DescribeInstancesCommand,
  type Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Vm } from '../../../lambdas/domain/vm.ts';
import { launch } from '../../../lambdas/providers/ec2/launch.ts';
import { tokenOf } from '../../../lambdas/providers/ec2/run-instances.ts';
import type { Ask } from '../../../lambdas/providers/provider.ts';
import { ec2Error, stubbedClients } from '../../support/aws.ts';
import { anEc2Spec, anEc2Vm } from '../../support/ec2.ts';

const OP = `op-${'0'.repeat(26)}`;
const ask = { operationId: OP, attempt: 1, notAfter: '2026-01-01T00:01:00.000Z' };
const lost = new Error('socket hang up');
const lack = ec2Error('InsufficientInstanceCapacity', 'none left', 500);

const anInstance = (InstanceId: string, changes: Partial<Instance> = {}): Instance => ({
  InstanceId,
  State: { Name: 'pending' },
  LaunchTime: new Date('2026-01-01T00:00:00.000Z'),
  Tags: [
    { Key: 'novacron:installation', Value: 'dev' },
    { Key: 'novacron:op', Value: OP },
  ],
  ...changes,
});
const listed = (...Instances: Instance[]) => ({ Reservations: [{ Instances }, {}] });

let stubs: ReturnType<typeof stubbedClients>;
let paused: number[];
let now: number;

beforeEach(() => {
  stubs = stubbedClients();
  paused = [];
  now = Date.parse('2026-01-01T00:00:00.000Z');
  stubs.ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'ami-1' } });
  stubs.ec2.on(DescribeInstancesCommand).resolves({});
});

const launched = (vm: Vm = anEc2Vm(), attempt = 1, more: Partial<Ask> = {}, isStillAsked = async () => true) =>
  launch(
    {
      isStillAsked,
      installation: 'dev',
      clients: stubs.clients,
      userData: async () => '#!/bin/sh',
      pause: async (milliseconds) => void paused.push(milliseconds),
      now: () => now,
    },
    vm,
    { ...ask, attempt, ...more },
  );
const runs = () => stubs.changing.commandCalls(RunInstancesCommand).map(({ args: [{ input }] }) => input);

describe('a launch', () => {
  it('takes one look-up of the image and one RunInstances where nothing goes wrong', async () => {
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    expect((await launched())?.InstanceId).toBe('i-1');
    expect([stubs.ssm.calls().length, runs().length, stubs.ec2.calls().length]).toEqual([1, 1, 0]);
  });

  it('goes on to the next type only after a definite lack of capacity, under a token of its own', async () => {
    stubs.changing
      .on(RunInstancesCommand)
      .rejectsOnce(lack)
      .resolves({ Instances: [anInstance('i-1')] });
    expect((await launched())?.InstanceId).toBe('i-1');
    expect(runs().map(({ InstanceType, ClientToken }) => [InstanceType, ClientToken])).toEqual([
      ['t3.small', tokenOf(OP, 0)],
      ['t3a.small', tokenOf(OP, 1)],
    ]);
    expect(paused).toEqual([]);
  });

  it('says which types were lacking, and where', async () => {
    stubs.changing.on(RunInstancesCommand).rejects(lack);
    await expect(launched()).rejects.toMatchObject({
      name: 'CapacityUnavailable',
      message: 'No capacity for t3.small, t3a.small in us-east-1.',
      cause: lack,
    });
    const vm = anEc2Vm({ location: { region: 'us-east-1', zone: 'us-east-1e' } });
    await expect(launched(vm)).rejects.toThrow('in us-east-1e.');
  });

  it.each([
    ['VcpuLimitExceeded', 'QuotaExceeded'],
    ['UnauthorizedOperation', 'ProviderDenied'],
    ['InvalidSubnetID.NotFound', 'SpecRefused'],
  ])('stops at %s, which no other type would help', async (code, name) => {
    stubs.changing.on(RunInstancesCommand).rejects(ec2Error(code));
    await expect(launched()).rejects.toMatchObject({ name });
    expect(runs()).toHaveLength(1);
  });

  it('is put off where EC2 takes no more launches just now', async () => {
    stubs.changing.on(RunInstancesCommand).rejects(ec2Error('RequestLimitExceeded', '', 503));
    expect(await launched()).toBeUndefined();
    expect(runs()).toHaveLength(1);
  });

  it('leaves it open where the repeat of a lost call is refused for haste: the first may still come up', async () => {
    stubs.changing
      .on(RunInstancesCommand)
      .rejectsOnce(lost)
      .rejects(ec2Error('RequestLimitExceeded', '', 503));
    await expect(launched()).rejects.toMatchObject({ name: 'ProviderUnreachable' });
  });

  it.each([
    ['a first call', 1, {}, 0],
    ['a later attempt', 2, {}, 10],
    ['a later attempt that was refused since it looked', 2, { refused: 1 }, 0],
    ['a call that was begun before', 1, { refused: 1, repeated: true }, 10],
  ])('%s looks for what an earlier one has launched: attempt %i, %j, %i calls', async (_, attempt, more, looks) => {
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    await launched(anEc2Vm(), attempt, more);
    expect(stubs.ec2.calls()).toHaveLength(looks);
  });

  it('adopts what a lost reply had launched, once Describe shows it', async () => {
    stubs.changing.on(RunInstancesCommand).rejects(lost);
    stubs.ec2
      .on(DescribeInstancesCommand)
      .resolvesOnce({})
      .resolvesOnce({})
      .resolves(listed(anInstance('i-1')));
    expect((await launched())?.InstanceId).toBe('i-1');
    expect(runs()).toHaveLength(1);
    expect(paused).toEqual([1000]);
  });

  it('asks once more by the same token where nothing is to be seen, and never on the next rung', async () => {
    stubs.changing
      .on(RunInstancesCommand)
      .rejectsOnce(lost)
      .resolves({ Instances: [anInstance('i-1')] });
    expect((await launched())?.InstanceId).toBe('i-1');
    expect(runs().map(({ ClientToken }) => ClientToken)).toEqual([tokenOf(OP, 0), tokenOf(OP, 0)]);
    expect(paused).toEqual([1000, 2000, 4000, 8000]);
  });

  it.each([
    ['lost replies', () => lost],
    ['an empty answer', () => undefined],
    ['a token that is taken', () => ec2Error('IdempotentParameterMismatch')],
  ])('leaves it open after two tries that ended in %s', async (_, error) => {
    const failure = error();
    if (failure) stubs.changing.on(RunInstancesCommand).rejects(failure);
    else stubs.changing.on(RunInstancesCommand).resolves({});
    await expect(launched()).rejects.toMatchObject({ name: 'ProviderUnreachable' });
    expect(runs()).toHaveLength(2);
    expect(new Set(runs().map(({ InstanceType }) => InstanceType))).toEqual(new Set(['t3.small']));
  });
});

describe('a later attempt of the same launch', () => {
  it('looks first and launches nothing where something is there', async () => {
    stubs.ec2.on(DescribeInstancesCommand).resolves(listed(anInstance('i-1')));
    expect((await launched(anEc2Vm(), 2))?.InstanceId).toBe('i-1');
    expect(runs()).toEqual([]);
  });

  it('keeps the earliest of several and ends the others', async () => {
    const later = new Date('2026-01-01T00:00:09.000Z');
    stubs.changing.on(TerminateInstancesCommand).resolves({});
    stubs.ec2
      .on(DescribeInstancesCommand)
      .resolves(
        listed(
          anInstance('i-c', { LaunchTime: later }),
          anInstance('i-b'),
          anInstance('i-a'),
          anInstance('i-0', { State: { Name: 'terminated' } }),
        ),
      );
    expect((await launched(anEc2Vm(), 2))?.InstanceId).toBe('i-a');
    const [ended] = stubs.changing.commandCalls(TerminateInstancesCommand);
    expect(ended?.args[0].input.InstanceIds).toEqual(['i-c', 'i-b']);
  });

  it('does not take what another installation or operation launched', async () => {
    const other = anInstance('i-x', { Tags: [{ Key: 'novacron:op', Value: OP }] });
    stubs.ec2.on(DescribeInstancesCommand).resolves(listed(other, { InstanceId: 'i-y' }));
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    expect((await launched(anEc2Vm(), 2))?.InstanceId).toBe('i-1');
  });

  it.each([
    ['undone', {}, 'i-1: terminated'],
    ['dead by itself', { StateReason: { Message: 'Client.VolumeLimitExceeded' } }, 'i-1: Client.VolumeLimitExceeded'],
  ])('launches nothing again where the first is %s', async (_, changes, why) => {
    const dead = anInstance('i-1', { State: { Name: 'shutting-down' }, ...changes });
    stubs.ec2.on(DescribeInstancesCommand).resolves(listed(dead));
    await expect(launched(anEc2Vm(), 2)).rejects.toMatchObject({
      name: 'CommandFenced',
      message: expect.stringContaining(why),
    });
    expect(runs()).toEqual([]);
  });
});

describe('what a launch is made of', () => {
  it('does not begin after its time', async () => {
    now = Date.parse(ask.notAfter) + 1;
    await expect(launched()).rejects.toMatchObject({ name: 'CommandTooLate' });
    expect(runs()).toEqual([]);
  });

  it('asks before a late launch whether it was undone meanwhile, and then leaves it', async () => {
    now += 6_000;
    await expect(launched(anEc2Vm(), 2, {}, async () => false)).rejects.toMatchObject({ name: 'CommandFenced' });
    expect(runs()).toEqual([]);
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    expect((await launched(anEc2Vm(), 2))?.InstanceId).toBe('i-1');
  });

  it('costs no question while any undo would see what it launches', async () => {
    now += 4_000;
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    const asked = () => expect.unreachable('nobody is to be asked');
    expect((await launched(anEc2Vm(), 1, {}, asked))?.InstanceId).toBe('i-1');
  });

  it('hands the user-data on, out of the object that it waits in', async () => {
    stubs.changing.on(RunInstancesCommand).resolves({ Instances: [anInstance('i-1')] });
    await launched(anEc2Vm({ spec: anEc2Spec({ userDataKey: 'user-data/1' }) }));
    expect(Buffer.from(runs()[0]?.UserData ?? '', 'base64').toString()).toContain('#!/bin/sh');
  });

  it('boots the image of each type, whatever its architecture', async () => {
    stubs.changing
      .on(RunInstancesCommand)
      .rejectsOnce(lack)
      .resolves({ Instances: [anInstance('i-1')] });
    await launched(anEc2Vm({ spec: anEc2Spec({ ec2: { instanceTypes: ['t4g.small', 't3.small'] } }) }));
    const names = stubs.ssm.commandCalls(GetParameterCommand).map(({ args: [{ input }] }) => input.Name);
    expect(names).toEqual([expect.stringMatching(/arm64$/), expect.stringMatching(/x86_64$/)]);
  });

  it.each([
    ['a row that was never asked for', { spec: undefined }, 'SpecRefused'],
    ['neither size nor type', { spec: { ...anEc2Spec(), size: undefined } }, 'SpecRefused'],
    ['a size that is none', { spec: anEc2Spec({ size: 'huge' }) }, 'SizeNotFound'],
  ])('refuses %s', async (_, changes, name) => {
    // Rows as an older version or a broken hand may have left them.
    await expect(launched({ ...anEc2Vm(), ...changes } as Vm)).rejects.toMatchObject({ name });
  });
});
