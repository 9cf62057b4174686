import fc from 'fast-check';
import type { Alert } from '../../lambdas/domain/alerts/alert.ts';

/** Few names and values, so that sets meet, and now and then any that there can be. */
const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('alertname', 'job', 'instance', 'team', 'a', 'a0', 'a_b', 'constructor') },
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter((each) => each !== '__proto__'),
);
const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('x', 'y', 'xy', '1', 'é', '\uffff', '😀', '"', '\\', '\n') },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
);

/** Labels as an alert may have them. */
export const someLabels = fc.dictionary(name, value, { maxKeys: 5 }).map((labels) => ({ ...labels }));

/** Matchers that are no regular expressions, which any text could not be. */
export const plainMatcher = fc.record({ name, type: fc.constantFrom('=' as const, '!=' as const), value });

export const NOW = Date.parse('2026-11-27T10:00:00.000Z');

/** An instant so many seconds from now. */
export const secondsOff = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

/** An alert that fires now. */
export const newAlert = (change: Partial<Alert> = {}): Alert => ({
  labels: { alertname: 'X' },
  annotations: {},
  startsAt: secondsOff(-60),
  endsAt: secondsOff(240),
  generatorURL: '',
  updatedAt: secondsOff(0),
  timeout: true,
  ...change,
});
