import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importTags } from '../../cli/import/custodian/convert.ts';
import { zoneOf } from '../../cli/import/custodian/zones.ts';
import { matchesFilter, parseFilter } from '../../lambdas/domain/filter.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { plannedTimes } from '../../lambdas/domain/planned-times.ts';
import { ScheduleSpec } from '../../lambdas/domain/schedule.ts';
import { VM_FIELDS } from '../../lambdas/domain/vm-fields.ts';
import { newVm } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { vm } from './samples.ts';
import { type } from './typed.ts';

const POLICY = { zone: 'et', onhour: 7, offhour: 19, weekends: true, weekendsOnly: false };
const OPTIONS = { tagKey: 'maid_offhours', policy: POLICY, optOut: false, hibernate: false, skipDays: [] };
const tagged = (...values: string[]) =>
  values.map((value, index) => ({ name: `vm-${index}`, managed: true, tags: { maid_offhours: value } }));
const hoursOf = (value: string, policy: Partial<typeof POLICY> = {}) => {
  const { schedules, differences } = importTags(tagged(value), { ...OPTIONS, policy: { ...POLICY, ...policy } });
  const [schedule] = schedules;
  return schedule
    ? [schedule.timeZone, ...schedule.periods]
    : differences.filter(({ schedule: name }) => name !== '*').map(({ there }) => there);
};
const WORK = ['mon', 'tue', 'wed', 'thu', 'fri'];
const WEEK = [...WORK, 'sat', 'sun'];
const NEW_YORK = 'America/New_York';
const USUAL = { weekdays: WORK, start: '07:00', stop: '19:00' };

describe('tags of offhours', () => {
  it.each<[string, unknown[]]>([
    ['', [NEW_YORK, USUAL]],
    ['on', [NEW_YORK, USUAL]],
    ['"ON"', [NEW_YORK, USUAL]],
    ['tz=pt', ['America/Los_Angeles', USUAL]],
    ['off=(M-F,19);on=(M-F,7)', [NEW_YORK, USUAL]],
    ['off=(M-F,18);on=(M-F,9);tz=pt;', ['America/Los_Angeles', { weekdays: WORK, start: '09:00', stop: '18:00' }]],
    [
      'off=[(M-F,21),(U,18)];on=[(M-F,6),(U,10)];tz=pt',
      [
        'America/Los_Angeles',
        { weekdays: WORK, start: '06:00' },
        { weekdays: ['sun'], start: '10:00' },
        { weekdays: WORK, stop: '21:00' },
        { weekdays: ['sun'], stop: '18:00' },
      ],
    ],
    // The side that is left out has the hours of the policy.
    [
      'offu3du28M-Fu2c18u29u3btzu3dAustraliau2fSydney',
      ['Australia/Sydney', { weekdays: WORK, start: '07:00', stop: '18:00' }],
    ],
    [
      'off=u5bu28M-Fu2c18u29u2cu28Su2c13u29u5d',
      [
        NEW_YORK,
        { weekdays: WORK, start: '07:00' },
        { weekdays: WORK, stop: '18:00' },
        { weekdays: ['sat'], stop: '13:00' },
      ],
    ],
    [
      'on=(F-M,22);off=(S-T,6)',
      [
        NEW_YORK,
        { weekdays: ['mon', 'fri', 'sat', 'sun'], start: '22:00' },
        { weekdays: ['mon', 'tue', 'sat', 'sun'], stop: '06:00' },
      ],
    ],
    ['off', ['opts its VMs out']],
    ['off=(M-F,24);on=(M-F,7)', [expect.stringContaining('times that are none')]],
    ['tz=mars/base', [expect.stringContaining('no time zone mars/base')]],
    ['hours=9', [expect.stringContaining('another key')]],
    // What is behind a blank is taken for a key of its own, and never starts.
    ['off=(M-F,18); on=(M-F,9)', [NEW_YORK, { weekdays: WORK, stop: '18:00' }]],
  ])('%j', (value, expected) => expect(hoursOf(value)).toEqual(expected));

  it('have what the policies say where they leave it out', () => {
    expect(hoursOf('on', { onhour: 8, offhour: 20, weekends: false })).toEqual([
      NEW_YORK,
      { weekdays: WEEK, start: '08:00', stop: '20:00' },
    ]);
    expect(hoursOf('on', { weekendsOnly: true })).toEqual([
      NEW_YORK,
      { weekdays: ['mon'], start: '07:00' },
      { weekdays: ['fri'], stop: '19:00' },
    ]);
  });

  it.each([
    ['it', 'Asia/Kolkata'],
    ['IST', 'Europe/Dublin'],
    ['ast', 'America/Phoenix'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
    ['us/pacific', 'America/Los_Angeles'],
    ['+01:00', undefined],
  ])('the zone %s is %s', (name, zone) => expect(zoneOf(name)).toBe(zone));

  it('are done on no day that the policies skip', () => {
    const { schedules } = importTags(tagged('on'), { ...OPTIONS, skipDays: ['2027-01-05'] });
    const [from, to] = [Date.parse('2027-01-04T00:00Z'), Date.parse('2027-01-07T00:00Z')];
    const times = plannedTimes(
      { ...ScheduleSpec.parse(schedules[0]), overrides: [], holidays: NO_HOLIDAYS, windowTimes: [] },
      from,
      to,
    );
    expect(times.map(({ at, want }) => `${new Date(at).toISOString().slice(8, 13)} ${want}`)).toEqual([
      ...['04T12 up', '05T00 down', '06T12 up', '07T00 down'],
    ]);
  });

  it('become filters that find the VMs with just this tag, whatever other tags there are', () => {
    const value = fc.constantFrom(
      '',
      'on',
      'off=(m-f,18)',
      'off=(m-f,18);tz=pt',
      'on=(m,1);off=(m-f,18)',
      'off=(t,1)',
      'x!~y=&%',
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const vms = values.map((each, index) => newVm({ name: `vm-${index}`, tags: { Maid_OffHours: each } }));
        for (const { targets } of importTags(vms, OPTIONS).schedules) {
          const terms = parseFilter(targets.filter ?? '', VM_FIELDS);
          const found = vms
            .filter((each) => matchesFilter(terms, VM_FIELDS, each))
            .map(({ tags }) => tags.Maid_OffHours);
          expect(new Set(found).size, targets.filter).toBe(1);
          expect(found).toEqual(values.filter((each) => each === found[0]));
        }
      }),
    );
  });

  it('that opt out are told, and in opt-out mode VMs without a tag have the hours of the policy', () => {
    const vms = [...tagged('off'), { name: 'bare', managed: true, tags: {} }];
    const { schedules, differences } = importTags(vms, { ...OPTIONS, optOut: true });
    expect(schedules.map(({ targets }) => targets)).toEqual([{ filter: 'tag:maid_offhours!~' }]);
    const terms = parseFilter('tag:maid_offhours!~', VM_FIELDS);
    expect(matchesFilter(terms, VM_FIELDS, newVm({ tags: {} }))).toBe(true);
    expect(matchesFilter(terms, VM_FIELDS, newVm({ tags: { maid_offhours: '' } }))).toBe(false);
    expect(differences).toContainEqual(expect.objectContaining({ schedule: 'off', here: 'no schedule' }));
  });
});

