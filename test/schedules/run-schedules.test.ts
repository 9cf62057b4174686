import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Override, Schedule } from '../../lambdas/domain/schedule.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { SchedulePreview } from '../../lambdas/domain/schedule-preview.ts';
import { operationAfterFailure } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import * as groups from '../../lambdas/store/groups.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as plans from '../../lambdas/store/plans.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { settle } from '../../lambdas/store/settle.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import {
  call,
  insertGroup,
  insertProject,
  insertSchedule,
  insertVm,
  insertWindow,
  newGroup,
  newSchedule,
  newVm,
  newWindow,
  signIn,
} from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { endOpen } from '../support/ending.ts';
import { scheduleTimer } from '../support/schedule-timer.ts';
import { StateTable } from '../support/state-table.ts';

const { bus, tick } = scheduleTimer();
let state: StateTable;
beforeEach(() => {
  // A tick comes here where a test says so, and hours pass without one.
  leaves('ScheduleOverdue');
  state = new StateTable();
});
const vmId = (number: number): string => `vm-${String(number).padStart(16, '0')}`;

const OFFICE = newSchedule({ ranThrough: '2026-10-17T00:00:00.000Z', createdAt: '2026-10-17T00:00:00.000Z' });

const insert = async (more: Partial<Schedule> = {}): Promise<Schedule> => {
  const schedule = { ...OFFICE, ...more };
  const armed = lookedAtNext({ ...schedule, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(schedule.ranThrough));
  await insertSchedule(armed);
  return armed;
};

const shop = async (more: Partial<Vm> = {}, numbers = [1, 2, 3]): Promise<void> => {
  for (const number of numbers) {
    const stopped = { state: 'stopped', desired: 'stopped' } as const;
    await insertVm(newVm({ id: vmId(number), name: `vm-${number}`, tags: { app: 'shop' }, ...stopped, ...more }));
  }
};

const statesOf = async (): Promise<string[]> =>
  (await Array.fromAsync(vms.allOf('default'))).map(({ name, state: is }) => `${name} ${is}`);
const asked = (): string[] =>
  state.of('operation').map(({ createdAt, kind, vmName }) => `${String(createdAt).slice(0, 16)} ${kind} ${vmName}`);
const row = () => schedules.get('default', OFFICE.id);
const events = () =>
  bus.commandCalls(PutEventsCommand).map(({ args }) => {
    const [entry] = args[0].input.Entries ?? [];
    return { type: entry?.DetailType, detail: JSON.parse(entry?.Detail ?? '{}') };
  });

/** The clock goes from one look to the next; what a look begins ends well at once. */
const live = async (until: string): Promise<void> => {
  for (let { nextAt } = await row(); nextAt !== undefined && nextAt <= `${until}:00.000Z`; { nextAt } = await row()) {
    await tick(nextAt.slice(0, 'yyyy-mm-ddThh:mm'.length));
    await endOpen(() => true);
  }
};

describe('a schedule', () => {
  it('starts and stops its VMs at the times of its zone, once each, through a change of the clocks', async () => {
    await shop({}, [1]);
    await insert({ closures: [{ from: '2026-10-26', note: 'bridge day' }] });
    await live('2026-10-28T00:00');
    // Summer time ends on Sunday the 25th; Monday is closed.
    const days = ['19T07', '20T07', '21T07', '22T07', '23T07', '27T08'];
    const ends = ['19T16', '20T16', '21T16', '22T16', '23T16', '27T17'];
    expect(asked()).toEqual(
      days.flatMap((day, index) => [`2026-10-${day}:00 start-vm vm-1`, `2026-10-${ends[index]}:00 stop-vm vm-1`]),
    );
    expect(events()).toEqual([]);
  });

  it('asks in its own name, in its project, and leaves VMs alone that are where they shall be, are not its own or not ours', async () => {
    await shop({}, [1]);
    await shop({ state: 'running', desired: 'running' }, [2]);
    await shop({ managed: false }, [3]);
    await shop({ tags: {} }, [4]);
    await insert();
    await tick('2026-10-19T07:00');
    expect(state.of('operation')).toMatchObject([{ vmName: 'vm-1', by: `schedule:${OFFICE.id}`, project: 'default' }]);
    expect((await row()).lastRun).toMatchObject({ plannedAt: '2026-10-19T07:00:00.000Z', vms: 2, begun: 1, owed: [] });
    expect(state.of('audit')).toMatchObject([{ action: 'run-schedule', by: `schedule:${OFFICE.id}` }]);
    await endOpen(() => true);
  });

  it('is not run before its time, and once at it however often the timer comes', async () => {
    await shop();
    await insert();
    expect(await tick('2026-10-19T06:59')).toBe(0);
    expect(await tick('2026-10-19T07:00')).toBe(1);
    expect(await tick('2026-10-19T07:00')).toBe(0);
    expect(asked()).toHaveLength(3);
  });

  it('that is to be ready at its time learns what its starts take, begins the next one so much earlier, and says so', async () => {
    await shop({}, [1]);
    await insert({ early: 'learned' });
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    const vm = await vms.get(vmId(1));
    const ready = { status: 'true', reason: 'AgentAnswers', message: '', at: '2026-10-19T07:03:30.000Z' } as const;
    await vms.swap(vm, { ...vm, state: 'running', ready });
    await tick('2026-10-19T07:10');
    expect(await row()).toMatchObject({ starts: [210], lastRun: { readySeconds: 210 } });
    const viewer = await signIn('viewer');
    const preview = await call(`GET /v1/schedules/${OFFICE.id}/preview`, { token: viewer });
    expect(preview.body).toMatchObject({ early: { minutes: 5, starts: 1 } });
    expect(SchedulePreview.parse(preview.body).times).toContainEqual(
      expect.objectContaining({ want: 'up', at: '2026-10-20T07:00:00.000Z', askedAt: '2026-10-20T06:55:00.000Z' }),
    );
    await live('2026-10-20T08:00');
    expect(asked()).toEqual([
      '2026-10-19T07:00 start-vm vm-1',
      '2026-10-19T16:00 stop-vm vm-1',
      '2026-10-20T06:55 start-vm vm-1',
    ]);
    expect((await row()).lastRun).toMatchObject({ plannedAt: '2026-10-20T07:00:00.000Z', late: [] });
  });

  it('whose early start is overtaken by an override that ends before its time begins it once more', async () => {
    await shop({}, [1]);
    const by = { want: 'down', by: 'token:anna' } as const;
    const [from, until] = ['2026-10-19T06:57:00.000Z', '2026-10-19T06:58:00.000Z'];
    await insert({ early: 10 });
    await tick('2026-10-19T06:50');
    await endOpen(() => true);
    const overridden = {
      ...(await row()),
      overrides: [{ ...by, from, until }],
      holidays: NO_HOLIDAYS,
      windowTimes: [],
      version: 9,
    };
    await table.save(table.put(schedules.entity, lookedAtNext(overridden, Date.now())));
    await live('2026-10-19T07:30');
    expect(asked()).toEqual([
      '2026-10-19T06:50 start-vm vm-1',
      '2026-10-19T06:57 stop-vm vm-1',
      '2026-10-19T06:58 start-vm vm-1',
    ]);
    expect(await statesOf()).toEqual(['vm-1 running']);
  });

  it('notes its run in the transaction of the last that it asks for, and asks for nothing once a person has changed it', async () => {
    await shop();
    await insert();
    state.mock.resetHistory();
    await tick('2026-10-19T07:00');
    const calls = state.mock.calls().map(({ args: [command] }) => command.constructor.name);
    expect(calls.filter((name) => name !== 'QueryCommand')).toEqual(['TransactWriteCommand']);
    expect((await row()).lastRun).toMatchObject({ begun: 3, owed: [] });
    await endOpen(() => true);
    state.beforeTransaction = () => {
      state.beforeTransaction = () => undefined;
      const [schedule] = state.of('schedule');
      state.rows.set(`${schedule?.pk}\n${schedule?.sk}`, { ...schedule, enabled: false, version: 77 });
    };
    await tick('2026-10-19T16:00');
    expect(asked()).toHaveLength(3);
    expect(await row()).toMatchObject({ enabled: false, version: 77 });
  });

  it('that dies before it has noted its run asks for nothing twice', async () => {
    await shop();
    await insert();
    const before = await row();
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    // The row is as it was before the run: nothing of it was noted.
    await table.save({ ...table.put(schedules.entity, { ...before, version: 9 }) });
    await tick('2026-10-19T07:01');
    expect(asked()).toHaveLength(3);
  });

  it('keeps to the operations a minute that its project may begin, and goes on in the next', async () => {
    await insertProject({ id: 'shop', maxOperationsPerMinute: 2 });
    await shop({ project: 'shop' });
    await insert({ project: 'shop' });
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    const after = await schedules.get('shop', OFFICE.id);
    expect(after.lastRun).toMatchObject({ begun: 2, owed: [{ fault: 'TooManyRequests' }] });
    await tick('2026-10-19T07:01');
    await endOpen(() => true);
    expect((await schedules.get('shop', OFFICE.id)).lastRun).toMatchObject({ begun: 3, owed: [] });
  });

  it('tries again what another operation holds, and is done with it', async () => {
    const lock = {
      operationId: 'op-1',
      reason: 'reboot-vm',
      by: 'anna',
      since: OFFICE.createdAt,
      expiresAt: OFFICE.createdAt,
    };
    await shop({ lock }, [1]);
    await shop({}, [2]);
    await insert();
    await tick('2026-10-19T07:00');
    expect((await row()).lastRun?.owed).toMatchObject([{ vmId: vmId(1), fault: 'VmLocked' }]);
    const held = await vms.get(vmId(1));
    const { lock: _, ...free } = held;
    await vms.swap(held, free);
    expect((await row()).nextAt).toBe('2026-10-19T07:01:00.000Z');
    await tick('2026-10-19T07:01');
    expect((await row()).lastRun).toMatchObject({ begun: 2, owed: [] });
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-2', '2026-10-19T07:01 start-vm vm-1']);
  });

  it.each([
    ['late', 'start-vm'],
    ['skip', undefined],
    ['if-still-inside', 'start-vm'],
  ] as const)('that was missed is by its rule %s', async (missed, kind) => {
    await shop({}, [1]);
    await insert({ missed });
    await tick('2026-10-19T11:00');
    await endOpen(() => true);
    expect(state.of('operation').map((each) => each.kind)).toEqual(kind ? [kind] : []);
    expect((await row()).lastRun?.skipped).toBe(kind === undefined);
  });

  it.each([
    ['HostUnreachable', { state: 'unknown', lastState: 'stopped' }],
    ['VmLost', { state: 'lost' }],
  ] as const)('starts the others where one cannot be asked for: %s', async (fault, more) => {
    leaves('ScheduleOverdue', 'VmLost');
    await shop(more, [1]);
    await shop({}, [2]);
    await insert();
    await tick('2026-10-19T07:00');
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-2']);
    expect((await row()).lastRun).toMatchObject({ vms: 2, begun: 1, owed: [{ vmId: vmId(1), fault }] });
    await endOpen(() => true);
  });

  it('of one-sided times is left out where it was missed and nothing is inside', async () => {
    await shop({}, [1]);
    await insert({ missed: 'if-still-inside', periods: [{ dates: ['2026-10-19'], start: '09:00' }] });
    await tick('2026-10-19T11:00');
    expect((await row()).lastRun).toMatchObject({ skipped: true, begun: 0 });
  });

  it('of which several times were missed does the last', async () => {
    await shop({ state: 'running', desired: 'running' }, [1]);
    await insert();
    await tick('2026-10-20T20:00');
    expect(asked()).toEqual(['2026-10-20T20:00 stop-vm vm-1']);
  });

  it('keeps what a person did until its next time', async () => {
    await shop({}, [1]);
    await insert();
    await live('2026-10-19T12:00');
    const running = await vms.get(vmId(1));
    await vms.swap(running, { ...running, state: 'stopped', desired: 'stopped' });
    await live('2026-10-19T17:30');
    expect(await statesOf()).toEqual(['vm-1 stopped']);
    await live('2026-10-20T08:00');
    expect(await statesOf()).toEqual(['vm-1 running']);
  });

  it('obeys an override until its moment, which ends by itself', async () => {
    const override: Override = {
      want: 'up',
      from: '2026-10-23T15:00:00.000Z',
      until: '2026-10-23T20:00:00.000Z',
      by: 'oidc:anna',
    };
    await shop({}, [1]);
    await insert({ overrides: [override] });
    await live('2026-10-23T19:00');
    expect(await statesOf()).toEqual(['vm-1 running']);
    await live('2026-10-23T20:30');
    expect(asked().slice(-1)).toEqual(['2026-10-23T20:00 stop-vm vm-1']);
  });

  it('that is turned off, or of a deleted project, does nothing', async () => {
    await shop({}, [1]);
    await insertProject({ id: 'gone', live: false });
    await insert({ enabled: false });
    const left = await insert({ id: 'sch-0000000000000002', name: 'left', project: 'gone' });
    expect((await row()).nextAt).toBeUndefined();
    expect(await tick('2026-10-19T07:00')).toBe(1);
    expect(asked()).toEqual([]);
    expect((await schedules.get('gone', left.id)).nextAt).toBeUndefined();
  });

  it('is about who is in its group when its time comes, and ranks hold through groups', async () => {
    await shop({ tags: {} });
    const group = newGroup({ name: 'team', vms: [vmId(1)], filter: 'tag:app=shop' });
    await insertGroup(group);
    await insert({ targets: { filter: 'group=team' } });
    // The one of higher rank keeps vm-3 off, by a group of its own.
    await insertGroup(newGroup({ id: 'grp-0000000000000002', name: 'kept', vms: [vmId(3)], filter: 'tag:app=none' }));
    await insert({
      id: 'sch-0000000000000002',
      name: 'kept',
      priority: 5,
      targets: { filter: 'group=kept' },
      periods: [{ weekdays: ['mon', 'tue'], stop: '09:00' }],
    });
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-1']);
    await table.save(table.swapping(groups.entity, table.next({ ...group, vms: [vmId(2), vmId(3)] })));
    // Nobody is turned on or off by joining or leaving: the next time does that.
    await tick('2026-10-19T08:00');
    expect(asked()).toHaveLength(1);
    await tick('2026-10-20T07:00');
    await endOpen(() => true);
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-1', '2026-10-20T07:00 start-vm vm-2']);
  });

  it('has its VMs up in its windows, too, each in its own zone, and stops nobody within one', async () => {
    await shop({}, [1]);
    const nights = newWindow({ periods: [{ weekdays: ['tue'], start: '16:00', stop: '20:00' }] });
    const abroad = {
      timeZone: 'America/New_York',
      periods: [{ dates: ['2026-10-25'], start: '01:00', stop: '03:00' }],
    };
    const other = newWindow({ id: 'win-0000000000000002', name: 'backups', ...abroad });
    await insertWindow(nights);
    await insertWindow(other);
    await insertSchedule(
      lookedAtNext(await plans.planned({ ...OFFICE, windows: [nights.id, other.id] }), Date.parse(OFFICE.ranThrough)),
    );
    await live('2026-10-21T00:00');
    // Tuesday's stop is due at six in Berlin, and waits until the window closes at eight.
    expect(asked()).toEqual([
      '2026-10-19T07:00 start-vm vm-1',
      '2026-10-19T16:00 stop-vm vm-1',
      '2026-10-20T07:00 start-vm vm-1',
      '2026-10-20T18:00 stop-vm vm-1',
    ]);
    expect((await row()).lastRun?.because).toBe('window patching ends');
    await live('2026-10-26T00:00');
    expect(asked().slice(-2)).toEqual(['2026-10-25T05:00 start-vm vm-1', '2026-10-25T07:00 stop-vm vm-1']);
    expect((await row()).lastRun?.because).toBe('window backups ends');
  });

  it('begins early before a window, and leaves one out that was missed where it says so', async () => {
    await shop({}, [1]);
    await insertWindow(newWindow());
    const windows = [newWindow().id];
    const early = await plans.planned({ ...OFFICE, windows, early: 10, missed: 'if-still-inside' });
    await insertSchedule(lookedAtNext(early, Date.parse(OFFICE.ranThrough)));
    await live('2026-10-18T12:00');
    expect(asked()).toEqual(['2026-10-17T23:50 start-vm vm-1', '2026-10-18T02:00 stop-vm vm-1']);
    // The plane is away over the next window.
    await live('2026-10-24T22:00');
    await tick('2026-10-25T04:00');
    expect((await row()).lastRun).toMatchObject({ want: 'down', skipped: false, because: 'window patching ends' });
  });

  it('goes by groups in its order', async () => {
    await shop({}, [1, 2]);
    await insertGroup(newGroup({ name: 'first', vms: [vmId(2)], filter: 'tag:tier=db' }));
    const order = [
      { name: 'db', filter: 'group=first' },
      { name: 'app', filter: 'group!=first', after: ['db'] },
    ];
    await insert({ order });
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-2']);
  });

  it('whose group is empty does nothing, and is no trouble', async () => {
    await shop();
    await insertGroup(newGroup({ name: 'team', vms: [], filter: 'tag:app=none' }));
    await insert({ targets: { filter: 'group=team' } });
    await tick('2026-10-19T07:00');
    expect((await row()).lastRun).toMatchObject({ vms: 0, begun: 0, owed: [] });
    expect(asked()).toEqual([]);
  });

  it('of lower rank stands back', async () => {
    await shop({}, [1, 2]);
    await insert();
    await insert({
      id: 'sch-0000000000000002',
      name: 'nights',
      priority: 5,
      targets: { vms: [vmId(1)] },
      periods: [{ weekdays: ['mon'], start: '20:00', stop: '23:00' }],
    });
    await tick('2026-10-19T07:00');
    expect(asked()).toEqual(['2026-10-19T07:00 start-vm vm-2']);
    await endOpen(() => true);
  });
});

describe('a schedule that is missed', () => {
  const fail = async (): Promise<void> => {
    const [operation] = await Array.fromAsync(opens.all());
    const at = new Date().toISOString();
    await settle(
      { operationId: operation?.id ?? '' },
      ({ operation: before, vm }) => {
        const { lock: _, ...rest } = vm as Vm;
        const fault = new Fault('CapacityUnavailable', 'no m7g.large in eu-central-1a');
        return {
          operation: operationAfterFailure(before, { fault }, at),
          vm: { ...rest, state: 'stopped', desired: 'stopped' },
        };
      },
      at,
    );
  };

  it('is told once, with each VM and the cause, when its grace is over', async () => {
    await shop({}, [1]);
    await insert();
    await tick('2026-10-19T07:00');
    await fail();
    expect((await row()).nextAt).toBe('2026-10-19T07:10:00.000Z');
    await tick('2026-10-19T07:10');
    expect(events()).toMatchObject([
      {
        type: 'Schedule Missed',
        detail: {
          id: `${OFFICE.id}:2026-10-19T07:00:00.000Z`,
          want: 'up',
          vms: 1,
          late: [{ vmName: 'vm-1', state: 'stopped', cause: 'CapacityUnavailable: no m7g.large in eu-central-1a' }],
        },
      },
    ]);
    await live('2026-10-19T15:00');
    expect(events()).toHaveLength(1);
    expect((await row()).lastRun).toMatchObject({ checkedAt: '2026-10-19T07:10:00.000Z', late: [{ vmName: 'vm-1' }] });
  });

  it('is not told of a VM that a person has stopped meanwhile', async () => {
    await shop({}, [1]);
    await insert();
    await tick('2026-10-19T07:00');
    await endOpen(() => true);
    vi.setSystemTime('2026-10-19T07:05:00.000Z');
    await call(`POST /v1/vms/${vmId(1)}/actions/stop`, { token: await signIn('operator') });
    await endOpen(() => true);
    await tick('2026-10-19T07:10');
    expect(events()).toEqual([]);
  });
});
