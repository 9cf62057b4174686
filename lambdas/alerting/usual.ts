import type { Reading } from '../domain/metrics/batch.ts';
import type { MetricName } from '../domain/metrics/catalog.ts';
import { HOUR_MS, hourOf } from '../domain/metrics/retention.ts';
import { unrolled } from '../domain/metrics/series.ts';
import { type CompiledRules, isAbout, type Ready } from '../domain/rules/compile.ts';
import type { Baseline, Usual } from '../domain/rules/judge.ts';
import { usualIn } from '../domain/rules/usual.ts';
import { atMost } from '../runtime/chunks.ts';
import * as samples from '../store/samples.ts';

const WEEK_MS = 168 * HOUR_MS;
const AT_ONCE = 8;
/** What was usual at an hour is known for as long as that hour lasts. */
const MOST_REMEMBERED = 5000;

const known = new Map<string, Usual | undefined>();

/** Of what a rule with a band asks: a subject's metric over so many weeks. */
interface Question {
  readonly subject: string;
  readonly metric: MetricName;
  readonly weeks: number;
}

const keyOf = ({ subject, metric, weeks }: Question, hour: string): string => `${subject} ${metric} ${weeks} ${hour}`;

const bandOf = (compiled: Ready): { readonly metric: string; readonly weeks: number } | undefined =>
  'when' in compiled && 'band' in compiled.when
    ? { metric: compiled.when.metric, weeks: compiled.when.band.weeks }
    : undefined;

const questionsOf = (rules: CompiledRules, readings: readonly Reading[]): Question[] =>
  readings.flatMap(({ subject }) =>
    rules.about(subject.project, subject.kind).flatMap((compiled): Question[] => {
      const band = bandOf(compiled);
      if (band === undefined || !isAbout(compiled, subject.labels)) return [];
      // Metrics of rows were checked as they were written.
      return [{ subject: subject.id, metric: band.metric as MetricName, weeks: band.weeks }];
    }),
  );

const hourBefore = async ({ subject, metric }: Question, hour: string): Promise<number[]> => {
  const frames = await samples.hoursOfSubject(subject, '5m', [hour, hour], (_, name) => name === metric);
  return (
    unrolled([...frames.values()])
      .get(metric)
      ?.map(({ avg }) => avg) ?? []
  );
};

const learn = async (question: Question, now: number): Promise<void> => {
  const hours = Array.from({ length: question.weeks }, (_, week) => hourOf(now - (week + 1) * WEEK_MS));
  const weeks = await Promise.all(hours.map((hour) => hourBefore(question, hour)));
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(keyOf(question, hourOf(now)), usualIn(weeks));
};

/** What is usual at this hour of the week of all that rules with a band ask about; nothing is read where there are none. */
export const usualOf = async (rules: CompiledRules, readings: readonly Reading[], now: number): Promise<Baseline> => {
  const hour = hourOf(now);
  const asked = questionsOf(rules, readings).filter((question) => !known.has(keyOf(question, hour)));
  await atMost(AT_ONCE, asked, (question) => learn(question, now));
  // Samples that waited for an hour or more are judged by this hour, too.
  return (subject, metric, _hourOfWeek, weeks) => known.get(keyOf({ subject, metric, weeks }, hour));
};
