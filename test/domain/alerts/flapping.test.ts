import { describe, expect, it } from 'vitest';
import { type Flapping, heardWhileFlapping } from '../../../lambdas/domain/alerts/flapping.ts';
import type { Entry } from '../../../lambdas/domain/alerts/history.ts';
import { newAlert } from '../../support/alert-rows.ts';

const RULE: Flapping = { changes: 4, withinMs: 3_600_000, calmMs: 900_000 };
const START = Date.parse('2026-11-25T12:00:00.000Z');
const minute = (at: number): string => new Date(START + at * 60_000).toISOString();

/** An alert that turned at these minutes, from firing to over and back. */
const turning = (...minutes: number[]) => {
  const history = minutes.map((at, index): Entry => ({ at: minute(at), what: index % 2 ? 'resolved' : 'fired' }));
  const isOver = minutes.length % 2 === 0;
  return { ...newAlert(), history, endsAt: minute(isOver ? (minutes.at(-1) ?? 0) : 600) };
};
const heardAt = (at: number, row: ReturnType<typeof turning>, rule = RULE) =>
  heardWhileFlapping(row, rule, START + at * 60_000);

describe('an alert that comes and goes', () => {
  it('is as it is until it has done so often enough', () => {
    const row = turning(0, 5, 10);
    expect(heardAt(11, row)).toBe(row);
  });

  it('is not over while it does, and says how often it turned', () => {
    expect(heardAt(16, turning(0, 5, 10, 15))).toMatchObject({ flaps: 4, endsAt: minute(31) });
    expect(heardAt(21, turning(0, 5, 10, 15, 20))).toMatchObject({ flaps: 5, endsAt: minute(600) });
  });

  it('is over once it has been calm', () => {
    const row = turning(0, 5, 10, 15);
    expect(heardAt(29.9, row)).not.toBe(row);
    expect(heardAt(30, row)).toBe(row);
  });

  it('has its turns of long ago forgotten', () => {
    const row = turning(0, 5, 62, 66);
    expect(heardAt(67, row)).toBe(row);
  });

  it('counts an end that nobody has noted', () => {
    const row = { ...turning(0, 5, 10), endsAt: minute(12) };
    expect(heardAt(13, row)).toMatchObject({ flaps: 4 });
  });

  it('is as Alertmanager has it where no changes are counted', () => {
    const row = turning(0, 1, 2, 3, 4, 5, 6, 7);
    expect(heardAt(8, row, { ...RULE, changes: 0 })).toBe(row);
  });
});
