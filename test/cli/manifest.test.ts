import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { planOf } from '../../cli/manifest/plan.ts';
import { readManifest } from '../../cli/manifest/read.ts';
import { schedulesOf } from '../../cli/manifest/schedules.ts';
import { fileOf } from '../../cli/manifest/write.ts';
import { openSession } from '../../cli/session.ts';
import { newId } from '../../lambdas/domain/ids.ts';
import { anySchedule } from './any-schedule.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, schedule, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'novacron-manifest-'));
  plane = await startPlane();
  plane.vms = [vm({ name: 'db' }), vm({ name: 'twin' }), vm({ name: 'twin' })];
  plane.schedules = [schedule()];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return plane.close();
});

const typed = (...words: string[]) => type(['schedule', ...words], { env });
const file = (text: string): string => {
  const path = join(folder, 'schedules.yaml');
  writeFileSync(path, text);
  return path;
};
const plan = (text: string, ...words: string[]) => typed('plan', '-f', file(text), ...words);
const apply = (text: string, ...words: string[]) => typed('apply', '-f', file(text), '--yes', ...words);
const changed = () => plane.seen.filter(({ method }) => method !== 'GET');

const OFFICE = `schedules:
  - name: office
    targets:
      filter: tag:app=shop
    timeZone: Europe/Berlin
    periods:
      - mon-fri 09:00-18:00
`;
const NIGHTS = OFFICE.replace('office', 'nights').replace('mon-fri 09:00-18:00', 'daily 22:00-06:00');

