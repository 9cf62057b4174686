import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ec2Vm, kvmVm, prefixOf } from '../local/asked-vms.ts';
import { IS_LONG } from '../support/cases.ts';
import type { FaultRule } from '../support/fault-proxy.ts';
import { ask, succeeds, usingFaultProxy } from './rig.ts';

/** F-08: AWS refuses a part of all calls for haste. Everything ends well, by not many more attempts. */
const proxy = usingFaultProxy();
const prefix = prefixOf('haste');

const haste = (service: FaultRule['service'], code: string, status: number): Pick<FaultRule, 'service' | 'error'> => ({
  service,
  error: { code, status },
});

const HASTE = [
  haste('ec2', 'RequestLimitExceeded', 503),
  haste('stepfunctions', 'ThrottlingException', 400),
  haste('dynamodb', 'ThrottlingException', 400),
  // No host is asked in the short form.
  ...(IS_LONG ? [haste('ssm', 'ThrottlingException', 400)] : []),
];

/** The first call of each service, so that none goes unhurt by luck where few calls are made; then this share of all. */
const refusing = (probability: number): FaultRule[] => [
  ...HASTE.map((rule) => ({ ...rule, times: 1 })),
  ...HASTE.map((rule) => ({ ...rule, probability })),
];

/** What operations do, beside which the plane's clocks do nothing of the kind. */
const DEEDS: readonly FaultRule[] = [
  ...['RunInstances', 'StopInstances', 'StartInstances', 'TerminateInstances'].map((operation) => ({
    service: 'ec2' as const,
    operation,
    latency: 0,
  })),
  { service: 'ssm', operation: 'SendCommand', latency: 0 },
  { service: 'stepfunctions', operation: 'StartExecution', latency: 0 },
  { service: 'stepfunctions', operation: 'SendTaskSuccess', latency: 0 },
];

/** Calls of these so far: those that were let through, and those that were refused. */
const deeds = async (): Promise<number> => {
  const counts = await Promise.all(DEEDS.map(({ operation = '' }) => proxy().met(operation)));
  return counts.reduce((sum, count) => sum + count, 0);
};

/** The life of a few VMs of both worlds: made, stopped, started, deleted, all of them at once. `accepted`: once all are asked for. */
const live = async (word: string, accepted: () => Promise<unknown> = async () => undefined): Promise<number> => {
  const before = await deeds();
  const bodies = [0, 1, 2].flatMap((index) => [
    ec2Vm(`${prefix}-${word}-e${index}`),
    ...(IS_LONG ? [kvmVm(`${prefix}-${word}-k${index}`)] : []),
  ]);
  const each = async (work: (vmId: string) => Promise<unknown>, made: readonly string[]) =>
    void (await Promise.all(made.map(work)));
  const asked = await Promise.all(bodies.map((body) => ask('POST', '/v1/vms', body)));
  await accepted();
  const made = asked.map(({ vmId }) => vmId);
  await Promise.all(asked.map((operation) => succeeds(operation)));
  if (IS_LONG) {
    await each(async (id) => succeeds(await ask('POST', `/v1/vms/${id}/actions/stop`, { force: true })), made);
    await each(async (id) => succeeds(await ask('POST', `/v1/vms/${id}/actions/start`)), made);
  }
  await each(async (id) => succeeds(await ask('DELETE', `/v1/vms/${id}?purge=true`)), made);
  return (await deeds()) - before;
};

describe('an AWS that refuses for haste', () => {
  it('three of ten calls: all operations end well, by at most three times the calls', async () => {
    await proxy().break(...DEEDS);
    const clean = await live('clean');
    expect(clean).toBeGreaterThan(8);
    const rules = refusing(0.3);
    await proxy().break(...rules, ...DEEDS);
    const refused = await live('third');
    const fired = (await proxy().fired()).slice(0, rules.length);
    expect(fired.slice(0, HASTE.length)).toEqual(HASTE.map(() => 1));
    console.log({ clean, refused, fired });
    expect(refused).toBeLessThanOrEqual(3 * clean);
  });

  it.runIf(IS_LONG)(
    'nine of ten calls for a minute: all operations end well after it',
    { timeout: 600_000 },
    async () => {
      const rules = refusing(0.9);
      // A table that refuses accepts nothing: what was accepted is what must not be lost.
      await proxy().break(...rules.filter(({ service }) => service !== 'dynamodb'));
      let minute: Promise<unknown> = Promise.resolve();
      await live('most', async () => {
        await proxy().break(...rules);
        minute = sleep(60_000).then(async () => console.log({ fired: await proxy().mend() }));
      });
      await minute;
    },
  );
});
