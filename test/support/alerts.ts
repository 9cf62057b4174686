import fc from 'fast-check';
import type { Alert } from '../../lambdas/domain/alerts/alert.ts';

import { type Matcher, matcherText } from '../../lambdas/domain/alerts/matchers.ts';

/** Few names and values, so that sets meet, and now and then any that there can be. */
const name = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('alertname', 'job', 'instance', 'team', 'a', 'a0', 'a_b', 'constructor') },
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter((each) => each !== '__proto__'),
);
const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('x', 'y', 'xy', '1', 'é', '\uffff', '😀', '"', '\\', '\n', '<&>', '日本') },
  // No newer characters than those that Go 1.19 knows, which prints others as escapes.
  fc.string({
    unit: fc.oneof(
      fc.constantFrom('\u0000', '\u007f', '\u00a0', '\u0301', '\u200b', '\u2028', '\u{e0001}'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 12,
  }),
);

/** Labels as an alert may have them. */
export const someLabels = fc.dictionary(name, value, { maxKeys: 5 }).map((labels) => ({ ...labels }));

/** Annotations: any texts, also empty ones. */
export const someTexts = fc
  .dictionary(name, fc.oneof(value, fc.constant(''), fc.string({ unit: 'binary' })), { maxKeys: 3 })
  .map((texts) => ({ ...texts }));

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

/** A node of a routing tree, as its YAML has it. */
export interface WrittenRoute {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly match?: Readonly<Record<string, string>>;
  readonly match_re?: Readonly<Record<string, string>>;
  readonly group_by?: readonly string[];
  readonly continue?: boolean;
  readonly routes?: readonly WrittenRoute[];
}

const pattern = fc.constantFrom('x', 'x|y', '.+', '.*', 'x.*', '', '[xy]+', '(?i)X');
const anyMatcher: fc.Arbitrary<Matcher> = fc.oneof(
  plainMatcher,
  fc.record({ name, type: fc.constantFrom('=~' as const, '!~' as const), value: pattern }),
);

/** One matcher or two, of any type. */
export const someMatchers = fc.array(anyMatcher, { minLength: 1, maxLength: 2 });

/** Alertmanager's API says of a matcher in two truths what its type is. */
export const postedMatcher = ({ name, type, value }: Matcher) => ({
  name,
  value,
  isRegex: type.includes('~'),
  isEqual: !type.startsWith('!'),
});

/** The receivers that generated routes name; most have names that a pattern would not take as they are. */
export const RECEIVERS = ['r0', 'r.1', 'r+2', 'r[3]', 'r(4)'];

const receiver = fc.constantFrom(...RECEIVERS);
const few = (most: number) => ({ minLength: 0, maxLength: most });
const { route: someRoute } = fc.letrec<{ route: WrittenRoute }>((tie) => ({
  route: fc.record(
    {
      receiver,
      matchers: fc.array(anyMatcher.map(matcherText), few(2)),
      match: fc.dictionary(name, value, { maxKeys: 1 }).map((each) => ({ ...each })),
      match_re: fc.dictionary(name, pattern, { maxKeys: 1 }).map((each) => ({ ...each })),
      group_by: fc.oneof(fc.constant(['...']), fc.uniqueArray(name, { maxLength: 2 })),
      continue: fc.boolean(),
      routes: fc.array(tie('route'), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  ),
}));

/** A whole tree: its root has a receiver and no matchers. */
export const someRoutes = fc
  .record({ receiver, routes: fc.array(someRoute, few(4)), group_by: fc.uniqueArray(name, { maxLength: 2 }) })
  .map((root): WrittenRoute => root);

/** JSON is YAML; what Go's YAML does not take as it is, as U+FFFF, is escaped. */
const inAscii = (text: string): string =>
  text.replace(/[^\0-~]/gu, (rune) => `\\U${(rune.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);

/** A configuration with all receivers that generated routes name. */
export const yamlOf = (config: Readonly<Record<string, unknown>>): string =>
  inAscii(JSON.stringify({ receivers: RECEIVERS.map((each) => ({ name: each })), ...config }));
