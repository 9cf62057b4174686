import { beforeEach, describe, expect, it } from 'vitest';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { call, insertSchedule, insertVm, newSchedule, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

let operator: string;
beforeEach(async () => {
  new StateTable();
  operator = await signIn('operator');
});

const OFFICE = {
  name: 'office',
  targets: { filter: 'tag:app=shop' },
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '09:00', stop: '18:00' }],
};
const send = (line: string, body?: unknown) => call(line, { token: operator, ...(body === undefined ? {} : { body }) });
const create = (more: object = {}) => send('POST /v1/schedules', { ...OFFICE, ...more });
const at = (line: string, id = newSchedule().id) => line.replace('{id}', id);

describe('a schedule', () => {
  it('is made with what was left out filled in, shown, listed, changed and forgotten', async () => {
    const { body, ...made } = await create();
    expect(made).toMatchObject({ status: 201, headers: { location: `/v1/schedules/${body.id}` } });
    expect(body).toMatchObject({ ...OFFICE, missed: 'late', priority: 0, graceMinutes: 10, enabled: true });
    expect(body).toHaveProperty('nextAt');
    expect((await send('GET /v1/schedules?name=office')).body.items).toEqual([body]);
    const off = await send(at('PATCH /v1/schedules/{id}', body.id), { enabled: false });
    expect(off.body).not.toHaveProperty('nextAt');
    expect((await send(at('DELETE /v1/schedules/{id}', body.id))).status).toBe(204);
    expect(await send(at('GET /v1/schedules/{id}', body.id))).toMatchObject({
      status: 404,
      body: { code: 'ScheduleNotFound' },
    });
    expect((await create()).status).toBe(201);
  });

  it('has a name of its own within its project, under every name it is given', async () => {
    await create();
    expect(await create()).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
    const { body } = await create({ name: 'nights' });
    expect((await send(at('PATCH /v1/schedules/{id}', body.id), { name: 'office' })).status).toBe(409);
    expect((await send(at('PATCH /v1/schedules/{id}', body.id), { name: 'days' })).status).toBe(200);
    expect((await create({ name: 'nights' })).status).toBe(201);
  });

  it('keeps memory by either word, until it is told to stop as ever or nothing', async () => {
    const { body } = await create({ stopMode: 'hibernate' });
    expect(body).toMatchObject({ stopMode: 'hibernate' });
    const patched = async (stopMode: string | null) =>
      Object((await send(at('PATCH /v1/schedules/{id}', body.id), { stopMode })).body).stopMode;
    expect(await patched('save')).toBe('save');
    expect(await patched('stop')).toBe('stop');
    expect(await patched(null)).toBeUndefined();
    const refused = await create({ name: 'nights', stopMode: 'pause' });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: '/stopMode' }] } });
  });

  it('that is turned on again does not make up for what was planned meanwhile', async () => {
    await insertSchedule(newSchedule({ enabled: false, ranThrough: '2026-01-01T00:00:00.000Z' }));
    await send(at('PATCH /v1/schedules/{id}'), { enabled: true });
    const { ranThrough } = await schedules.get('default', newSchedule().id);
    expect(Date.now() - Date.parse(ranThrough)).toBeLessThan(60_000);
  });
});

