import { expect, it } from 'vitest';
import { SilencePath } from '../../../lambdas/api/silence-path.ts';
import { silenceIdOf } from '../../../lambdas/domain/alerts/derived-silence.ts';
import { silenceOfSchedule } from '../../../lambdas/domain/alerts/quiet-by-plan.ts';
import type { LastRun, Schedule } from '../../../lambdas/domain/schedule.ts';
import { newSchedule } from '../../support/api.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const run = (more: Partial<LastRun> = {}): LastRun => ({
  ...{ plannedAt: '2026-11-25T09:30:00.000Z', ranAt: '2026-11-25T09:30:10.000Z', want: 'down', because: 'b' },
  ...{ vms: 1, begun: 1, skipped: false, owed: [] },
  ...more,
});
const names = Array.from({ length: 60 }, (_, index) => `vm-${String(index).padStart(2, '0')}`);
const silence = (more: Partial<Schedule>, quiet: readonly string[] = ['web-1']) =>
  silenceOfSchedule(newSchedule(more), quiet, NOW);

it('is looked up under an id that Alertmanager’s clients take, another one for each schedule', () => {
  const ids = ['sch-1', 'sch-2'].map(silenceIdOf);
  expect(new Set(ids).size).toBe(2);
  expect(ids.map((id) => SilencePath.parse({ id }).id)).toEqual(ids);
});

it('is no silence where the schedule has put nothing in place', () => {
  expect(silence({})).toBeUndefined();
  expect(silence({ lastRun: run({ skipped: true }) })).toBeUndefined();
});

it('lasts until the schedule is looked at next, always a while from now', () => {
  const endsAt = (nextAt?: string) => silence({ lastRun: run(), ...(nextAt ? { nextAt } : {}) })?.endsAt;
  expect(endsAt('2026-11-26T08:00:00.000Z')).toBe('2026-11-26T08:00:00.000Z');
  expect(endsAt('2026-11-25T09:59:00.000Z')).toBe('2026-11-25T10:01:00.000Z');
  expect(endsAt()).toBe('2027-11-25T10:00:00.000Z');
});

it('names fifty of its VMs, and counts all', () => {
  const { matchers, comment } = silence({ lastRun: run() }, names) ?? {};
  expect(matchers?.[0]?.value.split('|')).toEqual(names.slice(0, 50));
  expect(comment).toContain('60 VMs are off by plan: b.');
});
