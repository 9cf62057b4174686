import * as z from 'zod';
import { PlainOrEmptyText, PlainText } from '../plain-text.ts';
import type { Alert } from './alert.ts';
import type { AlertGroup } from './alert-group.ts';
import type { AlertRow } from './alert-row.ts';
import { Labels } from './labels.ts';
import type { Matcher } from './matchers.ts';
import { isRegex } from './regex.ts';
import { type Silence, stateOf } from './silence.ts';

/** What Alertmanager's API v2 takes and answers (api/v2/openapi.yaml, Alertmanager 0.25), as far as it is served here. */

/** Go and Prometheus write an instant as they please; year 1 is none. */
const Moment = z.iso.datetime({ offset: true });

const LONGEST_URL = 2048;

export const PostableAlert = z
  .object({
    labels: Labels,
    annotations: z.record(z.string().max(256), z.string().max(16_384)).optional(),
    startsAt: Moment.optional(),
    endsAt: Moment.optional(),
    generatorURL: z.string().max(LONGEST_URL).optional(),
  })
  .meta({ id: 'PostableAlert' });

/** Prometheus sends 64 at a time. */
const MOST_ALERTS = 1000;

export const PostableAlerts = z.array(PostableAlert).max(MOST_ALERTS);

const ReceiverName = z.strictObject({ name: z.string() });

/** @see Acknowledgement */
const Acknowledged = z.strictObject({
  by: z.string(),
  at: Moment,
  until: Moment.optional(),
  comment: z.string().optional(),
});

export const GettableAlert = z
  .strictObject({
    annotations: z.record(z.string(), z.string()),
    endsAt: Moment,
    fingerprint: z.string(),
    receivers: z.array(ReceiverName),
    startsAt: Moment,
    status: z.strictObject({
      inhibitedBy: z.array(z.string()),
      silencedBy: z.array(z.string()),
      /** Beyond Alertmanager: schedules by which its VM is off, by name; `silencedBy` has their ids as silences. */
      mutedBy: z.array(z.string()).optional(),
      state: z.enum(['active', 'suppressed', 'unprocessed']),
    }),
    updatedAt: Moment,
    generatorURL: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    /** Beyond Alertmanager: who has taken it on, and who is to see to it. */
    acknowledged: Acknowledged.optional(),
    assigned: z.strictObject({ to: z.string(), by: z.string(), at: Moment }).optional(),
  })
  .meta({ id: 'GettableAlert' });
export type GettableAlert = z.infer<typeof GettableAlert>;

export const GettableGroup = z
  .strictObject({
    alerts: z.array(GettableAlert),
    labels: z.record(z.string(), z.string()),
    receiver: ReceiverName,
  })
  .meta({ id: 'AlertGroup' });
export type GettableGroup = z.infer<typeof GettableGroup>;

/** What keeps an alert from being told. */
export interface Suppression {
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
  /** What else than a person's silence it is that silences it, for people. */
  readonly mutedBy: readonly string[];
}

/** @see GettableAlert */
export const gettableAlert = (
  alert: Pick<AlertRow, 'fingerprint' | 'acknowledged' | 'assigned'> & Alert,
  receivers: readonly string[],
  { silencedBy, inhibitedBy, mutedBy }: Suppression,
): GettableAlert => {
  const { annotations, endsAt, fingerprint, startsAt, updatedAt, generatorURL, labels, acknowledged, assigned } = alert;
  const isQuiet = silencedBy.length + inhibitedBy.length > 0;
  return {
    annotations: { ...annotations },
    endsAt,
    fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt,
    status: {
      inhibitedBy: [...inhibitedBy],
      silencedBy: [...silencedBy],
      ...(mutedBy.length > 0 ? { mutedBy: [...mutedBy] } : {}),
      state: isQuiet ? 'suppressed' : 'active',
    },
    updatedAt,
    ...(generatorURL === '' ? {} : { generatorURL }),
    labels: { ...labels },
    ...(acknowledged ? { acknowledged } : {}),
    ...(assigned ? { assigned } : {}),
  };
};

/** @see GettableGroup */
export const gettableGroup = (
  { labels, receiver }: Pick<AlertGroup, 'labels' | 'receiver'>,
  alerts: readonly GettableAlert[],
): GettableGroup => ({ alerts: [...alerts], labels: { ...labels }, receiver: { name: receiver } });

const V2Matcher = z
  .object({
    name: PlainText(1024),
    value: PlainOrEmptyText(4096),
    isRegex: z.boolean(),
    isEqual: z.boolean().default(true),
  })
  .refine(({ isRegex: asRegex, value }) => !asRegex || isRegex(value), {
    path: ['value'],
    error: 'no regular expression',
  });
type V2Matcher = z.infer<typeof V2Matcher>;

const typeOf = ({ isRegex: asRegex, isEqual }: V2Matcher): Matcher['type'] => {
  if (asRegex) return isEqual ? '=~' : '!~';
  return isEqual ? '=' : '!=';
};

/** A matcher as Alertmanager's API writes it, as a matcher. */
export const matcherOf = (matcher: V2Matcher): Matcher => ({
  name: matcher.name,
  type: typeOf(matcher),
  value: matcher.value,
});

/** The same back. */
export const v2MatcherOf = ({ name, type, value }: Matcher): V2Matcher => ({
  isEqual: !type.startsWith('!'),
  isRegex: type.includes('~'),
  name,
  value,
});

const SILENCE = {
  matchers: z.array(V2Matcher).min(1).max(100),
  startsAt: Moment,
  endsAt: Moment,
  createdBy: PlainOrEmptyText(256),
  comment: PlainOrEmptyText(4096),
};

export const PostableSilence = z
  .object({ id: z.string().max(64).optional(), ...SILENCE })
  .meta({ id: 'PostableSilence' });
export type PostableSilence = z.infer<typeof PostableSilence>;

export const GettableSilence = z
  .strictObject({
    id: z.string(),
    status: z.strictObject({ state: z.enum(['active', 'pending', 'expired']) }),
    updatedAt: Moment,
    ...SILENCE,
  })
  .meta({ id: 'GettableSilence' });
export type GettableSilence = z.infer<typeof GettableSilence>;

/** @see GettableSilence */
export const gettableSilence = (silence: Silence, at: number): GettableSilence => {
  const { id, updatedAt, comment, createdBy, endsAt, matchers, startsAt } = silence;
  const status = { state: stateOf(silence, at) };
  return { id, status, updatedAt, comment, createdBy, endsAt, matchers: matchers.map(v2MatcherOf), startsAt };
};
