import * as z from 'zod';
import { Instant, WindowId } from '../ids.ts';
import { Opening } from '../maintenance-window.ts';
import { PlainOrEmptyText, PlainText } from '../plain-text.ts';
import { ProjectId } from '../project.ts';
import type { WindowTimes } from '../window-times.ts';
import { Duration } from './durations.ts';
import { type Matcher, MatcherText, matcherText } from './matchers.ts';
import { doesRecur, FOREVER } from './occurrence.ts';
import { type Silence, stateOf } from './silence.ts';
import { type SilenceRow, SilenceTimes } from './silence-row.ts';

/** Silences as our own API takes and shows them: Alertmanager's, those that recur, and those that nobody has made. */

const Value = PlainOrEmptyText(4096);

const refusal = ({ value }: Matcher): string | undefined =>
  Value.safeParse(value).success ? undefined : 'no control characters, and neither {{ nor }}';

const DAY_MS = 86_400_000;

const FIELDS = {
  /** As they are typed: `vm=~"web-.*"`. */
  matchers: z.array(MatcherText(refusal)).min(1).max(100),
  comment: PlainText(1000),
  startsAt: Instant,
  /** Of one that recurs: when it ends for good. */
  endsAt: Instant,
  window: WindowId,
  times: SilenceTimes,
  remindBefore: Duration('of at most 1d', (ms) => ms <= DAY_MS),
};

/** What a person says of a silence. One that recurs does so while a window is open, or by times of its own. */
export const SilenceSpec = z
  .strictObject({
    ...FIELDS,
    startsAt: FIELDS.startsAt.optional(),
    endsAt: FIELDS.endsAt.optional(),
    window: FIELDS.window.optional(),
    times: FIELDS.times.optional(),
    remindBefore: FIELDS.remindBefore.optional(),
  })
  .refine(({ window, times }) => window === undefined || times === undefined, {
    error: 'goes with a window or with times of its own, not with both',
    path: ['times'],
  })
  .refine((spec) => spec.endsAt !== undefined || doesRecur(spec), {
    error: 'a silence that does not recur takes an end',
    path: ['endsAt'],
  });
export type SilenceSpec = z.infer<typeof SilenceSpec>;

/** Fields of a silence that are to be others; what is left out stays, null takes away what may be absent. */
export const SilenceChange = z
  .strictObject({
    ...FIELDS,
    endsAt: FIELDS.endsAt.nullable(),
    window: FIELDS.window.nullable(),
    times: FIELDS.times.nullable(),
    remindBefore: FIELDS.remindBefore.nullable(),
  })
  .partial()
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change')
  .meta({ minProperties: 1 });
export type SilenceChange = z.infer<typeof SilenceChange>;

/** What of the plane makes silences by itself. */
const Maker = z.strictObject({ noun: z.enum(['schedule', 'window']), id: z.string(), name: z.string() });
export type Maker = z.infer<typeof Maker>;

/** A silence as our own API shows it. */
export const SilenceView = z
  .strictObject({
    id: z.string(),
    project: ProjectId,
    state: z.enum(['active', 'pending', 'expired']),
    matchers: z.array(z.string()),
    comment: z.string(),
    createdBy: z.string(),
    startsAt: Instant,
    /** Absent where it recurs until somebody ends it. */
    endsAt: Instant.optional(),
    updatedAt: Instant,
    window: WindowId.optional(),
    windowName: z.string().optional(),
    times: SilenceTimes.optional(),
    /** Of one that recurs: from when to when it holds, now or next; absent where nothing is to come. */
    occurrence: Opening.optional(),
    remindBefore: z.string().optional(),
    /** What makes it by itself: it is changed there. */
    derivedFrom: Maker.optional(),
  })
  .meta({ id: 'Silence' });
export type SilenceView = z.infer<typeof SilenceView>;

/** A silence with when it recurs, and as it holds now or will next. */
export interface Occurring {
  readonly silence: SilenceRow;
  readonly times?: WindowTimes | undefined;
  readonly occurrence: Silence;
}

const recurringFields = ({ silence, times, occurrence }: Occurring, now: number): Partial<SilenceView> => {
  if (!doesRecur(silence)) return {};
  const { window, times: own } = silence;
  const { startsAt: from, endsAt: until } = occurrence;
  return {
    ...(window === undefined ? {} : { window, ...(times ? { windowName: times.name } : {}) }),
    ...(own ? { times: own } : {}),
    ...(stateOf(occurrence, now) === 'expired' ? {} : { occurrence: { from, until } }),
  };
};

const common = (silence: Silence): Omit<SilenceView, 'project' | 'state' | 'endsAt'> => ({
  id: silence.id,
  matchers: silence.matchers.map(matcherText),
  comment: silence.comment,
  createdBy: silence.createdBy,
  startsAt: silence.startsAt,
  updatedAt: silence.updatedAt,
});

/** @see SilenceView */
export const silenceView = (held: Occurring, now: number): SilenceView => {
  const { silence, occurrence } = held;
  const { project, endsAt, remindBefore } = silence;
  return {
    ...common(silence),
    project,
    state: stateOf(occurrence, now),
    ...(endsAt === FOREVER ? {} : { endsAt }),
    ...recurringFields(held, now),
    ...(remindBefore === undefined ? {} : { remindBefore }),
  };
};

/** The view of one that nobody has made. */
export const derivedView = (silence: Silence, project: string, derivedFrom: Maker, now: number): SilenceView => ({
  ...common(silence),
  project,
  state: stateOf(silence, now),
  endsAt: silence.endsAt,
  derivedFrom,
});

/** A silence as Alertmanager's clients see it: of one that recurs what holds now or next, and that it recurs. */
export const asAlertmanagers = ({ silence, times, occurrence }: Occurring): Silence => {
  if (!doesRecur(silence)) return occurrence;
  const by = silence.window === undefined ? 'times of its own' : `window ${times?.name ?? silence.window}`;
  return { ...occurrence, comment: `${occurrence.comment} (recurs by ${by})` };
};

/** What stands in the row of a silence as a person would say it again. */
const specOf = ({ matchers, comment, startsAt, endsAt, window, times, remindBefore }: SilenceRow) => ({
  ...{ comment, startsAt, window, times, remindBefore },
  matchers: matchers.map(matcherText),
  endsAt: endsAt === FOREVER ? undefined : endsAt,
});

/** As a request has it, so that what is wrong is named as in one. */
const Requested = z.object({ body: SilenceSpec });

/** What a silence is once this is changed, as a person would have said it. @throws z.ZodError naming the place */
export const changedSpec = (before: SilenceRow, change: SilenceChange): SilenceSpec => {
  const said = Object.entries(change).filter(([, value]) => value !== undefined);
  const all = Object.entries({ ...specOf(before), ...Object.fromEntries(said) });
  const kept = all.filter(([, value]) => value !== null && value !== undefined);
  return Requested.parse({ body: Object.fromEntries(kept) }).body;
};
