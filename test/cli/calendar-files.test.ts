import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { calendarsOf } from '../../cli/manifest/calendars.ts';
import { planOf } from '../../cli/manifest/plan.ts';
import { readManifest } from '../../cli/manifest/read.ts';
import { fileOf } from '../../cli/manifest/write.ts';
import { openSession } from '../../cli/session.ts';
import { newId } from '../../lambdas/domain/ids.ts';
import { anyCalendar } from './any-calendar.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, schedule } from './samples.ts';
import { type } from './typed.ts';

/** What files of any noun do is in manifest.test.ts; here is what calendars have of their own. */

let plane: FakePlane;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'novacron-calendars-'));
  plane = await startPlane();
  plane.calendars = [calendar()];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return plane.close();
});

const typed = (...words: string[]) => type(['calendar', ...words], { env });
const file = (text: string): string => {
  const path = join(folder, 'calendars.yaml');
  writeFileSync(path, text);
  return path;
};
const plan = (text: string, ...words: string[]) => typed('plan', '-f', file(text), ...words);
const apply = (text: string, ...words: string[]) => typed('apply', '-f', file(text), '--yes', ...words);
const changed = () => plane.seen.filter(({ method }) => method !== 'GET');

const WORKS = `calendars:
  - name: works-holidays
    dates:
      - 2026-12-24..2027-01-01=works holidays
`;

describe('calendars in files', () => {
  it('are exported as they are typed, without what the plane knows of them', async () => {
    const feedState = {
      checkedAt: '2026-11-26T08:00:00.000Z',
      readAt: '2026-11-24T08:00:00.000Z',
      events: 1,
      ignored: 0,
    };
    expect((await typed('export')).out).toBe(WORKS);
    plane.calendars.push(
      calendar({ id: newId('cal', 9), name: 'team', dates: [], feed: 'https://feeds.example.org/x.ics', feedState }),
    );
    expect(parse((await typed('export', 'team')).out)).toEqual({
      calendars: [{ name: 'team', feed: 'https://feeds.example.org/x.ics' }],
    });
  });

  it('are what was exported, whatever they say: a plan changes nothing', async () => {
    const quiet = { write: () => true };
    const interrupted = new AbortController().signal;
    const kind = calendarsOf(
      openSession({ env, stdin: Readable.from([]), stdout: quiet, stderr: quiet, interrupted }, {}),
    );
    const some = fc.uniqueArray(anyCalendar, { selector: ({ name }) => name, minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(some, async (specs) => {
        const rows = specs.map((spec, index) => ({ ...spec, id: newId('cal', index), by: 'ann', days: [] }));
        const text = stringify(await fileOf(kind, specs), { lineWidth: 0 });
        const plan = planOf(kind, await readManifest(kind, 'file', text), rows, true);
        expect(plan).toEqual({ changes: [], unchanged: specs.map(({ name }) => name) });
      }),
      { numRuns: 200 },
    );
  });

  it('are made, changed and deleted, and then there is nothing to do', async () => {
    plane.calendars.push(calendar({ id: newId('cal', 9), name: 'old', description: 'of before' }));
    const text = `${WORKS.replace('works holidays', 'we are closed')}    open: [2027-01-04]\n  - name: de\n    country: DE\n`;
    const { code, out } = await plan(text, '--prune');
    expect(code).toBe(3);
    expect(out).toBe(
      [
        '+ calendar de',
        '    country: DE',
        '~ calendar works-holidays',
        '    dates:',
        '      - 2026-12-24..2027-01-01=works holidays',
        '      + 2026-12-24..2027-01-01=we are closed',
        '    open:',
        '      + 2027-01-04',
        '- calendar old',
        '1 to create, 1 to change, 1 to delete; 0 as the file says.',
        '',
      ].join('\n'),
    );
    const done = await apply(text, '--prune');
    expect(done.code, done.err).toBe(0);
    expect(changed().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'DELETE']);
    expect(await plan(text, '--prune')).toMatchObject({ code: 0 });
  });

  it('lose what their file leaves out: description, feed, country, days', async () => {
    plane.calendars = [
      calendar({ description: 'old', feed: 'https://feeds.example.org/x.ics', country: 'DE', open: ['2026-10-03'] }),
    ];
    expect((await apply(WORKS)).code).toBe(0);
    expect(changed()[0]?.body).toEqual({ description: null, feed: null, country: null, open: [] });
    expect((await plan(WORKS)).code).toBe(0);
  });

  it('are looked past where their feed is read meanwhile, and left alone where a person changes them', async () => {
    const meanwhile = (fields: Partial<ReturnType<typeof calendar>>) => {
      let done = false;
      plane.heard = ({ method }) => {
        if (done || method !== 'PATCH') return;
        done = true;
        plane.calendars = plane.calendars.map((each) => ({ ...each, ...fields }));
      };
    };
    meanwhile({ days: [] });
    expect((await apply(`${WORKS}    country: DE\n`)).code).toBe(0);
    expect(plane.calendars[0]?.country).toBe('DE');
    meanwhile({ open: ['2027-05-01'] });
    const left = await apply(WORKS);
    expect(left.code).toBe(1);
    expect(left.err).toContain('works-holidays has been changed since the plan was made');
    expect(plane.calendars[0]?.country).toBe('DE');
  });

  it('stay where a schedule refers to them, and the rest is done', async () => {
    plane.schedules = [schedule({ calendars: [calendar().id] })];
    const { code, err } = await apply('calendars:\n  - name: de\n    country: DE\n', '--prune');
    expect(code).toBe(1);
    expect(err).toContain('calendar de created');
    expect(err).toContain('works-holidays is used by schedule office');
    expect(plane.calendars.map(({ name }) => name)).toEqual(['works-holidays', 'de']);
  });

  it.each([
    ['no day', 'calendars:\n  - name: x\n', '2:5: calendars[0]: ', 'without any it has no day'],
    ['days that are none', WORKS.replace('12-24', '24-12-'), '4:9: calendars[0].dates[0]: ', '2026-12-24..2027-01-01'],
    ['a date that never is', WORKS.replace('12-24', '02-30'), '4:9: calendars[0].dates[0].from: ', 'date'],
    [
      'an end before the beginning',
      WORKS.replace('2027', '2025'),
      '4:9: calendars[0].dates[0].to: ',
      'before it begins',
    ],
    ['a day closed and open', `${WORKS}    open: [2026-12-25]\n`, '5:12: calendars[0].open[0]: ', 'cannot be open too'],
    [
      'a country that is none',
      'calendars:\n  - name: x\n    country: Bayern\n',
      '3:14: calendars[0].country: ',
      'DE-BY',
    ],
    ['a key that is none', `${WORKS}    feeds: x\n`, '5:5: calendars[0].feeds: ', 'Did you mean feed?'],
    ['schedules', 'schedules: []\n', '1:1: schedules: ', 'A file has the key calendars'],
  ])('refuses %s, naming the place', async (_, text, place, why) => {
    const refused = await plan(text);
    expect(refused.code, refused.out).toBe(2);
    expect(refused.err).toContain(`calendars.yaml:${place}`);
    expect(refused.err).toContain(why);
    expect(changed()).toEqual([]);
  });
});
