import type { LabelSet } from '../alerts/labels.ts';
import type { Reading } from '../metrics/batch.ts';
import type { SubjectKind } from '../metrics/catalog.ts';
import type { Subject } from '../metrics/labels.ts';
import { type CompiledRules, isAbout, type Ready, type Sampled, type Waiting } from './compile.ts';
import { absentAt, inOrder, momentsOf, slotsOf } from './due.ts';
import { type Baseline, isIdle, judged } from './judge.ts';
import { type Entry, ending, lived, type RuleAlert, telling } from './life.ts';

/** Looks at rules as samples come and as time goes by: what fires, and what of it is to be told. */

/** A subject of which samples should come, and since when, ms: a host since it was enrolled, a VM since it was started. */
export interface Expected {
  readonly subject: Subject;
  readonly since: number;
}

/** What is kept of one subject. */
interface Kept {
  readonly project: string;
  /** When its newest sample was taken. */
  readonly at: number;
  /** By id of the rule; none of a rule of which there is nothing to keep. */
  readonly rules: Readonly<Record<string, Entry>>;
}

/** What is kept of one source of samples from one look at its rules to the next: JSON. */
export interface RulesState {
  readonly subjects: Readonly<Record<string, Kept>>;
}

/** Of a source that was never heard of. */
export const NO_STATE: RulesState = { subjects: {} };

export interface Evaluation {
  readonly state: RulesState;
  /** What is to be sent on, in this order, before the state is kept: sent twice it is the same alert. */
  readonly alerts: readonly RuleAlert[];
  /** For when a look is to be ordered, ms: what time alone makes so within the next two minutes. */
  readonly due: readonly number[];
}

export interface EvaluationContext {
  readonly now: number;
  /** For rules with a band; without one nothing is known of any week. */
  readonly baseline?: Baseline | undefined;
}

/** Samples from further ahead than clocks differ are not taken: they would put off all that come after. */
const AHEAD_MS = 60_000;

/** A subject without anything to keep is remembered so long, lest samples that come late be taken for news. */
const FORGOTTEN_MS = 3_600_000;

const NOTHING: Kept = { project: '', at: 0, rules: {} };
const UNKNOWN: Baseline = () => undefined;

type Samples = Reading['samples'];

/** Those that are news, oldest first, one of each moment. */
const news = (samples: Samples, since: number, now: number): Samples => {
  const fresh = samples.filter(({ at }) => at > since && at <= now + AHEAD_MS).toSorted((a, b) => a.at - b.at);
  return fresh.filter(({ at }, index) => index === 0 || at !== fresh[index - 1]?.at);
};

/** What is known of a subject as its rules are looked at. */
interface Look {
  readonly now: number;
  readonly baseline: Baseline;
  readonly subjectId: string;
  readonly project: string;
  /** Its labels, where it was heard of or is expected; where only time goes by they are as they were. */
  readonly labels?: LabelSet | undefined;
  readonly samples: Samples;
  /** Since when samples should come; undefined where none should, absent where nobody asks. */
  readonly expected?: number | undefined;
}

const sampled = (compiled: Sampled, entry: Entry, { samples, now, subjectId, baseline }: Look): Entry => {
  if (samples.length === 0) return judged(compiled, entry, undefined, { at: now, subjectId, baseline });
  return samples.reduce(
    (so, { at, values }) => judged(compiled, so, compiled.valueOf(values), { at, subjectId, baseline }),
    entry,
  );
};

const waited = (compiled: Waiting, entry: Entry, look: Look): Entry => {
  const { samples, now, expected } = look;
  const came = samples.findLast(({ values }) => values[compiled.metric] !== undefined);
  if (came !== undefined) return { ...lived(compiled, entry, came.at, false), seen: came.at };
  if (!('expected' in look)) return entry;
  if (expected === undefined) return lived(compiled, { ...entry, seen: undefined }, now, false);
  const since = Math.max(entry.seen ?? 0, expected);
  // Until then it does not pend but waits, as everything does.
  if (now - since < compiled.forMs) return lived(compiled, entry, now, false);
  return lived(compiled, { ...entry, since: entry.since ?? since }, now, true);
};

const isWaiting = (compiled: Ready): compiled is Waiting => 'metric' in compiled;

/** Entries of rules that are no more, are others by now, or are no longer about the subject: their alerts are over. */
const outlived = (rules: CompiledRules, { project, rules: entries }: Kept, { labels, now }: Look): RuleAlert[] =>
  Object.entries(entries).flatMap(([id, entry]) => {
    const compiled = rules.byId.get(id);
    const isObeyed = compiled?.rule.version === entry.version && (labels === undefined || isAbout(compiled, labels));
    return isObeyed ? [] : ending({ id, project }, entry, now);
  });