describe('novacron schedule import custodian', () => {
  let plane: FakePlane;
  let env: Record<string, string>;
  beforeEach(async () => {
    plane = await startPlane();
    env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
    plane.vms = [
      vm({ name: 'web-1', tags: { maid_offhours: 'on' } }),
      vm({ name: 'web-2', tags: { maid_offhours: 'on' } }),
      vm({ name: 'old', managed: false, tags: { MAID_OFFHOURS: 'off=(M-F,18);on=(M-F,9);tz=cet' } }),
      vm({ name: 'bare' }),
    ];
  });
  afterEach(() => plane.close());
  const typed = (...words: string[]) => type(['schedule', 'import', 'custodian', ...words], { env });

  it('reads the tags of all VMs, prints a file, and changes nothing', async () => {
    const { code, out, err } = await typed();
    expect(code, err).toBe(0);
    expect(parse(out).schedules).toEqual([
      {
        name: 'offhours-on',
        targets: { filter: 'tag:maid_offhours=on' },
        timeZone: NEW_YORK,
        periods: ['mon-fri 07:00-19:00'],
      },
      expect.objectContaining({ timeZone: 'Europe/Berlin', periods: ['mon-fri 09:00-18:00'] }),
    ]);
    expect(err).toMatch(/vms=old\n +there +started and stopped\n +here +left alone/);
    expect(plane.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('takes what the policies say', async () => {
    const words = ['--zone', 'utc', '--onhour', '8', '--offhour', '20', '--no-weekends', '--skip-day', '2026-12-25'];
    const { out } = await typed(...words, '--opt-out', '-o', 'json');
    expect(JSON.parse(out).schedules).toContainEqual({
      name: 'offhours-no-tag',
      targets: { filter: 'tag:maid_offhours!~' },
      timeZone: 'Etc/UTC',
      periods: ['daily 08:00-20:00'],
      closures: [{ from: '2026-12-25' }],
    });
    const kept = JSON.parse((await typed('--hibernate', '-o', 'json')).out);
    expect(kept.schedules.map(({ stopMode }: { stopMode: string }) => stopMode)).toEqual(['hibernate', 'hibernate']);
    expect(kept.differences).toContainEqual(expect.objectContaining({ setting: 'hibernate', value: 'true' }));
    expect((await typed('--zone', 'nowhere')).code).toBe(2);
    expect((await typed('--skip-day', 'christmas')).err).toContain('It is a date');
  });
});
