import { beforeEach, describe, expect, it, vi } from 'vitest';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import * as calendars from '../../lambdas/store/calendars.ts';
import * as plans from '../../lambdas/store/plans.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import * as windows from '../../lambdas/store/windows.ts';
import {
  call,
  insertCalendar,
  insertSchedule,
  insertWindow,
  newCalendar,
  newSchedule,
  newWindow,
  signIn,
} from '../support/api.ts';
import { casesOr, replayOf, SEED } from '../support/cases.ts';
import { Random } from '../support/random.ts';
import { RULES } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';

/** People change windows, calendars and schedules that refer to each other, all at once, in whatever order their writes land. */

const NOW = '2026-11-27T12:00:00.000Z';
const idOf = (prefix: string, number: number): string => `${prefix}-${String(number).padStart(16, '0')}`;
const [CALENDARS, WINDOWS, SCHEDULES] = [2, 3, 3];
const DAYS = ['2026-11-29', '2026-12-06', '2026-12-13', '2026-12-01'];

let token: string;
const settle = async (random: Random): Promise<void> => {
  const state = new StateTable();
  token = await signIn('operator');
  for (let number = 1; number <= CALENDARS; number += 1) {
    await insertCalendar(newCalendar({ id: idOf('cal', number), name: `c-${number}` }));
  }
  for (let number = 1; number <= WINDOWS; number += 1) {
    const refers = number === 1 ? {} : { calendars: [idOf('cal', 1)] };
    await insertWindow(newWindow({ id: idOf('win', number), name: `w-${number}`, ...refers }));
  }
  for (let number = 1; number <= SCHEDULES; number += 1) {
    const row = newSchedule({
      id: idOf('sch', number),
      name: `s-${number}`,
      ranThrough: NOW,
      windows: [idOf('win', 1)],
    });
    await insertSchedule(lookedAtNext(await plans.planned(row), Date.parse(NOW)));
  }
  state.turn = async () => {
    for (let turns = random.below(4); turns > 0; turns -= 1) await new Promise(setImmediate);
  };
};

const subset = (random: Random, prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => idOf(prefix, index + 1)).filter(() => random.below(2) === 0);

/** Any of what people may ask for; some of it is refused. */
const CHANGES: readonly ((random: Random) => readonly [line: string, body?: object])[] = [
  (random) => [
    `PATCH /v1/windows/${idOf('win', 1 + random.below(WINDOWS))}`,
    { closures: [{ from: random.pick(DAYS) }] },
  ],
  (random) => [
    `PATCH /v1/windows/${idOf('win', 1 + random.below(WINDOWS))}`,
    { calendars: subset(random, 'cal', CALENDARS) },
  ],
  (random) => [`DELETE /v1/windows/${idOf('win', 1 + random.below(WINDOWS))}`],
  (random) => [
    `PATCH /v1/schedules/${idOf('sch', 1 + random.below(SCHEDULES))}`,
    { windows: subset(random, 'win', WINDOWS), calendars: subset(random, 'cal', CALENDARS) },
  ],
  (random) => [`PATCH /v1/schedules/${idOf('sch', 1 + random.below(SCHEDULES))}`, { enabled: random.below(2) === 0 }],
  (random) => [
    'POST /v1/schedules',
    { ...RULES['create-schedule']?.body, name: `n-${random.below(9)}`, windows: subset(random, 'win', WINDOWS) },
  ],
  (random) => [
    `PATCH /v1/calendars/${idOf('cal', 1 + random.below(CALENDARS))}`,
    { dates: [{ from: random.pick(DAYS) }] },
  ],
  (random) => [`DELETE /v1/calendars/${idOf('cal', 1 + random.below(CALENDARS))}`],
];

const ask = async (random: Random): Promise<[string, number]> => {
  const [line, body] = random.pick(CHANGES)(random);
  const { status } = await call(line, { token, headers: {}, ...(body === undefined ? {} : { body }) });
  return [line, status];
};

/** What refers to something that there is not, and schedules that are looked at later than they must. */
const wrong = async (): Promise<string[]> => {
  const all = await schedules.allOf('default');
  const open = await windows.allOf('default');
  const known = new Set([...open, ...(await calendars.page('default', { limit: 100 })).rows].map(({ id }) => id));
  const ended = (name: string, ids: readonly string[] = []): string[] =>
    ids.filter((id) => !known.has(id)).map((id) => `${name} refers to ${id}`);
  const dangling = [
    ...open.flatMap((window) => ended(window.name, window.calendars)),
    ...all.flatMap((each) => [...ended(each.name, each.calendars), ...ended(each.name, each.windows)]),
  ];
  const late: string[] = [];
  for (const { nextAt, ...row } of all) {
    const due = lookedAtNext(await plans.planned(row), Date.parse(NOW)).nextAt;
    if (due !== undefined && (nextAt === undefined || nextAt > due)) late.push(`${row.name} at ${nextAt}, not ${due}`);
  }
  return [...dangling, ...late];
};

describe('windows that change while schedules refer to them', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) });
    return () => vi.useRealTimers();
  });

  it('leave no schedule behind: none refers to what has ended, none is looked at too late', async () => {
    for (let seed = SEED; seed < SEED + casesOr(150); seed += 1) {
      const random = new Random(seed);
      await settle(random);
      for (let round = 0; round < 3; round += 1) {
        const answers = await Promise.all(Array.from({ length: 5 }, () => ask(random)));
        expect(
          answers.filter(([, status]) => status >= 500),
          replayOf('windows-that-change.test.ts', seed),
        ).toEqual([]);
        expect([answers, await wrong()], replayOf('windows-that-change.test.ts', seed)).toEqual([answers, []]);
      }
    }
  });
});
