import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { planOf } from '../../cli/manifest/plan.ts';
import { readManifest } from '../../cli/manifest/read.ts';
import { windowsOf } from '../../cli/manifest/windows.ts';
import { fileOf } from '../../cli/manifest/write.ts';
import { openSession } from '../../cli/session.ts';
import { newId } from '../../lambdas/domain/ids.ts';
import { anyWindow } from './any-window.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, maintenanceWindow, schedule, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'novacron-windows-'));
  plane = await startPlane();
  plane.vms = [vm({ name: 'web-1' }), vm({ name: 'web-2' })];
  plane.calendars = [calendar({ name: 'freeze' })];
  plane.windows = [maintenanceWindow()];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return plane.close();
});

const typed = (...words: string[]) => type(['window', ...words], { env });
const changed = () => plane.seen.filter(({ method }) => method !== 'GET');
const ids = () => plane.vms.map(({ id }) => id);
const rowOf = (out: string, title: string): string[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith(title))
    .map((line) => line.slice(title.length).trim());

describe('novacron window', () => {
  it('lists which are open, and when each opens, on its own clocks', async () => {
    plane.windows.push(
      maintenanceWindow({ id: newId('win', 5), name: 'always', open: true, next: [], timeZone: 'UTC' }),
    );
    const { out } = await typed('list');
    expect(out).toMatch(/patching +no +Sun 2026-11-29 02:00-04:00 +Europe\/Berlin +sun 02:00-04:00/);
    expect(out).toMatch(/always +always +– +UTC/);
    plane.windows = [];
    expect((await typed('list')).err).toContain('novacron window create');
  });

  it('get shows VMs and calendars by their names, openings over midnight with both days', async () => {
    plane.windows = [
      maintenanceWindow({
        targets: { vms: ids(), filter: 'tag:app=shop' },
        calendars: plane.calendars.map(({ id }) => id),
        closures: [{ from: '2026-12-24', to: '2027-01-01', note: 'freeze' }],
        open: true,
        until: '2100-01-01T00:00:00.000Z',
        next: [{ from: '2026-11-28T22:00:00.000Z', until: '2026-11-29T01:00:00.000Z' }],
      }),
    ];
    const { out } = await typed('get', 'patching');
    expect(rowOf(out, 'VMs')).toEqual(['web-1, web-2, tag:app=shop']);
    expect(rowOf(out, 'Calendar')).toEqual(['freeze']);
    expect(rowOf(out, 'Closed')).toEqual(['2026-12-24..2027-01-01=freeze']);
    expect(rowOf(out, 'Open now')).toEqual(['until Fri 2100-01-01 01:00']);
    expect(rowOf(out, 'Opens')).toEqual(['Sat 2026-11-28 23:00 - Sun 2026-11-29 02:00']);
  });

  it('create and update send what the API takes, and what is wrong is wrong use', async () => {
    const words = [
      '--vm',
      'web-1',
      '--filter',
      'tag:env=dev',
      '--zone',
      'Europe/Berlin',
      '--period',
      'sun 02:00-04:00',
    ];
    const made = await typed('create', 'updates', ...words, '--closed', '2026-12-24', '--calendar', 'freeze');
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain('novacron schedule update <schedule> --window updates');
    expect(changed()[0]?.body).toEqual({
      name: 'updates',
      targets: { vms: [ids()[0]], filter: 'tag:env=dev' },
      timeZone: 'Europe/Berlin',
      periods: [{ weekdays: ['sun'], start: '02:00', stop: '04:00' }],
      closures: [{ from: '2026-12-24' }],
      calendars: [plane.calendars[0]?.id],
    });
    await typed('update', 'updates', '--name', 'later', '--no-calendars');
    expect(changed()[1]).toMatchObject({ method: 'PATCH', body: { name: 'later', calendars: [] } });
    expect((await typed('update', 'later')).err).toContain('Say what to change');
    expect((await typed('create', 'x', '--filter', 'tag:a=b')).err).toContain('--period "sun 02:00-04:00"');
    expect((await typed('create', 'x', '--period', 'sun 02:00-04:00')).err).toContain('Say which VMs');
    expect((await typed('get', 'pathcing')).err).toContain('Did you mean patching?');
  });

  it('delete asks, and says who uses it', async () => {
    expect((await type('window delete patching', { env, answers: 'no\n' })).code).not.toBe(0);
    plane.schedules = [schedule({ windows: [maintenanceWindow().id] })];
    expect((await typed('delete', 'patching', '--yes')).err).toContain('patching is used by schedule office');
    plane.schedules = [];
    expect((await typed('delete', 'patching', '--yes')).err).toContain('patching is deleted');
    expect(plane.windows).toEqual([]);
  });
});

