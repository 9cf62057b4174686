import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Alert,
  alertRefusal,
  byPlace,
  isResolvedAt,
  merged,
  type PostedAlert,
  received,
} from '../../../lambdas/domain/alerts/alert.ts';
import { NOW, newAlert, secondsOff, someLabels } from '../../support/alerts.ts';

const FIVE_MINUTES = 300_000;
const labels = { alertname: 'X', empty: '' };

describe('an alert that comes in', () => {
  it.each<[string, Omit<PostedAlert, 'labels'>, Partial<Alert>]>([
    ['without times', {}, { startsAt: secondsOff(0), endsAt: secondsOff(300), timeout: true }],
    [
      'with a start',
      { startsAt: secondsOff(-9) },
      { startsAt: secondsOff(-9), endsAt: secondsOff(300), timeout: true },
    ],
    ['with an end', { endsAt: secondsOff(-5) }, { startsAt: secondsOff(-5), endsAt: secondsOff(-5), timeout: false }],
    [
      'with both',
      { startsAt: secondsOff(-9), endsAt: secondsOff(9) },
      { startsAt: secondsOff(-9), endsAt: secondsOff(9), timeout: false },
    ],
    [
      'with times that are none',
      { startsAt: '0001-01-01T00:00:00Z', endsAt: '0001-01-01T00:00:00.000Z' },
      { startsAt: secondsOff(0), endsAt: secondsOff(300), timeout: true },
    ],
    [
      'with a time of another zone, to the nanosecond',
      { startsAt: '2026-11-27T11:00:00.123456789+01:00' },
      { startsAt: '2026-11-27T10:00:00.123Z', endsAt: secondsOff(300), timeout: true },
    ],
  ])('%s', (_, posted, expected) => {
    expect(received({ labels, ...posted }, NOW, FIVE_MINUTES)).toEqual({
      labels: { alertname: 'X' },
      annotations: {},
      generatorURL: '',
      updatedAt: secondsOff(0),
      ...expected,
    });
  });

  it('keeps annotations as they are, also empty ones', () => {
    const posted = { labels, annotations: { summary: '' }, generatorURL: 'http://p/' };
    expect(received(posted, NOW, FIVE_MINUTES)).toMatchObject({
      annotations: { summary: '' },
      generatorURL: 'http://p/',
    });
  });

  it.each<[string | undefined, Partial<Alert>]>([
    [undefined, {}],
    [undefined, { endsAt: secondsOff(-60) }],
    ['start time must be before end time', { endsAt: secondsOff(-61) }],
    ['at least one label pair required', { labels: {} }],
    ['invalid label set: invalid name "a-b"', { labels: { 'a-b': 'x' } }],
    ['invalid label set: invalid value "\\ud800"', { labels: { a: '\ud800' } }],
    ['invalid annotations: invalid name "1"', { annotations: { 1: 'x' } }],
  ])('is refused with %j', (words, change) => expect(alertRefusal(newAlert(change))).toBe(words));
});

describe('an alert is over', () => {
  it.each([
    [-1, false],
    [0, true],
    [1, true],
  ])('%d ms after its end: %s', (ms, isOver) => expect(isResolvedAt({ endsAt: secondsOff(0) }, NOW + ms)).toBe(isOver));
});

/** From second to second, heard of at a second. */
const heard = (from: number, to: number, at: number, timeout = false): Alert =>
  newAlert({ startsAt: secondsOff(from), endsAt: secondsOff(to), updatedAt: secondsOff(at), timeout });

const span = ({ startsAt, endsAt, timeout }: Alert) => [
  (Date.parse(startsAt) - NOW) / 1000,
  (Date.parse(endsAt) - NOW) / 1000,
  timeout,
];

describe('an alert that is heard of again', () => {
  it.each<[string, Alert, Alert, [number, number, boolean]]>([
    ['and lasts: the earlier start, the newer end', heard(-60, 60, -60), heard(-30, 90, 0), [-60, 90, false]],
    ['whose end was the timeout: the newer end', heard(-60, 200, -60, true), heard(-60, 90, 0, true), [-60, 90, true]],
    ['whose later end was said: that end', heard(-60, 200, -60), heard(-60, 90, 0, true), [-60, 200, true]],
    ['and is over: its end', heard(-60, 200, -60), heard(-60, -5, 0), [-60, -5, false]],
    ['and was over later: that end', heard(-60, -2, -60), heard(-60, -5, 0), [-60, -2, false]],
    ['after it was over: the new one alone', heard(-60, -30, -60), heard(-20, 60, 0), [-20, 60, false]],
    ['with the very same times: the new one', heard(-60, 60, -60), heard(-60, 60, 0, true), [-60, 60, true]],
    [
      'with a start before and an end after: the new one alone',
      heard(-10, 10, -60),
      heard(-60, 60, 0),
      [-60, 60, false],
    ],
    [
      'late, so that what is known is the newer: its start, the newer end',
      heard(-60, 60, 10),
      heard(-70, 50, 0),
      [-70, 60, false],
    ],
  ])('%s', (_, before, incoming, expected) => expect(span(merged(before, incoming))).toEqual(expected));

  it('or the first time is what it is', () => {
    const first = heard(-60, 60, 0);
    expect(merged(undefined, first)).toBe(first);
  });

  it('says what the newer one says of everything but its times', () => {
    const older = newAlert({ annotations: { a: '1' }, generatorURL: 'x', updatedAt: secondsOff(-30) });
    const newer = newAlert({ annotations: { b: '2' }, generatorURL: 'y', startsAt: secondsOff(-30) });
    expect(merged(older, newer)).toMatchObject({
      annotations: { b: '2' },
      generatorURL: 'y',
      updatedAt: secondsOff(0),
    });
  });

  it('never begins later than it was known to where it overlaps, and is over where it is said to be', () => {
    const second = fc.integer({ min: -100, max: 100 });
    const any = fc.tuple(second, second, fc.boolean());
    fc.assert(
      fc.property(any, any, ([a, b, wasTimeout], [c, d, isTimeout]) => {
        const before = heard(Math.min(a, b), Math.max(a, b), -1, wasTimeout);
        const incoming = heard(Math.min(c, d), Math.max(c, d), 0, isTimeout);
        const after = merged(before, incoming);
        expect([before.startsAt, incoming.startsAt]).toContain(after.startsAt);
        expect(Date.parse(after.startsAt)).toBeLessThanOrEqual(Date.parse(incoming.startsAt));
        if (isResolvedAt(incoming, NOW))
          expect(Date.parse(after.endsAt)).toBeGreaterThanOrEqual(Date.parse(incoming.endsAt));
        if (isResolvedAt(incoming, NOW) && !isResolvedAt(before, NOW)) expect(after.endsAt).toBe(incoming.endsAt);
      }),
    );
  });
});

describe('alerts are told', () => {
  it('by job, by instance, then by their labels, those without one last', () => {
    const inOrder = [
      { job: 'a', instance: '1' },
      { job: 'a', instance: '2', z: '1' },
      { job: 'a', z: '1' },
      { job: 'b' },
      { instance: '1' },
      { z: '1' },
      { a: '1', z: '1' },
    ].map((each) => newAlert({ labels: each }));
    expect(inOrder.toReversed().sort(byPlace)).toEqual(inOrder);
  });

  it('in one order whatever the one they come in', () => {
    fc.assert(
      fc.property(fc.array(someLabels), (all) => {
        const alerts = all.map((each) => newAlert({ labels: each }));
        expect(alerts.toReversed().sort(byPlace)).toEqual(alerts.sort(byPlace));
      }),
    );
  });
});
