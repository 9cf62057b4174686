import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MissedSchedule, noticeOfMissed } from '../../lambdas/alerting/schedule-notice.ts';
import { Fault } from '../../lambdas/domain/faults.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { operationAfterFailure } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { handler as lookAgain } from '../../lambdas/events/look-again.ts';
import { handler } from '../../lambdas/schedules/run-schedules.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { settle } from '../../lambdas/store/settle.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, call, insertSchedule, insertVm, newSchedule, newVm, signIn } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { endOpen } from '../support/ending.ts';
import { scheduleTimer } from '../support/schedule-timer.ts';
import { StateTable } from '../support/state-table.ts';
import { CONTEXT, queued } from '../support/stream.ts';

const { bus, tick: tickAt } = scheduleTimer();
const queue = mockClient(SQSClient);
let state: StateTable;
beforeEach(() => {
  // A tick comes here where a test says so, and hours pass without one.
  leaves('ScheduleOverdue');
  state = new StateTable();
  queue.reset();
  queue.on(SendMessageBatchCommand).resolves({});
});
const SHOP = newSchedule({
  ranThrough: '2026-10-17T00:00:00.000Z',
  createdAt: '2026-10-17T00:00:00.000Z',
  order: [
    { name: 'db', filter: 'tag:tier=db' },
    { name: 'app', filter: 'tag:tier=app', after: ['db'] },
    { name: 'web', filter: 'tag:tier=web', after: ['app'] },
    { name: 'cache', filter: 'tag:tier=cache' },
    { name: 'batch', filter: 'tag:tier=batch', after: ['cache'] },
  ],
});
const TIERS = ['db', 'app', 'web', 'cache', 'batch'];
const idOf = (tier: string): string => `vm-${String(TIERS.indexOf(tier)).padStart(16, '0')}`;

const begin = async (
  tiers: readonly string[],
  is: 'running' | 'stopped' = 'stopped',
  more: Partial<Schedule> = {},
): Promise<void> => {
  for (const tier of tiers) {
    const vm = newVm({ id: idOf(tier), name: tier, tags: { app: 'shop', tier }, state: is, desired: is });
    await insertVm(is === 'running' ? { ...vm, ready: { ...vm.ready, status: 'true' } } : vm);
  }
  await insertSchedule(
    lookedAtNext({ ...SHOP, ...more, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(SHOP.ranThrough)),
  );
};
const row = (): Promise<Schedule> => schedules.get('default', SHOP.id);
const tick = (at: string): Promise<number> => tickAt(`2026-10-19T${at}`);
/** An event of our bus that tells of a VM, some seconds later: no tick. */
const wake = (at: string, tier: string) => {
  vi.setSystemTime(`2026-10-19T${at}.000Z`);
  return handler({ source: 'novacron.operation', detail: { project: 'default', vmId: idOf(tier) } });
};
/** What was put into the queue of looks. */
const ordered = () =>
  queue
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args: [{ input }] }) => input.Entries ?? [])
    .map(({ DelaySeconds, MessageBody = '' }) => ({ seconds: DelaySeconds, message: JSON.parse(MessageBody) }));
/** A message of that queue comes, and goes over our bus to who runs schedules. */
const comes = async (message: object, at: string) => {
  vi.setSystemTime(`2026-10-19T${at}.000Z`);
  bus.resetHistory();
  expect(await lookAgain(queued(message), CONTEXT)).toEqual({ batchItemFailures: [] });
  const [{ Source, DetailType, Detail = '' } = {}] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
  return handler({ source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) });
};
const asked = (): string[] =>
  state.of('operation').map(({ createdAt, kind, vmName }) => `${String(createdAt).slice(11, 19)} ${kind} ${vmName}`);
const end = (name: string) => endOpen(({ vmName }) => vmName === name);
const told = () =>
  bus.commandCalls(PutEventsCommand).map(({ args: [{ input }] }) => JSON.parse(input.Entries?.[0]?.Detail ?? ''));
