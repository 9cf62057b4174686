import { expect, it } from 'vitest';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Period } from '../../lambdas/domain/period.ts';
import { plannedTimes } from '../../lambdas/domain/planned-times.ts';

/** F-21: every zone of the world through a year with all its changes of clocks. */
const DAILY: Period = {
  weekdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  start: '02:30',
  stop: '14:30',
};
const [FROM, TO] = [Date.parse('2026-01-01T00:00Z'), Date.parse('2027-01-01T00:00Z')];
const DAYS = 365;

it.each(Intl.supportedValuesOf('timeZone'))('%s: no day is missed, and none doubled', (timeZone) => {
  const times = plannedTimes(
    { timeZone, periods: [DAILY], closures: [], overrides: [], holidays: NO_HOLIDAYS, windowTimes: [] },
    FROM,
    TO,
  );
  const wants = times.map(({ want }) => want);
  // Up and down in turn; the year's ends may cut one of a day off.
  expect(wants.filter((want, index) => want === wants[index - 1])).toEqual([]);
  expect(Math.abs(wants.filter((want) => want === 'up').length - DAYS)).toBeLessThanOrEqual(1);
  expect(new Set(times.map(({ at }) => at)).size).toBe(times.length);
});
