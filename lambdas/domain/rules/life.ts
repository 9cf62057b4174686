import type { PostedAlert } from '../alerts/alert.ts';
import type { LabelSet } from '../alerts/labels.ts';
import { filled } from './annotations.ts';
import type { Compiled } from './compile.ts';
import type { Ring } from './ring.ts';
import type { Rule } from './rule.ts';

/** The life of an alert of a rule, as Prometheus' rule manager leads it (rules/alerting.go, 2.42). */

/** What is kept of a rule and one of its subjects. Times are ms. */
export interface Entry {
  /** The rule's version: another rule knows nothing of it. */
  readonly version: number;
  /** Since when the rule holds. */
  readonly since?: number | undefined;
  /** When that had been so for long enough: it fires. */
  readonly fired?: number | undefined;
  /** Since when the rule holds no more and it fires nevertheless (`keepFiringFor`). */
  readonly kept?: number | undefined;
  /** When it ceased to fire, until that is told. */
  readonly ended?: number | undefined;
  /** When it was sent last. */
  readonly sent?: number | undefined;
  /** The labels of the alert, while the rule holds. */
  readonly labels?: LabelSet | undefined;
  /** The last value, and when that was, of one that holds. */
  readonly value?: number | undefined;
  readonly at?: number | undefined;
  /** Which of the last samples broke the rule, the newest in the lowest bit. */
  readonly bits?: number | undefined;
  readonly ring?: Ring | undefined;
  /** Of a rule that waits: when its metric was seen last. */
  readonly seen?: number | undefined;
}

/** One alert as it is to be sent on, and whose. */
export interface RuleAlert extends PostedAlert {
  readonly project: string;
  readonly ruleId: string;
  readonly annotations: LabelSet;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** Whether an entry fires. */
export const isFiring = (entry: Entry | undefined): boolean => entry?.fired !== undefined;

/** What becomes of an entry once its rule was looked at. Without `since` the rule does not hold, without `fired` it pends. */
export const lived = ({ forMs, keepMs }: Compiled, entry: Entry, at: number, holds: boolean): Entry => {
  if (holds) {
    const since = entry.since ?? at;
    const fired = entry.fired ?? (at - since >= forMs ? at : undefined);
    return { ...entry, since, fired, kept: undefined };
  }
  const kept = entry.kept ?? at;
  if (isFiring(entry) && at - kept < keepMs) return { ...entry, kept };
  const ended = isFiring(entry) ? at : entry.ended;
  return { ...entry, since: undefined, fired: undefined, kept: undefined, value: undefined, at: undefined, ended };
};

/** Prometheus sends what fires again after a minute, and says that it is over four of these after it was heard of last. */
const RESEND_MS = 60_000;
const VALID_MS = 4 * RESEND_MS;

const instant = (at: number): string => new Date(at).toISOString();

/** A rule as its alerts know it: of one that is no more its id and project alone are left. */
interface Teller {
  readonly id: string;
  readonly project: string;
  readonly annotations?: Rule['annotations'];
}

const alertOf = (
  { id, project, annotations = {} }: Teller,
  { fired = 0, labels = {}, value }: Entry,
  endsAt: number,
): RuleAlert => {
  const texts = Object.entries(annotations);
  return {
    project,
    ruleId: id,
    labels,
    annotations: Object.fromEntries(texts.map(([name, text = '']) => [name, filled(text, labels, value)])),
    startsAt: instant(fired),
    endsAt: instant(Math.max(fired, endsAt)),
  };
};

/** That an alert is over; nothing of one that was never told. */
export const ending = (teller: Teller, entry: Entry, at: number): RuleAlert[] =>
  isFiring(entry) && entry.sent !== undefined ? [alertOf(teller, entry, at)] : [];

const isSame = (a: LabelSet, b: LabelSet): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

/** An entry before and after its rule was looked at. */
interface Step {
  readonly before: Entry | undefined;
  readonly after: Entry;
  /** The subject's labels; as they were where only time went by. */
  readonly labels?: LabelSet | undefined;
  /** When the rule was looked at last. */
  readonly at: number;
  readonly now: number;
}

/** What is to be told, in order, and the entry that knows that it was. */
export interface Telling {
  readonly entry: Entry;
  readonly alerts: readonly RuleAlert[];
}

/** Tells of what fires at first and each minute, and of its end once; under other labels it is another alert, and the one before is over. */
export const telling = (
  { rule, labels: own }: Compiled,
  { before, after: { ended, ...after }, labels: of, at, now }: Step,
): Telling => {
  if (after.since === undefined) {
    const entry = { ...after, sent: undefined, labels: undefined };
    return { entry, alerts: before === undefined ? [] : ending(rule, before, ended ?? at) };
  }
  const labels = of === undefined ? after.labels : { ...of, ...own };
  const entry = { ...after, labels };
  const isOther = entry.fired !== before?.fired || !isSame(before?.labels ?? {}, labels ?? {});
  const over = isOther && before !== undefined ? ending(rule, before, ended ?? at) : [];
  if (!isFiring(entry)) return { entry: { ...entry, sent: undefined }, alerts: over };
  if (!isOther && now - (entry.sent ?? 0) < RESEND_MS) return { entry, alerts: over };
  return { entry: { ...entry, sent: now }, alerts: [...over, alertOf(rule, entry, now + VALID_MS)] };
};
