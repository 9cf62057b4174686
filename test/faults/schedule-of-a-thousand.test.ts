import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { startOperation } from '../../lambdas/runtime/execution.ts';
import { handler as timerComes } from '../../lambdas/schedules/run-schedules.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertSchedule, insertVm, newSchedule } from '../support/api.ts';
import { BusyPlane } from '../support/busy-plane.ts';
import { anEc2Vm } from '../support/ec2.ts';
import { TokenBuckets } from '../support/token-buckets.ts';

/** Issue 5: so many VMs at one minute. */
const COUNT = 1_000;
/** What is told of a run, and what is counted of it. */
const bus = mockClient(EventBridgeClient);

let plane: BusyPlane;
let office: Schedule;
beforeEach(() => {
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  plane = new BusyPlane();
  const buckets = new TokenBuckets();
  plane.ec2.takes = (...call) => buckets.take(...call);
  plane.ec2.looks = (region, isFiltered) =>
    buckets.take(isFiltered ? 'DescribeInstances, filtered' : 'DescribeInstances', region, 0);
});

/** The timer's tick of a minute; what it begins is started as the stream's consumer does, and carried to its end. */
const tick = async (at: string): Promise<{ readonly ran: number; readonly ended: readonly Operation[] }> => {
  vi.setSystemTime(`${at}:00.000Z`);
  const { ran } = await timerComes();
  const begun = await Array.fromAsync(opens.all());
  for (const operation of begun) await startOperation(operation);
  return { ran, ended: (await plane.carry(begun)).map(({ operation }) => operation) };
};

/** Calls of the table by their names, while this is done. */
const callsOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  const before = plane.table.mock.calls().length;
  await work();
  const names = plane.table.mock
    .calls()
    .slice(before)
    .map(({ args: [command] }) => command.constructor.name);
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
};

const furnish = async (state: 'running' | 'stopped', count = COUNT): Promise<void> => {
  for (let index = 1; index <= count; index += 1) {
    const providerId = `i-${index.toString(16).padStart(17, '0')}`;
    plane.ec2.place(providerId, state);
    const location = { account: '123456789012', region: 'us-east-1' };
    const tags = { app: 'shop' };
    await insertVm(anEc2Vm({ name: `web-${index}`, state, desired: state, tags, location, providerId }));
  }
  const row = newSchedule({
    timeZone: 'Etc/UTC',
    periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' }],
    ranThrough: new Date().toISOString(),
  });
  office = lookedAtNext({ ...row, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.now());
  await insertSchedule(office);
};

const lastRun = async () => (await schedules.get('default', office.id)).lastRun;
const stateCounts = async () =>
  Object.fromEntries(
    [...Map.groupBy(await Array.fromAsync(vms.allOf('default')), ({ state }) => state)].map(([state, all]) => [
      state,
      all.length,
    ]),
  );
/** Each VM once, well, and without a word of a throttle to anybody. */
const expectOnce = (ended: readonly Operation[], kind: string): void => {
  expect(new Set(ended.map((operation) => `${operation.kind} ${operation.state}`))).toEqual(
    new Set([`${kind} succeeded`]),
  );
  expect(new Set(ended.map(({ vmId }) => vmId)).size).toBe(COUNT);
  expect(ended).toHaveLength(COUNT);
  expect(JSON.stringify(ended)).not.toMatch(/throttl|slow down|refused/i);
};
/** Every call that reached EC2, looks too. */
const ec2Calls = (): number => plane.ec2.mock.calls().length;

it('brings a thousand VMs down and up again, each once, by 2 + changed / 20 calls of EC2, and nobody reads of a throttle', async () => {
  await furnish('running');
  const down = await tick('2026-11-25T18:00');
  expectOnce(down.ended, 'stop-vm');
  expect(await stateCounts()).toEqual({ stopped: COUNT });
  expect(plane.ec2.callsOf('StopInstances').map(({ passed }) => passed)).toEqual([true]);
  expect(ec2Calls()).toBeLessThanOrEqual(2 + COUNT / 20);
  expect(await lastRun()).toMatchObject({ vms: COUNT, begun: COUNT, owed: [] });

  const before = ec2Calls();
  await tick('2026-11-25T18:10');
  const up = await tick('2026-11-26T09:00');
  expectOnce(up.ended, 'start-vm');
  expect(await stateCounts()).toEqual({ running: COUNT });
  expect(plane.ec2.callsOf('StartInstances').map(({ passed }) => passed)).toEqual([true]);
  expect(ec2Calls() - before).toBeLessThanOrEqual(2 + COUNT / 20);
  await tick('2026-11-26T09:10');
  expect(await lastRun()).toMatchObject({ want: 'up', late: [] });
  expect(bus.commandCalls(PutEventsCommand)).toEqual([]);
});

it('costs a query a minute where nothing is due, and none of EC2', async () => {
  await furnish('running', 100);
  vi.setSystemTime('2026-11-25T17:59:00.000Z');
  expect(await callsOf(() => timerComes())).toEqual({ QueryCommand: 1 });
  expect(ec2Calls()).toBe(0);
});

it('reads a run’s VMs and schedules once, and writes what it came to with the last of what it begins', async () => {
  await furnish('running', 100);
  vi.setSystemTime('2026-11-25T18:00:00.000Z');
  expect(await callsOf(() => timerComes())).toEqual({ QueryCommand: 3, TransactWriteCommand: 3 });
  expect(await lastRun()).toMatchObject({ vms: 100, begun: 100, owed: [] });
  vi.setSystemTime('2026-11-25T18:10:00.000Z');
  const begun = await Array.fromAsync(opens.all());
  for (const operation of begun) await startOperation(operation);
  await plane.carry(begun);
});

it('writes its row alone where all VMs are where it wants them', async () => {
  await furnish('stopped', 100);
  vi.setSystemTime('2026-11-25T18:00:00.000Z');
  expect(await callsOf(() => timerComes())).toEqual({ QueryCommand: 3, PutCommand: 1 });
});