const fail = async (name: string): Promise<void> => {
  const open = (await Array.fromAsync(opens.all())).find(({ vmName }) => vmName === name);
  const at = new Date().toISOString();
  await settle(
    { operationId: open?.id ?? '' },
    ({ operation, vm }) => {
      const { lock: _, ...rest } = vm as Vm;
      const fault = new Fault('CapacityUnavailable', 'no room');
      return {
        operation: operationAfterFailure(operation, { fault }, at),
        vm: { ...rest, state: 'stopped', desired: 'stopped' },
      };
    },
    at,
  );
};

describe('an ordered schedule', () => {
  it('goes on from node to node by events, within the minute, and back in reverse', async () => {
    await begin(['db', 'app', 'web']);
    await tick('07:00');
    expect((await row()).lastRun?.waiting).toEqual(['app', 'web']);
    expect((await row()).lastRun?.awaits).toEqual([idOf('db')]);
    // What is on its way still, or waited for by none, is not looked at further.
    expect(await wake('07:00:10', 'db')).toEqual({ ran: 0 });
    expect(await wake('07:00:11', 'web')).toEqual({ ran: 0 });
    await end('db');
    expect(await wake('07:00:20', 'db')).toEqual({ ran: 1 });
    expect(await wake('07:00:21', 'db')).toEqual({ ran: 0 });
    await end('app');
    await wake('07:00:31', 'app');
    await end('web');
    expect(await wake('07:00:40', 'web')).toEqual({ ran: 0 });
    expect(asked()).toEqual(['07:00:00 start-vm db', '07:00:20 start-vm app', '07:00:31 start-vm web']);
    expect((await row()).lastRun).toMatchObject({ waiting: [], begun: 3, turnAt: '2026-10-19T07:00:31.000Z' });
    await tick('16:00');
    for (const [name, at] of [
      ['web', '16:00:05'],
      ['app', '16:00:10'],
      ['db', '16:00:15'],
    ] as const) {
      await end(name);
      await wake(at, name);
    }
    expect(asked().slice(3)).toEqual(['16:00:00 stop-vm web', '16:00:05 stop-vm app', '16:00:10 stop-vm db']);
  });

  it('sees what came while it looked, when what told of that meant nothing to it yet', async () => {
    await begin(['db', 'app']);
    const key = `vm#${idOf('db')}\nvm`;
    state.afterTransaction = () => {
      const db = state.rows.get(key);
      // Once it has been asked for, and before it is looked whether it has come.
      if (db?.lock && db.state !== 'running')
        state.rows.set(key, { ...db, state: 'running', ready: { status: 'true', reason: '', message: '', at: AT } });
    };
    await tick('07:00');
    expect(asked().map((each) => each.slice(9))).toEqual(['start-vm db', 'start-vm app']);
    state.afterTransaction = () => undefined;
    await end('db');
  });

  it('believes the row of what has come before an index that lags', async () => {
    await begin(['db', 'app']);
    await tick('07:00');
    const stale = state.of('vm').find(({ id }) => id === idOf('db'));
    await end('db');
    const query = state.query.bind(state);
    state.query = (input) => {
      const page = query(input);
      return {
        ...page,
        Items: page.Items.map((item) => (item.entity === 'vm' && item.id === idOf('db') && stale) || item),
      };
    };
    expect(await wake('07:00:20', 'db')).toEqual({ ran: 1 });
    expect(asked()).toEqual(['07:00:00 start-vm db', '07:00:20 start-vm app']);
  });

  it('goes on where the VM that it awaits is deleted, and after a run that noted none', async () => {
    await begin(['db', 'app', 'web']);
    await tick('07:00');
    await end('db');
    vi.setSystemTime('2026-10-19T07:00:10.000Z');
    await call(`DELETE /v1/vms/${idOf('db')}`, { token: await signIn('admin') });
    await end('db');
    expect(await wake('07:00:20', 'db')).toEqual({ ran: 1 });
    expect(asked().at(-1)).toBe('07:00:20 start-vm app');
    const before = await row();
    const { awaits: _, ...lastRun } = before.lastRun ?? {};
    await schedules.swap(before, { ...before, lastRun: lastRun as Schedule['lastRun'] });
    await end('app');
    expect(await wake('07:00:30', 'app')).toEqual({ ran: 1 });
    expect(asked().at(-1)).toBe('07:00:30 start-vm web');
  });

  it('hears nothing in events of ours that tell of no VM', async () => {
    await begin(['db', 'app']);
    vi.setSystemTime('2026-10-19T07:00:00.000Z');
    expect(await handler({ source: 'novacron.operation', detail: { hostId: 'h-1' } })).toEqual({ ran: 0 });
    expect(asked()).toEqual([]);
  });

  it('goes on by the tick where no event comes', async () => {
    await begin(['db', 'app']);
    await tick('07:00');
    await end('db');
    expect((await row()).nextAt).toBe('2026-10-19T07:01:00.000Z');
    await tick('07:01');
    expect(asked()).toEqual(['07:00:00 start-vm db', '07:01:00 start-vm app']);
  });

  it('ends a delay on its second, whether it is over before the next tick or after some', async () => {
    const [db, ...rest] = SHOP.order ?? [];
    await begin(['db', 'app'], 'stopped', {
      order: [{ name: 'db', filter: 'tag:tier=db', ...db, delaySeconds: 75 }, ...rest],
    });
    await tick('07:00');
    vi.setSystemTime('2026-10-19T07:00:10.000Z');
    await end('db');
    await wake('07:00:11', 'db');
    expect((await row()).lastRun).toMatchObject({ waiting: ['app', 'web'], nextTurnAt: '2026-10-19T07:01:25.000Z' });
    // A tick comes before, and orders it for what is left.
    expect(ordered()).toEqual([]);
    await tick('07:01');
    const { version, project } = await row();
    const due = { scheduleId: SHOP.id, project, version };
    expect(ordered()).toEqual([{ seconds: 25, message: due }]);
    expect(await comes(due, '07:01:25')).toEqual({ ran: 1 });
    expect(asked()).toEqual(['07:00:00 start-vm db', '07:01:25 start-vm app']);
    expect((await row()).lastRun).not.toHaveProperty('nextTurnAt');
    // What comes twice, or was ordered for a row that has been looked at since, does nothing.
    const after = await row();
    expect(await comes(due, '07:01:26')).toEqual({ ran: 0 });
    expect(await row()).toEqual(after);
    expect(await comes({ ...due, scheduleId: 'sch-00000000000000zz' }, '07:01:26')).toEqual({ ran: 0 });
  });

  it('orders what is left of a delay whose message came too early', async () => {
    await begin(['db', 'app'], 'stopped', { order: (SHOP.order ?? []).map((node) => ({ ...node, delaySeconds: 20 })) });
    await tick('07:00');
    vi.setSystemTime('2026-10-19T07:00:10.000Z');
    await end('db');
    await wake('07:00:11', 'db');
    expect(ordered()).toMatchObject([{ seconds: 19 }]);
    await comes({ scheduleId: SHOP.id, project: 'default', version: (await row()).version }, '07:00:28');
    expect(ordered()).toMatchObject([{ seconds: 19 }, { seconds: 2, message: { version: (await row()).version } }]);
    expect(asked()).toHaveLength(1);
  });

  it('holds back only the branch of a VM that failed, and tells the whole once with its cause', async () => {
    await begin(TIERS);
    await tick('07:00');
    await fail('db');
    await end('cache');
    await wake('07:00:30', 'cache');
    await end('batch');
    for (const at of ['07:05', '07:11', '07:12']) await tick(at);
    expect(asked().toSorted()).toEqual(['07:00:00 start-vm cache', '07:00:00 start-vm db', '07:00:30 start-vm batch']);
    const cause = 'CapacityUnavailable: no room';
    const needs = { node: 'db', vmId: idOf('db'), vmName: 'db', cause };
    expect((await row()).lastRun?.late).toMatchObject([
      { vmName: 'db', cause },
      { vmName: 'app', cause: `waits for db: db: ${cause}`, needs },
      { vmName: 'web', cause: `waits for db: db: ${cause}`, needs },
    ]);
    expect(told()).toHaveLength(1);
    const { facts, advice } = noticeOfMissed(MissedSchedule.parse(told()[0]));
    expect(facts.slice(0, 3)).toEqual([
      ['db', cause],
      ['app', `waits for db: db: ${cause}`],
      ['web', `waits for db: db: ${cause}`],
    ]);
    expect(advice.slice(0, 2)).toEqual([
      expect.stringContaining('give its VM more types'),
      'What waits for db follows by itself once that has come, for an hour.',
    ]);
  });

  it('tells of what waits for a VM that a person keeps as it is, and how to bring that up', async () => {
    await begin(['db', 'app']);
    await tick('07:00');
    await end('db');
    vi.setSystemTime('2026-10-19T07:00:10.000Z');
    await call(`POST /v1/vms/${idOf('db')}/actions/stop`, { token: await signIn('operator') });
    await end('db');
    for (const at of ['07:05', '07:11']) await tick(at);
    const { title, facts, advice } = noticeOfMissed(MissedSchedule.parse(told()[0]));
    expect(title).toContain('app should be up');
    expect(facts[0]).toEqual(['app', 'waits for db: db: it is stopped, as somebody wants it']);
    expect(advice[0]).toContain('A person keeps it so');
  });

  it('goes on once somebody has brought up what failed, and not after an hour', async () => {
    await begin(['db', 'app', 'web']);
    await tick('07:00');
    await fail('db');
    const db = await vms.get(idOf('db'));
    await vms.swap(db, { ...db, state: 'running', desired: 'running', ready: { ...db.ready, status: 'true' } });
    await wake('07:30:00', 'db');
    expect(asked().slice(1)).toEqual(['07:30:00 start-vm app']);
    await tick('08:31');
    await end('app');
    expect(await wake('08:32:00', 'app')).toEqual({ ran: 0 });
    expect(asked()).toHaveLength(2);
  });

  it('leaves alone what a person stopped before its turn came', async () => {
    await begin(['db', 'app']);
    const app = await vms.get(idOf('app'));
    await vms.swap(app, { ...app, state: 'running', desired: 'running' });
    await tick('07:00');
    vi.setSystemTime('2026-10-19T07:00:10.000Z');
    await call(`POST /v1/vms/${idOf('app')}/actions/stop`, { token: await signIn('operator') });
    await end('app');
    await end('db');
    await wake('07:00:20', 'db');
    expect(asked()).toEqual(['07:00:00 start-vm db', '07:00:10 stop-vm app']);
  });

  it('that dies before it has noted a turn takes it again, and asks for nothing twice', async () => {
    await begin(['db', 'app', 'web']);
    const noted: Schedule[] = [await row()];
    const crash = async (): Promise<void> => {
      await table.save({
        ...table.put(schedules.entity, { ...(noted.at(-1) as Schedule), version: 90 + noted.length }),
      });
    };
    for (const [name, at] of [
      ['db', '07:00'],
      ['app', '07:01'],
      ['web', '07:02'],
    ] as const) {
      await tick(at);
      await crash();
      await tick(at);
      await end(name);
      await crash();
      noted.push(await row());
      await tick(at);
      noted.push(await row());
    }
    expect(
      asked()
        .map((each) => each.slice(9))
        .toSorted(),
    ).toEqual(['start-vm app', 'start-vm db', 'start-vm web']);
    expect((await row()).lastRun?.waiting).toEqual([]);
  });

  it('does not begin between its times where an order is given to it later, or is changed or taken away', async () => {
    await begin(['db', 'app']);
    await tick('07:00');
    const before = await row();
    await schedules.swap(before, { ...before, order: [{ name: 'new', filter: 'tag:tier=app' }] });
    await end('db');
    await tick('07:01');
    expect(asked()).toHaveLength(1);
    expect((await row()).lastRun?.waiting).toEqual([]);
  });
});

describe('an order that is wrong', () => {
  it.each([
    [{ filter: 'tag:a=b', after: ['db'] }, '/order/0/after/0'],
    [{ filter: 'nonsense' }, undefined],
    [{ filter: '' }, '/order/0/filter'],
    [{ vms: ['vm-0000000000000009'] }, '/order/0/vms/0'],
  ])('is refused: %j', async (node, pointer) => {
    const { name, targets, timeZone, periods } = SHOP;
    const body = { name, targets, timeZone, periods, order: [{ name: 'db', ...node }] };
    const { status, body: answer } = await call('POST /v1/schedules', { token: await signIn('operator'), body });
    expect(status).toBe(400);
    expect(answer.errors?.map((each) => each.pointer) ?? []).toEqual(expect.arrayContaining(pointer ? [pointer] : []));
  });
});