describe('schedule export', () => {
  it('prints what apply takes: short periods, names of VMs, nothing that goes without saying', async () => {
    expect((await typed('export')).out).toBe(OFFICE);
    plane.schedules = [
      schedule({ targets: { vms: plane.vms.map(({ id }) => id) }, priority: 3, description: 'on: # call' }),
    ];
    const [, one, other] = plane.vms;
    expect(parse((await typed('export', 'office')).out)).toEqual({
      schedules: [
        {
          name: 'office',
          description: 'on: # call',
          priority: 3,
          // Two are called twin: their ids say which is meant.
          targets: { vms: ['db', one?.id, other?.id] },
          timeZone: 'Europe/Berlin',
          periods: ['mon-fri 09:00-18:00'],
        },
      ],
    });
  });

  it('names the VMs of an order, too, and takes them back; one that is not there is told with its place', async () => {
    const [db, one] = plane.vms;
    const order = [
      { name: 'db', vms: [db?.id ?? ''] },
      { name: 'web', vms: [one?.id ?? ''], filter: 'tag:tier=web', after: ['db'] },
    ];
    plane.schedules = [schedule({ order })];
    const { out } = await typed('export', 'office');
    expect(parse(out).schedules[0].order).toEqual([
      { name: 'db', vms: ['db'] },
      { name: 'web', vms: [one?.id], filter: 'tag:tier=web', after: ['db'] },
    ]);
    expect((await plan(out)).code).toBe(0);
    plane.schedules = [schedule()];
    expect((await apply(out)).code).toBe(0);
    expect(changed().at(-1)?.body).toEqual({ order });
    const wrong = await plan(out.replace('- db\n', '- bd\n'));
    expect(wrong.err).toContain('there is no VM bd. Did you mean db?');
  });

  it('prints only those that are named, and the same as JSON', async () => {
    plane.schedules.push(schedule({ id: newId('sch', 2), name: 'nights' }));
    expect(JSON.parse((await typed('export', 'nights', '-o', 'json')).out)).toEqual({
      schedules: [expect.objectContaining({ name: 'nights' })],
    });
    expect((await typed('export', 'nihgts')).err).toContain('Did you mean nights?');
  });

  it('of any schedules is what they are: its plan changes nothing', async () => {
    const quiet = { write: () => true };
    const io = {
      env,
      stdin: Readable.from([]),
      stdout: quiet,
      stderr: quiet,
      interrupted: new AbortController().signal,
    };
    const kind = schedulesOf(openSession(io, {}));
    const ids = [...plane.vms.map(({ id }) => id), newId('vm', 9)];
    const some = fc.uniqueArray(anySchedule(ids), { selector: ({ name }) => name, minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(some, async (specs) => {
        const rows = specs.map((spec, index) => schedule({ ...spec, id: newId('sch', index) }));
        const text = stringify(await fileOf(kind, specs), { lineWidth: 0 });
        const read = await readManifest(kind, 'file', text);
        expect(planOf(kind, read, rows, true)).toEqual({ changes: [], unchanged: specs.map(({ name }) => name) });
      }),
      { numRuns: 200 },
    );
  });

  it('makes the same schedules where there are none, and then there is nothing to do', async () => {
    const specs = fc.sample(anySchedule(plane.vms.map(({ id }) => id)), { numRuns: 4, seed: 7 });
    plane.schedules = specs.map((spec, index) => schedule({ ...spec, name: `s-${index}`, id: newId('sch', index) }));
    const { out } = await typed('export');
    expect((await plan(out, '--prune')).code).toBe(0);
    const before = plane.schedules;
    plane.schedules = [];
    expect(await apply(out)).toMatchObject({ code: 0 });
    const bare = (all: typeof before) => all.map(({ id: _, ...rest }) => rest);
    expect(bare(plane.schedules)).toEqual(bare(before));
  });
});

describe('calendars of a schedule', () => {
  it('are named in files, and taken away where a file leaves them out', async () => {
    plane.calendars = [calendar({ name: 'bavaria' })];
    plane.schedules = [schedule({ calendars: [plane.calendars[0]?.id ?? ''] })];
    const { out } = await typed('export');
    expect(parse(out).schedules[0].calendars).toEqual(['bavaria']);
    expect((await plan(out)).code).toBe(0);
    expect((await plan(out.replace('bavaria', 'bavari'))).err).toContain(
      'there is no calendar bavari. Did you mean bavaria?',
    );
    expect((await plan(OFFICE)).out).toContain('calendars: [ bavaria ] → (none)');
    expect((await apply(OFFICE)).code).toBe(0);
    expect(changed()[0]?.body).toEqual({ calendars: null });
    expect((await plan(OFFICE)).code).toBe(0);
  });
});

describe('schedule plan', () => {
  it('answers 0 where nothing is to be done', async () => {
    expect(await plan(OFFICE)).toMatchObject({
      code: 0,
      out: '0 to create, 0 to change, 0 to delete; 1 as the file says.\n',
    });
  });

  it('shows each field, old and new, and answers 3; it changes nothing', async () => {
    plane.schedules = [
      schedule({ description: 'old', targets: { filter: 'tag:app=shop', vms: [plane.vms[0]?.id ?? ''] } }),
    ];
    const other = OFFICE.replace('mon-fri 09:00-18:00', 'mon-fri 08:00-18:00').concat('    priority: 7\n');
    const { code, out } = await plan(other + NIGHTS.replace('schedules:\n', ''));
    expect(code).toBe(3);
    expect(out).toBe(
      [
        '+ schedule nights',
        '    targets: { filter: tag:app=shop }',
        '    timeZone: Europe/Berlin',
        '    periods: [ daily 22:00-06:00 ]',
        '~ schedule office',
        '    description: old → (none)',
        '    targets.vms: [ db ] → (none)',
        '    periods:',
        '      - mon-fri 09:00-18:00',
        '      + mon-fri 08:00-18:00',
        '    priority: 0 → 7',
        '1 to create, 1 to change, 0 to delete; 0 as the file says.',
        '',
      ].join('\n'),
    );
    expect(changed()).toEqual([]);
  });

  it('deletes what a file does not name with --prune only', async () => {
    expect((await plan(NIGHTS)).out).toContain('1 to create, 0 to change, 0 to delete');
    const pruned = await plan(NIGHTS, '--prune', '-o', 'json');
    expect(pruned.code).toBe(3);
    expect(JSON.parse(pruned.out)).toMatchObject({
      changes: [
        { action: 'create', noun: 'schedule', name: 'nights' },
        { action: 'delete', name: 'office', id: schedule().id },
      ],
      unchanged: [],
    });
  });

  it('reads standard input', async () => {
    const { code } = await type(['schedule', 'plan', '-f', '-'], { env, answers: OFFICE });
    expect(code).toBe(0);
  });

  it.each([
    ['no YAML', 'schedules: [', '1:13: ', 'Flow sequence'],
    ['nothing at all', '', '1:1: it says nothing', 'key schedules'],
    ['another key', 'schedule: []', '1:1: schedule: there is no such key.', 'Did you mean schedules?'],
    ['no list', 'schedules: office', '1:12: schedules: ', 'is a list'],
    ['no schedule', 'schedules:\n  - office', '2:5: schedules[0]: ', 'keys and values'],
    ['a key that is none', `${OFFICE}    prioritee: 3\n`, '8:5: schedules[0].prioritee: ', 'Did you mean priority?'],
    ['a key in a field', OFFICE.replace('filter', 'filtre'), '4:7: schedules[0].targets.filtre: ', 'no such key'],
    ['a value that is none', `${OFFICE}    priority: high\n`, '8:15: schedules[0].priority: ', 'expected number'],
    [
      'a period that is none',
      OFFICE.replace('mon-fri', 'moon-fri'),
      '7:9: schedules[0].periods[0]: ',
      '<days> <start>',
    ],
    [
      'a field that is missing',
      OFFICE.replace(/ +timeZone.*\n/, ''),
      '2:5: schedules[0].timeZone: ',
      'expected string',
    ],
    ['a name twice', OFFICE + OFFICE.replace('schedules:\n', ''), '8:11: schedules[1].name: ', 'in line 2'],
    ['a key twice', `${OFFICE}    name: office\n`, '8:5: ', 'unique'],
    [
      'a VM that is none',
      OFFICE.replace('filter: tag:app=shop', 'vms: [bd]'),
      '4:13: ',
      'there is no VM bd. Did you mean db?',
    ],
    ['a name of two VMs', OFFICE.replace('filter: tag:app=shop', 'vms: [twin]'), '4:13: ', '2 VMs are called twin'],
    [
      'a bomb',
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(9)}]\nc: &c [${'*b, '.repeat(9)}]\nschedules: [*c, *c]\n`,
      '1:1: ',
      'alias',
    ],
    ['two documents', `${OFFICE}---\n${OFFICE}`, '8:1: ', 'multiple documents'],
  ])('refuses %s, naming the place', async (_, text, place, why) => {
    const refused = await plan(text);
    expect(refused.code, refused.out).toBe(2);
    expect(refused.err).toContain(`schedules.yaml:${place}`);
    expect(refused.err).toContain(why);
  });

  it('tells all that is wrong at once, and of a file that is not there', async () => {
    const { err } = await plan(`${OFFICE}    a: 1\n    b: 2\n`);
    expect(err).toMatch(/schedules\[0\]\.a: .*\n.*schedules\[0\]\.b: /);
    expect((await typed('plan', '-f', '/no/such/file')).err).toContain('/no/such/file cannot be read (ENOENT)');
  });
});

describe('schedule apply', () => {
  it('makes, changes and deletes, and then has nothing more to do', async () => {
    plane.schedules.push(schedule({ id: newId('sch', 2), name: 'old' }));
    const wanted = `${OFFICE}    priority: 7\n${NIGHTS.replace('schedules:\n', '')}`;
    const { code, out, err } = await apply(wanted, '--prune');
    expect(code, err).toBe(0);
    expect(out).toContain('1 to create, 1 to change, 1 to delete');
    expect(err).toBe('schedule nights created\nschedule office changed\nschedule old deleted\n');
    expect(changed().map(({ method, body }) => [method, Object.keys(Object(body))])).toEqual([
      ['POST', expect.arrayContaining(['name', 'targets', 'timeZone', 'periods'])],
      ['PATCH', ['priority']],
      ['DELETE', []],
    ]);
    expect(await apply(wanted, '--prune')).toMatchObject({ code: 0, err: '' });
    expect((await plan(wanted, '--prune')).code).toBe(0);
  });

  it('takes away what the file leaves out', async () => {
    plane.schedules = [schedule({ description: 'old', priority: 3 })];
    expect((await apply(OFFICE)).code).toBe(0);
    expect(changed()[0]?.body).toEqual({ description: null, priority: 0 });
    expect(plane.schedules[0]).not.toHaveProperty('description');
  });

  it('asks first, and does nothing on a no or where nobody can be asked', async () => {
    const path = file(NIGHTS);
    const refused = await type(['schedule', 'apply', '-f', path], { env, answers: 'n\n' });
    expect(refused.err).toContain('Nothing was done.');
    expect((await typed('apply', '-f', path)).code).toBe(2);
    expect(changed()).toEqual([]);
    expect((await type(['schedule', 'apply', '-f', path], { env, answers: 'y\n' })).code).toBe(0);
    expect(plane.schedules).toHaveLength(2);
  });

  /** Somebody else writes between two requests: `when` tells of which. */
  const meanwhile = (when: (path: string, method: string) => boolean, what: () => void) => {
    let done = false;
    plane.heard = ({ path, method }) => {
      if (done || !when(path, method)) return;
      done = true;
      what();
    };
  };
  const isGetOfOne = (path: string, method: string) => method === 'GET' && /schedules\/./.test(path);

  it('refuses what somebody has changed since the plan, and does the rest', async () => {
    meanwhile(isGetOfOne, () => {
      plane.schedules = plane.schedules.map((each) => ({ ...each, graceMinutes: 30 }));
    });
    const wanted = `${OFFICE}    priority: 7\n${NIGHTS.replace('schedules:\n', '')}`;
    const { code, err } = await apply(wanted);
    expect(code).toBe(1);
    expect(err).toContain('schedule nights created');
    expect(err).toContain('office has been changed since the plan was made');
    expect(plane.schedules.map(({ name, priority }) => [name, priority])).toEqual([
      ['office', 0],
      ['nights', 0],
    ]);
  });

  it.each([
    ['a person', { graceMinutes: 30 }, 1, 0],
    ['a run of the schedule itself', { nextAt: '2027-01-01T00:00:00.000Z' }, 0, 7],
  ])('sends If-Match: %s writes between the look and the change', async (_, fields, code, priority) => {
    meanwhile(
      (_path, method) => method === 'PATCH',
      () => {
        plane.schedules = plane.schedules.map((each) => ({ ...each, ...fields }));
      },
    );
    const result = await apply(`${OFFICE}    priority: 7\n`);
    expect(result.code, result.err).toBe(code);
    expect(plane.schedules[0]?.priority).toBe(priority);
  });

  it('tells each trouble, and lets none keep the rest from being done', async () => {
    meanwhile(
      (_path, method) => method === 'POST',
      () => plane.schedules.push(schedule({ id: newId('sch', 3), name: 'nights' })),
    );
    const text = `${NIGHTS}${OFFICE.replace('schedules:\n', '')}    priority: 7\n`;
    const { code, out } = await apply(text, '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out).changes).toMatchObject([
      { name: 'nights', outcome: 'failed', error: expect.stringContaining('NameTaken') },
      { name: 'office', outcome: 'done' },
    ]);
    expect(plane.schedules[0]?.priority).toBe(7);
  });
});
