import { describe, expect, it } from 'vitest';
import { gapsOf, type Known } from '../../../lambdas/domain/metrics/gaps.ts';
import { newVm } from '../../support/api.ts';

const at = (time: string): number => Date.parse(`2026-11-27T${time}:00.000Z`);
const iso = (time: string): string => new Date(at(time)).toISOString();
const MINUTE = 60_000;

/** A point each minute. */
const measured = (from: string, to: string): number[] =>
  Array.from({ length: (at(to) - at(from)) / MINUTE }, (_, minute) => at(from) + minute * MINUTE);

const gaps = (more: Partial<Known> = {}): string[] => {
  const vm = newVm({ createdAt: '2026-11-01T00:00:00.000Z' });
  const base = { vm, from: at('06:00'), to: at('12:00'), points: [], stepMs: MINUTE, daysOff: [] };
  return gapsOf({ ...base, ...more }).map(
    ({ from, to, state, because }) =>
      `${from.slice(11, 16)}-${to.slice(11, 16)} ${state}${because === undefined ? '' : ` ${because}`}`,
  );
};

const dayOff = (from: string, until: string) => ({ from: iso(from), until: iso(until), scheduleName: 'office' });

describe('where nothing is measured of a VM', () => {
  it('nothing is said of what is measured, nor of a minute that is missing', () => {
    expect(gaps({ points: measured('06:00', '12:00') })).toEqual([]);
    expect(gaps({ points: measured('06:00', '12:00').filter((time) => time !== at('08:00')) })).toEqual([]);
  });

  it('it is off by plan where its schedule stopped it, and nobody knows why elsewhere', () => {
    const points = [...measured('08:00', '10:00'), ...measured('11:00', '12:00')];
    expect(gaps({ points, daysOff: [dayOff('05:00', '07:30')] })).toEqual([
      '06:00-07:30 off-by-plan schedule office',
      '07:30-08:00 no-data',
      '10:00-11:00 no-data',
    ]);
  });

  it('days of one stop are told as one, also with the one that lasts', () => {
    const daysOff = [dayOff('06:00', '07:00'), dayOff('07:00', '08:00')];
    expect(gaps({ daysOff, off: { since: iso('08:00'), scheduleName: 'office' } })).toEqual([
      '06:00-12:00 off-by-plan schedule office',
    ]);
    const off = { since: iso('08:00'), unknownSince: iso('09:00'), scheduleName: 'office' };
    const vm = newVm({ state: 'unknown', changedAt: iso('09:00'), createdAt: iso('01:00') });
    expect(gaps({ vm, daysOff, off })).toEqual(['06:00-09:00 off-by-plan schedule office', '09:00-12:00 unknown']);
  });

  it('its state says why where it does not run, from when it changed', () => {
    const vm = newVm({ state: 'stopped', changedAt: iso('09:00'), createdAt: iso('07:00') });
    expect(gaps({ vm, points: measured('07:00', '09:00') })).toEqual(['09:00-12:00 stopped']);
    expect(gaps({ vm, points: measured('07:00', '08:00') })).toEqual(['08:00-09:00 no-data', '09:00-12:00 stopped']);
  });

  it('nothing is said of a time before it was made', () => {
    expect(gaps({ vm: newVm({ createdAt: iso('10:00') }), points: measured('10:00', '12:00') })).toEqual([]);
  });

  it('five minutes of CloudWatch, and what it tells ten minutes later, are no gap', () => {
    const vm = newVm({ provider: 'ec2', location: { region: 'eu-central-1' }, createdAt: iso('01:00') });
    const points = measured('06:00', '11:50').filter((time) => time % (5 * MINUTE) === 0);
    expect(gaps({ vm, points })).toEqual([]);
  });
});