describe('what is wrong with a schedule is refused, and named', () => {
  const period = (more: object) => ({ periods: [{ weekdays: ['mon'], start: '09:00', stop: '18:00', ...more }] });
  it.each<[string, object, string]>([
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, '/timeZone'],
    ['no target at all', { targets: {} }, '/targets'],
    ['a filter without a term', { targets: { filter: '&' } }, '/targets/filter'],
    ['a filter of a field that is none', { targets: { filter: 'colour=red' } }, 'query/colour'],
    ['a VM that is not there', { targets: { vms: ['vm-000000000000000z'] } }, '/targets/vms/0'],
    ['no period', { periods: [] }, '/periods'],
    ['a date that is none', { periods: [{ dates: ['2027-02-29'], start: '09:00' }] }, '/periods/0/dates/0'],
    ['a time that is none', period({ start: '24:30' }), '/periods/0/start'],
    ['a stop at its start', period({ stop: '09:00' }), '/periods/0/stop'],
    ['two kinds of days', period({ monthDays: [1] }), '/periods/0'],
    ['a month of a date', { periods: [{ dates: ['2027-02-01'], months: [2], start: '09:00' }] }, '/periods/0/months'],
    ['a 30th of February', { periods: [{ monthDays: [30], months: [2], start: '09:00' }] }, '/periods/0/months'],
    ['neither start nor stop', { periods: [{ weekdays: ['mon'] }] }, '/periods/0'],
    ['a 30th of February', { periods: [{ cron: { start: '0 9 30 2 *' } }] }, '/periods/0/cron/start'],
    [
      'a minute that is none',
      { periods: [{ cron: { start: '0 9 * * *', stop: '99 9 * * *' } }] },
      '/periods/0/cron/stop',
    ],
    ['a clock', { periods: [{ cron: { start: '* * * * *' } }] }, '/periods/0/cron/start'],
    ['cron without a time', { periods: [{ cron: {} }] }, '/periods/0/cron'],
    ['cron with times beside it', { periods: [{ cron: { start: '0 9 * * *' }, stop: '18:00' }] }, '/periods/0/cron'],
    ['a 32nd', { periods: [{ monthDays: [32], start: '09:00' }] }, '/periods/0/monthDays/0'],
    [
      'a closure that ends before it begins',
      { closures: [{ from: '2026-12-26', to: '2026-12-24' }] },
      '/closures/0/to',
    ],
    [
      'a thousand and one closures',
      { closures: Array.from({ length: 1001 }, () => ({ from: '2026-12-24' })) },
      '/closures',
    ],
  ])('%s', async (_, more, pointer) => {
    const { status, body } = await create(more);
    expect(status).toBe(400);
    expect(body.errors.map((each) => each.pointer)).toContain(pointer);
  });

  it('ten thousand closures, unread', async () => {
    const closures = Array.from({ length: 10_000 }, () => ({ from: '2026-12-24' }));
    expect(await create({ closures })).toMatchObject({ status: 413, body: { code: 'PayloadTooLarge' } });
  });

  it('an override that ends before it begins, or that contradicts another', async () => {
    await insertSchedule(newSchedule());
    const override = (want: string, from: string, until: string) =>
      send(at('POST /v1/schedules/{id}/actions/override'), { want, from, until });
    expect(await override('up', '2099-01-02T00:00:00.000Z', '2099-01-01T00:00:00.000Z')).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/until' }] },
    });
    expect((await override('up', '2099-01-01T00:00:00.000Z', '2099-01-03T00:00:00.000Z')).status).toBe(200);
    const second = await override('down', '2099-01-02T00:00:00.000Z', '2099-01-04T00:00:00.000Z');
    expect(second).toMatchObject({ status: 400, body: { errors: [{ pointer: '/from' }] } });
    expect(second.body.detail).toContain('end it first');
    expect((await override('down', '2099-01-03T00:00:00.000Z', '2099-01-04T00:00:00.000Z')).status).toBe(200);
  });

  it('in a change as in a new one', async () => {
    await insertSchedule(newSchedule());
    expect((await send(at('PATCH /v1/schedules/{id}'), {})).status).toBe(400);
    expect((await send(at('PATCH /v1/schedules/{id}'), { timeZone: 'Mars/Olympus' })).body.errors).toMatchObject([
      { pointer: '/timeZone' },
    ]);
    expect((await send(at('PATCH /v1/schedules/{id}'), { graceMinutes: 0 })).status).toBe(400);
  });
});

it('a change takes away with null what may be absent, and nothing else', async () => {
  await insertSchedule(newSchedule({ description: 'for the office' }));
  expect((await send(at('PATCH /v1/schedules/{id}'), { description: null })).status).toBe(200);
  expect(await schedules.get('default', newSchedule().id)).not.toHaveProperty('description');
  expect((await send(at('PATCH /v1/schedules/{id}'), { priority: null })).status).toBe(400);
});

