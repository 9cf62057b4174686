import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SchedulePreview } from '../../cli/api.ts';
import { newVm, newWindow } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { previewOf, schedule, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
beforeEach(async () => {
  plane = await startPlane();
  plane.schedules = [schedule()];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => plane.close());

const typed = (...words: string[]) => type(words, { env });
const sent = () => plane.seen.at(-1);

describe('novacron schedule', () => {
  it('lists them, as they would be typed', async () => {
    expect((await typed('schedule', 'list')).out).toMatch(/office +yes +Europe\/Berlin +mon-fri 09:00-18:00/);
    plane.schedules = [];
    expect((await typed('schedule', 'list')).err).toContain('novacron schedule create');
  });

  it('create asks for VMs and periods, and takes the zone of this machine', async () => {
    plane.vms = [vm({ name: 'db' })];
    const made = await typed(
      ...['schedule', 'create', 'nights', '--vm', 'db', '--filter', 'tag:app=shop', '--period', 'mon-fri 20:00-23:00'],
      ...['--closed', '2026-12-24..2026-12-26=christmas', '--grace', '5', '--priority', '-3'],
    );
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain('novacron schedule preview nights');
    expect(plane.seen.findLast(({ method }) => method !== 'GET')).toMatchObject({
      method: 'POST',
      path: '/v1/schedules',
      body: {
        name: 'nights',
        targets: { vms: [plane.vms[0]?.id], filter: 'tag:app=shop' },
        timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        periods: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '20:00', stop: '23:00' }],
        closures: [{ from: '2026-12-24', to: '2026-12-26', note: 'christmas' }],
        graceMinutes: 5,
        priority: -3,
      },
    });
  });

  it('takes the VMs of an order by name or id, and shows them by name', async () => {
    plane.vms = [vm({ name: 'db-1' }), vm({ name: 'db-2', id: 'vm-0000000000000009' })];
    const [first = vm(), second = vm()] = plane.vms;
    const order = ['--order', `db=db-1,${second.id}`, '--order', 'app=tag:tier=app after db delay 30s'];
    const made = await typed('schedule', 'update', 'office', ...order);
    expect(made.code, made.err).toBe(0);
    const nodes = [
      { name: 'db', vms: [first.id, second.id] },
      { name: 'app', filter: 'tag:tier=app', after: ['db'], delaySeconds: 30 },
    ];
    expect(plane.seen.findLast(({ method }) => method === 'PATCH')?.body).toEqual({ order: nodes });
    const owed = [{ vmId: second.id, fault: 'VmLocked', detail: 'held' }];
    const lastRun = { plannedAt: '2026-11-26T08:00:00.000Z', ranAt: '2026-11-26T08:00:00.000Z', want: 'up' as const };
    const ran = { ...lastRun, because: 'x', vms: 2, begun: 1, skipped: false, owed, waiting: ['app'] };
    plane.schedules = [schedule({ order: nodes, targets: { vms: [first.id, 'vm-000000000000000z'] }, lastRun: ran })];
    const { out } = await typed('schedule', 'get', 'office');
    expect(out).toMatch(/VMs +db-1, vm-000000000000000z/);
    expect(out).toMatch(/Order +db: db-1, db-2\n/);
    expect(out).toMatch(/Order +└─ app: tag:tier=app after db delay 30s \(waits\)/);
    expect(out).toMatch(/Owed +db-2: held/);
    expect((await typed('schedule', 'update', 'office', '--order', 'db=nobody')).err).toContain('no VM nobody');
    // A program reads ids, and nothing is asked for it.
    plane.seen.length = 0;
    expect(JSON.parse((await typed('schedule', 'get', 'office', '-o', 'json')).out).order).toEqual(nodes);
    expect(plane.seen.filter(({ path }) => path.startsWith('/v1/vms'))).toEqual([]);
  });

  it.each([
    ['no VM', ['create', 'x', '--period', 'daily 09:00-18:00'], 'Say which VMs'],
    ['no period', ['create', 'x', '--filter', 'tag:a=b'], 'Say when'],
    ['a period that is none', ['create', 'x', '--period', 'always'], '<days> <start>-<stop>'],
    ['nothing to change', ['update', 'office'], 'Say what to change'],
    ['an override without an end', ['override', 'office', '--want', 'up'], '--until'],
    [
      'an override until a moment that is none',
      ['override', 'office', '--want', 'up', '--until', 'soon'],
      'It is a moment',
    ],
  ])('refuses %s as wrong use', async (_, words, why) => {
    const refused = await typed('schedule', ...words);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(why);
  });

  it.each([
    ['fri-mon 22:00-06:00', { weekdays: ['mon', 'fri', 'sat', 'sun'], start: '22:00', stop: '06:00' }],
    ['mon,wed nov-feb 07:00-', { weekdays: ['mon', 'wed'], months: [1, 2, 11, 12], start: '07:00' }],
    ['1,-1 jan,apr,jul,oct 08:00-20:00', { monthDays: [1, -1], months: [1, 4, 7, 10], start: '08:00', stop: '20:00' }],
    ['cron 0 9 * * MON-FRI ; 0 18 * * *', { cron: { start: '0 9 * * MON-FRI', stop: '0 18 * * *' } }],
    ['cron ; 0 20 L * *', { cron: { stop: '0 20 L * *' } }],
    ['last-fri mar-may -20:00', { nthWeekdays: [{ nth: -1, weekday: 'fri' }], months: [3, 4, 5], stop: '20:00' }],
  ])('takes the period %s', async (text, period) => {
    await typed('schedule', 'update', 'office', '--period', text);
    expect(sent()?.body).toEqual({ periods: [period] });
  });

  it('update changes what is said and nothing else', async () => {
    await typed('schedule', 'update', 'office', '--zone', 'UTC', '--missed', 'skip', '--stop-mode', 'save');
    expect(sent()).toMatchObject({ method: 'PATCH', body: { timeZone: 'UTC', missed: 'skip', stopMode: 'save' } });
    expect((await typed('schedule', 'update', 'office', '--stop-mode', 'pause')).code).toBe(2);
    await typed('schedule', 'disable', 'office');
    expect(sent()?.body).toEqual({ enabled: false });
    await typed('schedule', 'enable', 'office');
    expect(sent()?.body).toEqual({ enabled: true });
  });

  it('override says what, until when, and why', async () => {
    await typed('schedule', 'override', 'office', '--want', 'up', '--until', '2026-11-27T20:00Z', '--note', 'release');
    expect(sent()).toMatchObject({
      path: `/v1/schedules/${schedule().id}/actions/override`,
      body: { want: 'up', until: '2026-11-27T20:00:00.000Z', note: 'release' },
    });
    await typed('schedule', 'end-override', 'office');
    expect(sent()?.path).toMatch(/end-override$/);
  });

  it('get tells what became of the last time', async () => {
    plane.schedules = [
      schedule({
        overrides: [
          {
            want: 'up',
            from: '2026-11-26T17:00:00.000Z',
            until: '2026-11-26T20:00:00.000Z',
            by: 'anna',
            note: 'release',
          },
        ],
        stopMode: 'hibernate',
        lastRun: {
          plannedAt: '2026-11-26T08:00:00.000Z',
          ranAt: '2026-11-26T08:00:12.000Z',
          want: 'up',
          because: 'period 1 begins',
          vms: 3,
          begun: 2,
          skipped: false,
          owed: [{ vmId: 'vm-1', fault: 'VmLocked', detail: 'web-1 is held by op-1' }],
          plain: [{ vmId: 'vm-3', vmName: 'web-3', cause: 'DiskFull: no room' }],
          late: [
            { vmId: 'vm-2', vmName: 'db', state: 'stopped', cause: 'CapacityUnavailable: none' },
            { vmId: 'vm-3', vmName: 'app', state: 'stopped', cause: 'waits for db: db: CapacityUnavailable: none' },
          ],
        },
      }),
    ];
    const { out } = await typed('schedule', 'get', 'office');
    expect(out).toMatch(/Override +up from .* by anna: release/);
    expect(out).toMatch(/Last time +.* up: 3 VMs, 2 operations, 1 still to come \(period 1 begins\)/);
    expect(out).toMatch(/Owed +vm-1: web-1 is held/);
    expect(out).toMatch(/Stop mode +hibernate/);
    expect(out).toMatch(/Memory not kept +web-3: DiskFull: no room/);
    expect(out).toMatch(/Late +db: CapacityUnavailable/);
    expect(out).toMatch(/Late +app: waits for db: db: CapacityUnavailable/);
  });

  it('delete asks, and says what stays', async () => {
    expect((await type('schedule delete office', { env, answers: 'no\n' })).code).not.toBe(0);
    expect((await typed('schedule', 'delete', 'office', '--yes')).err).toContain('its VMs stay as they are');
    expect(sent()?.method).toBe('DELETE');
  });

  it('preview draws the days to come in its own zone, and says what that saves', async () => {
    const { out } = await typed('schedule', 'preview', 'office');
    const lines = out.split('\n');
    const bar = (up: number, from: number) => `${'·'.repeat(from)}${'█'.repeat(up)}`;
    // Begins on Friday at noon: the morning is past, six hours are left.
    expect(lines.find((line) => line.startsWith('Fri'))).toBe(
      `Fri 2026-11-27  ${' '.repeat(24)}${bar(12, 0)}${'·'.repeat(12)}  6.0 h`,
    );
    expect(lines.find((line) => line.startsWith('Sat'))).toBe(`Sat 2026-11-28  ${'·'.repeat(48)}  0.0 h`);
    expect(lines.find((line) => line.startsWith('Mon'))).toBe(`Mon 2026-11-30  ${bar(18, 18)}${'·'.repeat(12)}  9.0 h`);
    expect(out).toMatch(/web-1 +0\.00\d+ +estimate/);
    expect(out).toMatch(/Up 18 h, off 78 h: 0\.\d\d USD less than always on/);
    expect(out).not.toContain('▒');
  });

  it('preview shows when windows are open, and whom they keep up', async () => {
    const often = newWindow({ periods: [{ weekdays: ['sat', 'sun'], start: '02:15', stop: '04:00' }] });
    const vms = Array.from({ length: 7 }, (_, n) => newVm({ id: `vm-${n}`, name: `web-${n}`, tags: { app: 'shop' } }));
    const shown = async (preview: SchedulePreview) => {
      plane.preview = preview;
      return (await typed('schedule', 'preview', 'office')).out;
    };
    const many = await shown(previewOf(schedule(), [often], vms));
    const night = `${'·'.repeat(4)}${'▒'.repeat(4)}${'·'.repeat(40)}`;
    expect(many).toContain(`Sat 2026-11-28  ${night}  1.5 h`);
    expect(many).toContain(
      '▒ window patching keeps web-0, web-1, web-2, web-3, web-4 and 2 more up: Sat 2026-11-28 02:15-04:00, and 1 more\n',
    );
    expect(await shown(previewOf(schedule(), [newWindow()], []))).toContain(
      '▒ window patching: Sun 2026-11-29 02:00-04:00\n',
    );
  });
});
