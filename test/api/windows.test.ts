import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import { MOST_USERS as MOST_OF_CALENDAR } from '../../lambdas/store/calendar-users.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { MOST_USERS } from '../../lambdas/store/windows.ts';
import {
  call,
  insertCalendar,
  insertGroup,
  insertProject,
  insertSchedule,
  insertVm,
  insertWindow,
  newCalendar,
  newGroup,
  newSchedule,
  newVm,
  newWindow,
  signIn,
} from '../support/api.ts';
import { RULES } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';

let operator: string;
beforeEach(async () => {
  // A Friday.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-27T12:00:00.000Z') });
  new StateTable();
  operator = await signIn('operator');
  return () => vi.useRealTimers();
});

const WINDOW = newWindow();
const ID = WINDOW.id;
const CALENDAR = newCalendar();
const [ONE, TWO] = ['vm-0000000000000001', 'vm-0000000000000002'] as const;
const SUNDAYS = { weekdays: ['sun'], start: '02:00', stop: '04:00' };
const send = (line: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(line, { token: operator, headers, ...(body === undefined ? {} : { body }) });
const create = (spec: object = {}) => send('POST /v1/windows', { ...RULES['create-window']?.body, ...spec });
const plan = (more: object) => send('POST /v1/schedules', { ...RULES['create-schedule']?.body, ...more });
const pointers = (body: { readonly errors?: readonly { readonly pointer: string }[] }) =>
  body.errors?.map(({ pointer }) => pointer);
const scheduleId = (number: number): string => `sch-${String(number).padStart(16, '0')}`;
const fill = async (count: number, more: Partial<Schedule>): Promise<void> => {
  for (let number = 0; number < count; number += 1)
    await insertSchedule(newSchedule({ id: scheduleId(number), name: `s-${number}`, ...more }));
};

describe('a window', () => {
  it('is made, shown with its next openings, listed, changed and forgotten', async () => {
    const { body, ...made } = await create({ description: 'security patches' });
    expect(made).toMatchObject({ status: 201, headers: { location: `/v1/windows/${body.id}` } });
    expect(body).toMatchObject({ name: 'patching', closures: [], open: false, project: 'default' });
    expect(body.next[0]).toEqual({ from: '2026-11-29T01:00:00.000Z', until: '2026-11-29T03:00:00.000Z' });
    expect(body.next).toHaveLength(5);
    expect(body).not.toHaveProperty('until');
    expect((await send(`GET /v1/windows/${body.id}`)).body).toEqual(body);
    expect((await send('GET /v1/windows?timeZone=Europe/Berlin')).body.items).toEqual([body]);
    expect((await send('GET /v1/windows?name=other')).body.items).toEqual([]);
    const changed = await send(`PATCH /v1/windows/${body.id}`, { name: 'updates', description: null });
    expect(changed).toMatchObject({ status: 200, body: { name: 'updates', next: body.next } });
    expect(changed.body).not.toHaveProperty('description');
    // Its old name is free.
    expect((await create()).status).toBe(201);
    expect((await create({ name: 'updates' })).body.code).toBe('NameTaken');
    expect((await send(`DELETE /v1/windows/${body.id}`)).status).toBe(204);
    expect(await send(`GET /v1/windows/${body.id}`)).toMatchObject({ status: 404, body: { code: 'WindowNotFound' } });
  });

  it('says that it is open, and until when', async () => {
    await insertWindow(newWindow({ periods: [{ weekdays: ['fri'], start: '12:30', stop: '14:00' }] }));
    const { body } = await send(`GET /v1/windows/${ID}`);
    expect(body).toMatchObject({ open: true, until: '2026-11-27T13:00:00.000Z' });
    expect(body.next[0]?.from).toBe('2026-12-04T11:30:00.000Z');
  });

  it('does not open on days that are closed by it or by its calendars, but on dates that it names', async () => {
    await insertCalendar(newCalendar({ dates: [{ from: '2026-11-29' }] }));
    const dates = { dates: ['2026-11-29'], start: '10:00', stop: '11:00' };
    const { body } = await create({
      calendars: [CALENDAR.id],
      closures: [{ from: '2026-12-06' }],
      periods: [SUNDAYS, dates],
    });
    expect(body.next.slice(0, 2).map(({ from }) => from)).toEqual([
      '2026-11-29T09:00:00.000Z',
      '2026-12-13T01:00:00.000Z',
    ]);
    expect((await send('GET /v1/windows')).body.items).toEqual([body]);
  });

  it('is changed by who has seen it as it is', async () => {
    await insertWindow(WINDOW);
    const seen = { 'if-match': (await send(`GET /v1/windows/${ID}`)).headers.etag ?? '' };
    expect((await send(`PATCH /v1/windows/${ID}`, { closures: [{ from: '2026-12-06' }] }, seen)).status).toBe(200);
    expect((await send(`PATCH /v1/windows/${ID}`, { closures: [] }, seen)).status).toBe(412);
    expect((await send(`DELETE /v1/windows/${ID}`, undefined, seen)).status).toBe(412);
  });
});

describe('a window that says', () => {
  const period = (more: object) => ({ periods: [{ weekdays: ['sun'], ...more }] });
  it.each<[string, object, string]>([
    ['no stop', period({ start: '02:00' }), '/periods/0/stop'],
    ['no start', period({ stop: '02:00' }), '/periods/0/start'],
    ['no time', period({ start: '02:00', stop: '02:00' }), '/periods/0/stop'],
    ['cron', { periods: [SUNDAYS, { cron: { start: '0 2 * * SUN', stop: '0 4 * * SUN' } }] }, '/periods/1/cron'],
    ['a day that is none', period({ weekdays: ['someday'] }), '/periods/0/weekdays/0'],
    ['no period', { periods: [] }, '/periods'],
    ['a zone that is none', { timeZone: 'Mars/Olympus' }, '/timeZone'],
    [
      'closed days that end before they begin',
      { closures: [{ from: '2026-12-24', to: '2026-12-01' }] },
      '/closures/0/to',
    ],
    ['a calendar that is not there', { calendars: ['cal-00000000000000zz'] }, '/calendars/0'],
    ['a calendar twice', { calendars: [CALENDAR.id, CALENDAR.id] }, '/calendars/1'],
    ['an empty filter', { targets: { filter: '&' } }, '/targets/filter'],
    ['nothing of VMs', { targets: {} }, '/targets'],
    ['a VM of another project', { targets: { vms: [TWO] } }, '/targets/vms/0'],
    ['a group that is not there', { targets: { filter: 'group=shpo' } }, '/targets/filter'],
    ['an order', { order: [] }, '/order'],
    ['a name that is none', { name: 'The Patching' }, '/name'],
  ])('%s is refused, naming the place', async (_, spec, pointer) => {
    await insertProject({ id: 'shop' });
    await insertVm(newVm({ id: TWO, name: 'theirs', project: 'shop' }));
    await insertCalendar(CALENDAR);
    await insertWindow(WINDOW);
    for (const answer of [await create({ name: 'other', ...spec }), await send(`PATCH /v1/windows/${ID}`, spec)]) {
      expect(answer.status).toBe(400);
      expect(pointers(answer.body)).toContain(pointer);
    }
  });

  it('a stop before its start is open over midnight', async () => {
    const { body } = await create({ periods: [{ weekdays: ['sat'], start: '23:00', stop: '02:00' }] });
    expect(body.next[0]).toEqual({ from: '2026-11-28T22:00:00.000Z', until: '2026-11-29T01:00:00.000Z' });
  });
});

describe('a schedule', () => {
  const preview = async (id: string, from: string) =>
    (await send(`GET /v1/schedules/${id}/preview?days=3&from=${from}`)).body;

  it('has its VMs up in its windows: at its next look, in its preview, in what is wanted of a VM, and in what it saves', async () => {
    await insertVm(newVm({ id: ONE, tags: { app: 'shop' } }));
    await insertWindow(newWindow({ timeZone: 'America/New_York' }));
    const { body } = await plan({ windows: [ID] });
    const bare = await plan({ name: 'bare', priority: -1 });
    expect(body).toMatchObject({ windows: [ID], nextAt: expect.any(String) });
    const from = '2026-11-28T00:00:00.000Z';
    const [with_, without] = [await preview(body.id, from), await preview(bare.body.id, from)];
    expect(with_.times.filter(({ because }) => because.startsWith('window'))).toEqual([
      { at: '2026-11-29T07:00:00.000Z', want: 'up', because: 'window patching begins' },
      { at: '2026-11-29T09:00:00.000Z', want: 'down', because: 'window patching ends' },
    ]);
    expect(with_.hoursUp).toBe(without.hoursUp + 2);
    expect([with_.windows, without.windows]).toEqual([
      [{ name: 'patching', from: '2026-11-29T07:00:00.000Z', until: '2026-11-29T09:00:00.000Z' }],
      [],
    ]);
    // One that is open already, and still at the end, is told as far as it is seen.
    const midst = await preview(body.id, '2026-11-26T08:00:00.000Z');
    expect(midst.windows).toEqual([
      { name: 'patching', from: '2026-11-29T07:00:00.000Z', until: '2026-11-29T08:00:00.000Z' },
    ]);
    const vm = async (at: string) => (await send(`GET /v1/vms/${ONE}/schedule?at=${at}`)).body;
    expect(await vm('2026-11-29T08:00:00.000Z')).toMatchObject({
      wanted: { want: 'up', because: 'window patching begins' },
      next: { at: '2026-11-29T09:00:00.000Z', want: 'down' },
    });
  });

  it('looks at a window that opens before its own next time', async () => {
    await insertWindow(WINDOW);
    const { body } = await plan({ windows: [ID], periods: [{ weekdays: ['wed'], start: '09:00', stop: '18:00' }] });
    expect(body.nextAt).toBe('2026-11-29T01:00:00.000Z');
    expect((await send(`PATCH /v1/schedules/${body.id}`, { windows: null })).body).not.toHaveProperty('windows');
    expect((await schedules.get('default', body.id)).nextAt).toBe('2026-12-02T08:00:00.000Z');
  });

  it('is looked at again at once where its window changes, turned off it stays as it is', async () => {
    await insertWindow(WINDOW);
    const nextAt = '2026-12-05T07:00:00.000Z';
    await insertSchedule(newSchedule({ windows: [ID], nextAt }));
    const off = newSchedule({ id: scheduleId(2), name: 'off', windows: [ID], enabled: false });
    await insertSchedule(off);
    await send(`PATCH /v1/windows/${ID}`, { closures: [{ from: '2026-11-29' }] });
    const woken = { nextAt: '2026-11-27T12:00:00.000Z', version: 2 };
    expect(await schedules.get('default', newSchedule().id)).toMatchObject(woken);
    expect(await schedules.get('default', off.id)).toEqual(off);
  });

  it('is looked at again at once where a calendar of its window changes', async () => {
    await insertCalendar(CALENDAR);
    await insertWindow(newWindow({ calendars: [CALENDAR.id] }));
    await insertSchedule(newSchedule({ windows: [ID], nextAt: '2026-12-05T07:00:00.000Z' }));
    await send(`PATCH /v1/calendars/${CALENDAR.id}`, { dates: [{ from: '2026-11-29' }] });
    expect((await schedules.get('default', newSchedule().id)).nextAt).toBe('2026-11-27T12:00:00.000Z');
  });

  it('names days on which its window does not open', async () => {
    await insertWindow(newWindow({ closures: [{ from: '2026-11-29', note: 'release' }] }));
    const { body } = await plan({ windows: [ID] });
    expect((await preview(body.id, '2026-11-28T00:00:00.000Z')).closed).toEqual([
      { date: '2026-11-29', because: 'release, for window patching' },
    ]);
  });

  it('refers to windows that are there, each once, and of its own project', async () => {
    await insertProject({ id: 'shop' });
    await insertWindow(WINDOW);
    await insertWindow(newWindow({ id: 'win-0000000000000002', project: 'shop' }));
    const refused = async (windows: string[]) => pointers((await plan({ windows })).body);
    expect(await refused(['win-00000000000000zz'])).toEqual(['/windows/0']);
    expect(await refused(['win-0000000000000002'])).toEqual(['/windows/0']);
    expect(await refused([ID, ID])).toEqual(['/windows/1']);
    expect(await refused(Array.from({ length: 11 }, () => ID))).toEqual(['/windows']);
  });

  it('keeps its window, and that its calendar and its group, from being deleted, each by name', async () => {
    await insertCalendar(CALENDAR);
    await insertGroup(newGroup());
    await insertWindow(newWindow({ calendars: [CALENDAR.id], targets: { filter: 'group=shop' } }));
    const { body } = await plan({ windows: [ID] });
    const refused = await send(`DELETE /v1/windows/${ID}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'WindowInUse' } });
    expect(refused.body.detail).toContain('schedule office');
    const calendar = await send(`DELETE /v1/calendars/${CALENDAR.id}`);
    expect(calendar).toMatchObject({ status: 409, body: { code: 'CalendarInUse' } });
    expect(calendar.body.detail).toContain('window patching');
    const group = await send(`DELETE /v1/groups/${newGroup().id}`);
    expect(group).toMatchObject({ status: 409, body: { code: 'GroupInUse' } });
    expect(group.body.detail).toContain('window patching');
    expect((await send(`PATCH /v1/schedules/${body.id}`, { windows: [] })).status).toBe(200);
    for (const path of [`windows/${ID}`, `calendars/${CALENDAR.id}`, `groups/${newGroup().id}`])
      expect((await send(`DELETE /v1/${path}`)).status).toBe(204);
  });

  it.each([
    ['made', () => plan({ windows: [ID] }), 201],
    ['changed', () => send(`PATCH /v1/schedules/${newSchedule().id}`, { windows: [ID] }), 200],
  ] as const)('%s to refer to a window at the moment of its end is refused, or keeps it', async (_, change, done) => {
    await insertWindow(WINDOW);
    await insertSchedule(newSchedule({ name: 'before' }));
    const [made, gone] = await Promise.all([change(), send(`DELETE /v1/windows/${ID}`)]);
    expect([
      [done, 409],
      [400, 204],
    ]).toContainEqual([made.status, gone.status]);
  });

  it('that begins to refer to a window as it changes reckons with what it has become', async () => {
    await insertWindow(WINDOW);
    await insertSchedule(newSchedule({ name: 'before', periods: [{ dates: ['2027-03-01'], start: '09:00' }] }));
    const [made, changed] = await Promise.all([
      send(`PATCH /v1/schedules/${newSchedule().id}`, { windows: [ID] }),
      send(`PATCH /v1/windows/${ID}`, { closures: [{ from: '2026-11-29' }] }),
    ]);
    expect([made.status, changed.status]).toEqual([200, 200]);
    // Woken by the change, or reckoned with the changed window.
    const { nextAt } = await schedules.get('default', newSchedule().id);
    expect(['2026-11-27T12:00:00.000Z', '2026-12-06T01:00:00.000Z']).toContain(nextAt);
  });

  it('is one of fifty at most of a window, and of ninety of the calendar of one: all are woken at once', async () => {
    await insertWindow(WINDOW);
    await fill(MOST_USERS, { windows: [ID] });
    expect(pointers((await plan({ windows: [ID] })).body)).toEqual(['/windows/0']);
    expect((await send(`PATCH /v1/schedules/${scheduleId(0)}`, { windows: [ID], priority: 3 })).status).toBe(200);
    expect((await send(`PATCH /v1/windows/${ID}`, { closures: [{ from: '2026-11-29' }] })).status).toBe(200);
  });

  it('is one of ninety at most of a calendar, whether by its window or itself', async () => {
    await insertCalendar(CALENDAR);
    const calendars = [CALENDAR.id];
    await insertWindow(newWindow({ calendars }));
    await fill(MOST_OF_CALENDAR, { calendars });
    expect(pointers((await plan({ windows: [ID] })).body)).toEqual(['/windows/0']);
    await insertWindow(newWindow({ id: 'win-0000000000000002', name: 'free' }));
    const made = await plan({ windows: ['win-0000000000000002'] });
    expect(made.status).toBe(201);
    expect(pointers((await send('PATCH /v1/windows/win-0000000000000002', { calendars })).body)).toEqual([
      '/calendars/0',
    ]);
    expect((await send(`PATCH /v1/calendars/${CALENDAR.id}`, { open: ['2026-10-01'] })).status).toBe(200);
  });
});

describe('a VM', () => {
  it('tells when it may be disturbed, by whichever windows are about it, with or without a schedule', async () => {
    await insertVm(newVm({ id: ONE, tags: { app: 'shop' } }));
    await insertVm(newVm({ id: TWO, name: 'other', tags: {} }));
    await insertGroup(newGroup({ vms: [TWO], filter: 'tag:app=none' }));
    await insertWindow(WINDOW);
    const fridays = [{ weekdays: ['fri' as const], start: '12:30', stop: '14:00' }];
    const named = { targets: { vms: [ONE] }, periods: fridays };
    await insertWindow(newWindow({ id: 'win-0000000000000002', name: 'checks', ...named }));
    await insertWindow(newWindow({ id: 'win-0000000000000003', name: 'theirs', targets: { filter: 'group=shop' } }));
    const windows = async (id: string) => (await send(`GET /v1/vms/${id}/schedule`)).body.windows;
    const [open, next] = await windows(ONE);
    expect(open).toEqual({
      from: '2026-11-27T11:30:00.000Z',
      until: '2026-11-27T13:00:00.000Z',
      window: { id: 'win-0000000000000002', name: 'checks', timeZone: 'Europe/Berlin' },
    });
    expect(next).toMatchObject({ from: '2026-11-29T01:00:00.000Z', window: { id: ID } });
    expect((await windows(TWO)).map(({ window }) => window.name)).toEqual(['theirs', 'theirs']);
    await plan({});
    expect((await send(`GET /v1/vms/${ONE}/schedule`)).body).toMatchObject({
      schedule: { name: 'office' },
      windows: [open, next, {}, {}],
    });
  });
});