describe('windows of a schedule', () => {
  it('are named by create and update, shown by their names, and taken away', async () => {
    const [only] = plane.windows;
    const words = ['--filter', 'tag:app=shop', '--period', 'mon-fri 09:00-18:00', '--window', 'patching'];
    const made = await type(['schedule', 'create', 'nights', ...words], { env });
    expect(made.code, made.err).toBe(0);
    expect(changed()[0]?.body).toMatchObject({ windows: [only?.id] });
    expect(rowOf(made.out, 'Window')).toEqual(['patching']);
    await type('schedule update nights --no-windows', { env });
    expect(changed()[1]?.body).toEqual({ windows: [] });
  });

  it('lie in its file by their names', async () => {
    plane.schedules = [schedule({ windows: plane.windows.map(({ id }) => id) })];
    const { out } = await type('schedule export', { env });
    expect(out).toContain('    windows:\n      - patching\n');
    const path = join(folder, 'schedules.yaml');
    writeFileSync(path, out);
    expect((await type(['schedule', 'plan', '-f', path], { env })).code).toBe(0);
    writeFileSync(path, out.replace('- patching', '- patchign'));
    expect((await type(['schedule', 'plan', '-f', path], { env })).err).toContain(
      'schedules[0].windows[0]: there is no window patchign. Did you mean patching?',
    );
  });

  it('are told of a VM, on the clocks of each, with and without a schedule', async () => {
    const [{ id, name } = maintenanceWindow()] = plane.windows;
    const from = '2026-11-29T07:00:00.000Z';
    const window = { id, name, timeZone: 'America/New_York' };
    plane.vmSchedule = { behind: [], windows: [{ from, until: '2026-11-29T09:00:00.000Z', window }] };
    const { out } = await type('vm schedule web-1', { env });
    expect(rowOf(out, 'May be disturbed')).toEqual(['Sun 2026-11-29 02:00-04:00 America/New_York, patching']);
    expect(out).toContain('it obeys no schedule');
  });
});

describe('windows in files', () => {
  it('are exported as they are typed, and made again elsewhere', async () => {
    plane.windows = [
      maintenanceWindow({
        targets: { vms: [ids()[1] ?? ''] },
        closures: [{ from: '2026-12-24', note: 'freeze' }],
        calendars: plane.calendars.map(({ id }) => id),
      }),
    ];
    const { out } = await typed('export');
    expect(out).toBe(
      [
        'windows:',
        '  - name: patching',
        '    targets:',
        '      vms:',
        '        - web-2',
        '    timeZone: Europe/Berlin',
        '    periods:',
        '      - sun 02:00-04:00',
        '    closures:',
        '      - 2026-12-24=freeze',
        '    calendars:',
        '      - freeze',
        '',
      ].join('\n'),
    );
    const path = join(folder, 'windows.yaml');
    writeFileSync(path, out);
    expect((await typed('plan', '-f', path, '--prune')).code).toBe(0);
    plane.windows = [];
    expect((await typed('apply', '-f', path, '--yes')).code).toBe(0);
    expect(plane.windows).toMatchObject([{ name: 'patching', targets: { vms: [ids()[1]] } }]);
    writeFileSync(path, out.replace('sun 02:00-04:00', 'sun 02:00-'));
    expect((await typed('plan', '-f', path)).err).toContain('windows[0].periods[0]');
  });

  it('are what was exported, whatever they say: a plan changes nothing', async () => {
    const quiet = { write: () => true };
    const interrupted = new AbortController().signal;
    const kind = windowsOf(
      openSession({ env, stdin: Readable.from([]), stdout: quiet, stderr: quiet, interrupted }, {}),
    );
    const some = fc.uniqueArray(anyWindow([...ids(), newId('vm', 99)]), {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(some, async (specs) => {
        const rows = specs.map((spec, index) => ({ ...spec, id: newId('win', index), by: 'ann', next: [] }));
        const text = stringify(await fileOf(kind, specs), { lineWidth: 0 });
        const plan = planOf(kind, await readManifest(kind, 'file', text), rows, true);
        expect(plan).toEqual({ changes: [], unchanged: specs.map(({ name }) => name) });
      }),
      { numRuns: 100 },
    );
  });
});