describe('overrides', () => {
  const overrides = async (): Promise<Schedule['overrides']> =>
    (await schedules.get('default', newSchedule().id)).overrides;

  it('begin now where nobody says when, are looked at at once, and end when they are told to', async () => {
    await insertSchedule(newSchedule({ ranThrough: new Date().toISOString() }));
    const body = { want: 'up', until: '2099-01-01T00:00:00.000Z', note: 'release night' };
    expect((await send(at('POST /v1/schedules/{id}/actions/override'), body)).status).toBe(200);
    const { nextAt } = await schedules.get('default', newSchedule().id);
    expect(nextAt && nextAt <= new Date().toISOString()).toBe(true);
    expect(await overrides()).toMatchObject([
      { want: 'up', note: 'release night', by: expect.stringMatching(/^token:/) },
    ]);
    await send(at('POST /v1/schedules/{id}/actions/override'), {
      want: 'down',
      from: '2099-01-01T00:00:00.000Z',
      until: '2099-01-02T00:00:00.000Z',
    });
    expect((await send(at('POST /v1/schedules/{id}/actions/end-override'))).status).toBe(200);
    const [left, ...more] = await overrides();
    expect(more).toEqual([]);
    expect(left && left.until <= new Date().toISOString()).toBe(true);
  });
});

describe('what a schedule will do', () => {
  const NOVEMBER = 'from=2026-11-01T00:00:00.000Z&days=30';
  beforeEach(async () => {
    await insertSchedule(newSchedule());
    await insertVm(newVm({ tags: { app: 'shop' }, vcpus: 2, memoryMiB: 4096 }));
    await insertVm(
      newVm({
        id: 'vm-0000000000000002',
        name: 'db',
        tags: { app: 'shop' },
        provider: 'ec2',
        instanceType: 'm5.large',
        location: { region: 'us-east-1' },
      }),
    );
  });

  it('is its times, its VMs, and what they save by the price of each', async () => {
    const { status, body } = await send(at(`GET /v1/schedules/{id}/preview?${NOVEMBER}`));
    expect(status).toBe(200);
    // 21 working days of nine hours in November 2026.
    expect(body).toMatchObject({ hoursUp: 189, hoursDown: 531, held: [] });
    expect(body).toMatchObject({
      vms: [
        { name: 'web-1', price: { kind: 'estimate' }, savesUsd: expect.any(Number) },
        // 0.096 USD an hour (price list of us-east-1).
        { name: 'db', price: { kind: 'list', hourlyUsd: 0.096 }, savesUsd: 50.98 },
      ],
    });
  });

  it('is told of one that is turned off, too', async () => {
    await send(at('PATCH /v1/schedules/{id}'), { enabled: false });
    expect((await send(at(`GET /v1/schedules/{id}/preview?${NOVEMBER}`))).body).toMatchObject({
      hoursUp: 189,
      vms: [{ name: 'web-1' }, { name: 'db' }],
    });
  });

  it('says how each VM will be stopped, and why its memory is not kept where that is wished', async () => {
    const stops = async () =>
      Object((await send(at(`GET /v1/schedules/{id}/preview?${NOVEMBER}`))).body).vms.map(
        ({ stopMode, lack }: { stopMode: string; lack?: string }) => [stopMode, lack],
      );
    expect(await stops()).toEqual([
      ['stop', undefined],
      ['stop', undefined],
    ]);
    await send(at('PATCH /v1/schedules/{id}'), { stopMode: 'hibernate' });
    expect(await stops()).toEqual([
      ['save', undefined],
      ['stop', expect.stringContaining('at launch only')],
    ]);
  });

  it('names the schedule that has a VM instead, and why', async () => {
    await insertSchedule(
      newSchedule({
        id: 'sch-0000000000000002',
        name: 'nights',
        priority: 5,
        targets: { vms: ['vm-0000000000000002'] },
      }),
    );
    const { body } = await send(at(`GET /v1/schedules/{id}/preview?${NOVEMBER}`));
    expect(body).toMatchObject({
      vms: [{ name: 'web-1' }],
      held: [{ name: 'db', by: { name: 'nights', priority: 5 } }],
    });
  });

  it('of a VM is whose it is, what is wanted at a moment, and what comes next', async () => {
    const vm = (query: string) => send(`GET /v1/vms/vm-0000000000000001/schedule?${query}`);
    expect((await vm('at=2026-11-27T12:00:00.000Z')).body).toMatchObject({
      schedule: { name: 'office' },
      behind: [],
      wanted: { want: 'up', at: '2026-11-27T08:00:00.000Z' },
      next: { want: 'down', at: '2026-11-27T17:00:00.000Z' },
    });
    await insertVm(newVm({ id: 'vm-0000000000000003', name: 'free' }));
    expect((await send('GET /v1/vms/vm-0000000000000003/schedule')).body).toEqual({ behind: [], windows: [] });
    expect((await vm('at=yesterday')).status).toBe(400);
  });
});