/** The rules that are looked at: where only time goes by, those of which something is kept. */
const rulesFor = (
  rules: CompiledRules,
  kept: Kept,
  { project, labels }: Look,
  kind?: SubjectKind,
): readonly Ready[] => {
  if (kind !== undefined && labels !== undefined) {
    return rules.about(project, kind).filter((each) => isAbout(each, labels));
  }
  return Object.keys(kept.rules).flatMap((id) => rules.byId.get(id) ?? []);
};

/** What comes of looks, beside what is kept: most have nothing to tell, and nothing that is due. */
interface Yield {
  readonly alerts: RuleAlert[];
  readonly due: Set<number>;
}

/** When something of an entry is due. */
const dueOf = (compiled: Ready, entry: Entry, { expected, now }: Look): number[] =>
  slotsOf(isWaiting(compiled) ? absentAt(compiled, entry, expected) : momentsOf(compiled, entry), now);

/** What becomes of one subject; what is to be told, and when something is due, goes into `out`. */
const looked = (rules: CompiledRules, kept: Kept, look: Look, out: Yield, kind?: SubjectKind): Kept => {
  const { project, labels, samples, now } = look;
  const at = samples.at(-1)?.at;
  const entries: Record<string, Entry> = {};
  out.alerts.push(...outlived(rules, kept, look));
  for (const compiled of rulesFor(rules, kept, look, kind)) {
    const { id, version } = compiled.rule;
    const known = kept.rules[id];
    const before = known?.version === version ? known : { version };
    const after = isWaiting(compiled) ? waited(compiled, before, look) : sampled(compiled, before, look);
    for (const slot of dueOf(compiled, after, look)) out.due.add(slot);
    if (isIdle(after) && isIdle(before)) continue;
    const told = telling(compiled, { before, after, labels, at: at ?? now, now });
    out.alerts.push(...told.alerts);
    if (!isIdle(told.entry)) entries[id] = told.entry;
  }
  return { project, at: at ?? kept.at, rules: entries };
};

const isForgotten = ({ rules, at }: Kept, now: number): boolean =>
  now - at > FORGOTTEN_MS && Object.keys(rules).length === 0;

/** A subject whose rules are looked at: what came of it, and where somebody asks, since when samples should. */
interface Asked extends Reading {
  readonly expected?: number;
}

/** What becomes of these, and of all others that something is kept of, for which time goes by. */
const evaluated = (
  rules: CompiledRules,
  asked: readonly Asked[],
  before: RulesState,
  common: Pick<Look, 'now' | 'baseline' | 'expected'>,
): Evaluation => {
  const out: Yield = { alerts: [], due: new Set() };
  const looks = new Map<string, Kept>();
  for (const { subject, samples, ...rest } of asked) {
    const { id: subjectId, project, labels, kind } = subject;
    const kept = looks.get(subjectId) ?? before.subjects[subjectId] ?? NOTHING;
    const look = { ...common, ...rest, subjectId, project, labels, samples: news(samples, kept.at, common.now) };
    looks.set(subjectId, looked(rules, kept, look, out, kind));
  }
  for (const [subjectId, kept] of Object.entries(before.subjects)) {
    if (looks.has(subjectId)) continue;
    const look = { ...common, subjectId, project: kept.project, samples: [] };
    looks.set(subjectId, looked(rules, kept, look, out));
  }
  const subjects = Object.fromEntries([...looks].filter(([, kept]) => !isForgotten(kept, common.now)));
  return { state: { subjects }, alerts: out.alerts, due: inOrder(out.due) };
};

/**
 * Looks at the rules as samples of one source have come. Samples that are not newer than those before change nothing: late,
 * doubled and reordered ones. What began and was over within them is not told.
 */
export const evaluate = (
  rules: CompiledRules,
  readings: readonly Reading[],
  before: RulesState,
  { now, baseline = UNKNOWN }: EvaluationContext,
): Evaluation => evaluated(rules, readings, before, { now, baseline });

/**
 * Looks at the rules of one source as time goes by: of what samples do not come that should, what has been so for long enough by
 * now, what ends because nothing newer came, what is to be sent again.
 */
export const evaluateAbsence = (
  rules: CompiledRules,
  expected: readonly Expected[],
  before: RulesState,
  { now, baseline = UNKNOWN }: EvaluationContext,
): Evaluation => {
  const asked = expected.map(({ subject, since }) => ({ subject, samples: [], expected: since }));
  return evaluated(rules, asked, before, { now, baseline, expected: undefined });
};
