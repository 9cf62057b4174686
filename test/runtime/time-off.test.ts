import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { emailText } from '../../lambdas/alerting/channels/email.ts';
import { slackMessage } from '../../lambdas/alerting/channels/slack-message.ts';
import { noticeOfDigest, ScheduleDigest } from '../../lambdas/alerting/digest-notice.ts';
import { Fault } from '../../lambdas/domain/faults.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { DEFAULT_PRICE_BOOK } from '../../lambdas/domain/price.ts';
import type { Savings } from '../../lambdas/domain/savings.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { previewOf } from '../../lambdas/domain/schedule-preview.ts';
import { operationAfterFailure } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { handler as timerComes } from '../../lambdas/schedules/run-schedules.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { settle } from '../../lambdas/store/settle.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { call, insertProject, insertSchedule, insertVm, newSchedule, newVm, signIn } from '../support/api.ts';
import { endOpen } from '../support/ending.ts';
import { StateTable } from '../support/state-table.ts';
import { VmStream } from '../support/vm-stream.ts';

const bus = mockClient(EventBridgeClient);
let state: StateTable;
let stream: VmStream;
beforeEach(() => {
  state = new StateTable();
  stream = new VmStream(state);
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const BEGIN = '2026-10-01T00:00:00.000Z';
const END = '2026-11-01T00:00:00.000Z';
const OFFICE = newSchedule({ ranThrough: BEGIN, createdAt: BEGIN });
const vmId = (number: number): string => `vm-${String(number).padStart(16, '0')}`;
const ec2 = { provider: 'ec2', instanceType: 't3.large', location: { region: 'us-east-1', account: '1' } } as const;

const clock = (at: string): void => void vi.setSystemTime(at);

const shop = async (): Promise<void> => {
  clock(BEGIN);
  const stopped = { state: 'stopped', desired: 'stopped', tags: { app: 'shop', owner: 'anna' } } as const;
  await insertVm(newVm({ id: vmId(1), name: 'db', ...ec2, ...stopped }));
  await insertVm(
    newVm({ id: vmId(2), name: 'web', vcpus: 4, memoryMiB: 8192, ...stopped, tags: { app: 'shop' }, by: 'oidc:ben' }),
  );
  await insertSchedule(lookedAtNext({ ...OFFICE, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(BEGIN)));
  await stream.flow();
};

const tick = async (): Promise<void> => {
  await timerComes();
  await stream.flow();
  await endOpen(() => true);
  await stream.flow();
};

/** The clock goes from one look to the next; what a look begins ends well at once. */
const live = async (until: string): Promise<void> => {
  for (;;) {
    const { nextAt } = await schedules.get('default', OFFICE.id);
    if (nextAt === undefined || nextAt > until) break;
    clock(nextAt);
    await tick();
  }
  clock(until);
};

const saved = async (query = ''): Promise<Savings> => {
  const { body, status } = await call(`GET /v1/savings${query}`, { token: await signIn('viewer') });
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Savings;
};

const october = `?from=${BEGIN}&to=${END}`;
const promised = (schedule: Schedule, all: readonly Vm[], from: string, to: string) =>
  previewOf(
    { ...schedule, holidays: NO_HOLIDAYS, windowTimes: [] },
    { schedules: [schedule], vms: all, groups: [], book: DEFAULT_PRICE_BOOK },
    [Date.parse(from), Date.parse(to)],
  );
const act = async (number: number, action: string): Promise<void> => {
  const { status } = await call(`POST /v1/vms/${vmId(number)}/actions/${action}`, { token: await signIn('operator') });
  expect(status).toBe(202);
  await stream.flow();
  await endOpen(() => true);
  await stream.flow();
};
const fleet = () => Array.fromAsync(vms.allOf('default'));

describe('what a schedule saves in a month', () => {
  it('is what was promised, to the cent, from its first stop to the end, through a change of the clocks', async () => {
    await shop();
    const all = await fleet();
    await live(END);
    // It began with VMs that a person had stopped: they count from the schedule's own first stop on.
    const first = '2026-10-01T16:00:00.000Z';
    const promise = promised(OFFICE, all, first, END);
    const { total, groups, days } = await saved(`${october}&by=vm`);
    expect(total.seconds).toBe(promise.hoursDown * 2 * 3600);
    expect(Math.round(total.usd * 100)).toBe(Math.round(promise.savesUsd * 100));
    expect(groups.map(({ name, usd }) => [name, Math.round(usd * 100)])).toEqual(
      promise.vms.map(({ name, savesUsd }) => [name, Math.round((savesUsd ?? 0) * 100)]),
    );
    expect(days).toHaveLength(31);
    expect(total.estimatedUsd).toBe(groups.find(({ name }) => name === 'web')?.usd);
  });

  it('is the same by owner, tag and schedule, and in parts of the month', async () => {
    await shop();
    await live(END);
    const { total } = await saved(october);
    expect((await saved(`${october}&by=owner`)).groups.map(({ name }) => name)).toEqual(['anna', 'oidc:ben']);
    expect((await saved(`${october}&by=tag:app`)).groups).toMatchObject([{ key: 'shop', ...total }]);
    expect((await saved(`${october}&by=schedule`)).groups).toMatchObject([
      { key: OFFICE.id, name: 'office', ...total },
    ]);
    const weeks = await Promise.all(
      [1, 8, 15, 22, 29].map((day) => {
        const from = new Date(Date.UTC(2026, 9, day, 3, 17)).toISOString();
        const to = day === 29 ? END : new Date(Date.UTC(2026, 9, day + 7, 3, 17)).toISOString();
        return saved(`?from=${from}&to=${to}`);
      }),
    );
    expect(weeks.reduce((sum, week) => sum + week.total.seconds, 0)).toBe(total.seconds);
    expect(Math.round(weeks.reduce((sum, week) => sum + week.total.usd, 0) * 1e6)).toBe(Math.round(total.usd * 1e6));
  });

  it('counts a night only as far as nobody started the VM, and what a person stopped for nobody', async () => {
    await shop();
    await live('2026-10-06T19:00:00.000Z');
    await act(1, 'start');
    clock('2026-10-06T21:00:00.000Z');
    await act(1, 'stop');
    await live('2026-10-07T06:00:00.000Z');
    const night = '?from=2026-10-06T16:00:00.000Z&to=2026-10-07T06:00:00.000Z&by=vm';
    expect((await saved(night)).groups.map(({ name, seconds }) => [name, seconds / 3600])).toEqual([
      ['db', 3],
      ['web', 14],
    ]);
  });

  it('is the same when all that the stream told is told again', async () => {
    await shop();
    await live('2026-10-15T12:00:00.000Z');
    const before = await saved(`?from=${BEGIN}&by=vm`);
    const rows = state.of('day-off').length;
    await stream.tell(...stream.told);
    expect(await saved(`?from=${BEGIN}&by=vm`)).toEqual(before);
    expect(state.of('day-off')).toHaveLength(rows);
    expect(state.of('time-off')).toEqual([]);
  });

  it('is the same when the stream tells all of it late, in one batch', async () => {
    await shop();
    await live('2026-10-15T12:00:00.000Z');
    const before = await saved(`?from=${BEGIN}&by=vm`);
    for (const key of [...state.rows.keys()]) if (state.rows.get(key)?.entity === 'day-off') state.rows.delete(key);
    expect((await saved(`?from=${BEGIN}&by=vm`)).total.seconds).toBe(0);
    await stream.tell(...stream.told);
    expect(await saved(`?from=${BEGIN}&by=vm`)).toEqual(before);
  });

  it('goes on for a VM that is still off, and ends where it is deleted', async () => {
    await shop();
    await live('2026-10-06T20:00:00.000Z');
    const evening = '?from=2026-10-06T16:00:00.000Z&by=vm';
    expect((await saved(evening)).total.seconds).toBe(8 * 3600);
    await call(`DELETE /v1/vms/${vmId(1)}`, { token: await signIn('operator') });
    await stream.flow();
    await endOpen(() => true);
    await stream.flow();
    clock('2026-10-06T22:00:00.000Z');
    expect((await saved(evening)).total.seconds).toBe(10 * 3600);
    expect(state.of('day-off').filter(({ endedBy }) => String(endedBy).startsWith('token:'))).toHaveLength(1);
  });

  it('counts nothing for a stop that failed, though the VM is seen stopped', async () => {
    await shop();
    await live('2026-10-06T15:59:00.000Z');
    clock('2026-10-06T16:00:00.000Z');
    await timerComes();
    await stream.flow();
    const at = new Date().toISOString();
    for await (const { id } of opens.all()) {
      await settle(
        { operationId: id },
        ({ operation, vm }) => {
          const { lock: _, ...rest } = vm as Vm;
          const fault = new Fault('TimedOut', 'no answer');
          return {
            operation: operationAfterFailure(operation, { fault }, at),
            vm: { ...rest, state: 'stopped', desired: 'stopped', changedAt: at },
          };
        },
        at,
      );
    }
    await stream.flow();
    clock('2026-10-06T20:00:00.000Z');
    expect((await saved('?from=2026-10-06T16:00:00.000Z')).total.seconds).toBe(0);
  });

  it('leaves out the time in which a host was silent, unless it finds the VM still off', async () => {
    await shop();
    await live('2026-10-06T18:00:00.000Z');
    const seen = async (number: number, more: Partial<Vm>): Promise<void> => {
      const vm = await vms.get(vmId(number));
      await vms.swap(vm, { ...vm, ...more, changedAt: new Date().toISOString() });
      await stream.flow();
    };
    await seen(1, { state: 'unknown', lastState: 'stopped' });
    await seen(2, { state: 'unknown', lastState: 'stopped' });
    clock('2026-10-06T20:00:00.000Z');
    const evening = '?from=2026-10-06T16:00:00.000Z&by=vm';
    expect((await saved(evening)).total.seconds).toBe(4 * 3600);
    await seen(1, { state: 'stopped' });
    await seen(2, { state: 'running' });
    expect((await saved(evening)).groups.map(({ name, seconds }) => [name, seconds / 3600])).toEqual([
      ['db', 4],
      ['web', 2],
    ]);
  });
});

describe('the digest of a day', () => {
  const digests = () =>
    bus
      .commandCalls(PutEventsCommand)
      .flatMap(({ args: [{ input }] }) =>
        (input.Entries ?? [])
          .filter(({ DetailType }) => DetailType === 'Schedule Digest')
          .map(({ Detail = '{}' }) => ScheduleDigest.parse(JSON.parse(Detail))),
      );
  const askFor = async (digest: string): Promise<void> => {
    const token = await signIn('operator');
    const { status } = await call(`PATCH /v1/schedules/${OFFICE.id}`, { token, body: { digest } });
    expect(status).toBe(200);
  };

  it('is told once a day at its time, of what was done and saved since the last, and of none that nobody asked for', async () => {
    await shop();
    await live('2026-10-05T12:00:00.000Z');
    expect(digests()).toEqual([]);
    await askFor('08:00');
    await live('2026-10-08T12:00:00.000Z');
    expect(digests().map(({ to }) => to)).toEqual([6, 7, 8].map((day) => `2026-10-0${day}T06:00:00.000Z`));
    const [, second] = digests();
    expect(second).toMatchObject({
      from: '2026-10-06T06:00:00.000Z',
      runs: [
        { plannedAt: '2026-10-06T07:00:00.000Z', want: 'up', begun: 2, late: 0 },
        { plannedAt: '2026-10-06T16:00:00.000Z', want: 'down', begun: 2 },
      ],
      saved: { seconds: 2 * 15 * 3600 },
      next: [{ at: '2026-10-07T07:00:00.000Z', want: 'up' }, { want: 'down' }],
    });
    const day = '?from=2026-10-06T06:00:00.000Z&to=2026-10-07T06:00:00.000Z';
    expect(second?.saved).toEqual((await saved(day)).total);
  });

  it('is one after the plane was away, not seven, and is the same where its run dies', async () => {
    await shop();
    await live('2026-10-05T12:00:00.000Z');
    await askFor('08:00');
    clock('2026-10-12T10:00:00.000Z');
    const before = await schedules.get('default', OFFICE.id);
    await tick();
    await live('2026-10-12T12:00:00.000Z');
    expect(digests()).toHaveLength(1);
    // The row as it was before the run: nothing of it was noted.
    await table.save(table.put(schedules.entity, { ...before, version: 99 }));
    clock('2026-10-12T12:01:00.000Z');
    await tick();
    expect(new Set(digests().map(({ id }) => id)).size).toBe(1);
    expect((await schedules.get('default', OFFICE.id)).nextAt).toBe('2026-10-12T12:11:00.000Z');
  });

  it('ends with off, and reads as this by mail', async () => {
    await shop();
    await live('2026-10-05T12:00:00.000Z');
    await askFor('08:00');
    await live('2026-10-06T12:00:00.000Z');
    await askFor('off');
    await live('2026-10-09T12:00:00.000Z');
    const [only, ...more] = digests().map(noticeOfDigest);
    expect(more).toEqual([]);
    if (only === undefined) throw new Error('no digest was told');
    expect(emailText(only)).toMatchInlineSnapshot(`
      "Schedule office saved 1.35 USD

      Saved: 1.35 USD, of it 0.18 estimated by the price book: VMs were off for 28.0 h
      Mon 5 Oct 18:00: 2 VMs stopped
      Next: Tue 6 Oct 09:00 up, Tue 6 Oct 18:00 off
      Time: Mon 5 Oct 14:00 to Tue 6 Oct 08:00, Europe/Berlin

      What it saved, day by day: novacron schedule savings
      No more of these: novacron schedule update sch-0000000000000001 --digest off

      Schedules: https://novacron.dev/schedules"
    `);
    expect(slackMessage(only)).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "text": {
              "emoji": true,
              "text": ":bar_chart: Schedule office saved 1.35 USD",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "fields": [
              {
                "text": "*Saved*
      1.35 USD, of it 0.18 estimated by the price book: VMs were off for 28.0 h",
                "type": "mrkdwn",
              },
              {
                "text": "*Mon 5 Oct 18:00*
      2 VMs stopped",
                "type": "mrkdwn",
              },
              {
                "text": "*Next*
      Tue 6 Oct 09:00 up, Tue 6 Oct 18:00 off",
                "type": "mrkdwn",
              },
              {
                "text": "*Time*
      Mon 5 Oct 14:00 to Tue 6 Oct 08:00, Europe/Berlin",
                "type": "mrkdwn",
              },
            ],
            "type": "section",
          },
          {
            "text": {
              "text": "What it saved, day by day: novacron schedule savings
      No more of these: novacron schedule update sch-0000000000000001 --digest off",
              "type": "mrkdwn",
            },
            "type": "section",
          },
          {
            "elements": [
              {
                "text": "<https://novacron.dev/schedules|Schedules>",
                "type": "mrkdwn",
              },
            ],
            "type": "context",
          },
        ],
        "text": "Schedule office saved 1.35 USD",
      }
    `);
  });
});

describe('GET /v1/savings', () => {
  it.each([
    ['from=2026-10-02T00:00:00.000Z&to=2026-10-01T00:00:00.000Z', '/query/from'],
    ['from=2020-10-02T00:00:00.000Z', '/query/from'],
    ['by=host', '/query/by'],
    ['by=tag:', '/query/by'],
    ['from=yesterday', '/query/from'],
    ['days=3', '/query/days'],
  ])('refuses %s, naming the place', async (query, pointer) => {
    clock(END);
    const { status, body } = await call(`GET /v1/savings?${query}`, { token: await signIn('viewer') });
    expect(status).toBe(400);
    expect(body.errors.map((each) => `/${each.pointer.replace(/^\//, '')}`)).toEqual([pointer]);
  });

  it('shows nothing of another project', async () => {
    await shop();
    await live('2026-10-15T12:00:00.000Z');
    await insertProject({ id: 'bank' });
    const token = await signIn('viewer', { id: 'tok-bank', name: 'bank', project: 'bank', system: false });
    const { body } = await call('GET /v1/savings', { token });
    expect(body).toMatchObject({ total: { seconds: 0 }, groups: [], days: [] });
  });
});
