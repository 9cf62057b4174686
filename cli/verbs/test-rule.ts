import { matchesAll, parseMatcher } from '../../lambdas/domain/alerts/matchers.ts';
import type { MetricName } from '../../lambdas/domain/metrics/catalog.ts';
import { hostSubject, type Subject, vmSubject } from '../../lambdas/domain/metrics/labels.ts';
import { metricsOf } from '../../lambdas/domain/rules/condition.ts';
import { RuleSpec, subjectOf } from '../../lambdas/domain/rules/rule.ts';
import type { Metrics, RuleTest } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { conditionText } from '../condition-text.ts';
import { CURVE_WIDTH, columnOf, curve, type Point } from '../curve.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { fileText } from '../manifest/file-text.ts';
import { specOf } from '../manifest/kind.ts';
import { readManifest } from '../manifest/read.ts';
import { rulesOf } from '../manifest/rules.ts';
import { printValue } from '../output.ts';
import { quantity } from '../quantities.ts';
import { findHost, findRule, findVm } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { type Column, table } from '../table.ts';
import { clock, span } from '../times.ts';

/** `rule test`: a rule on what was really measured. */

interface Options extends CommonOptions {
  readonly file?: string;
  readonly vm?: string;
  readonly host?: string;
  readonly since: number;
  readonly expect?: 'firing' | 'quiet';
}

/** The API takes samples of a day at most. */
const LONGEST_SECONDS = 86_400;

const inFile = async (session: Session, file: string, name: string | undefined): Promise<RuleSpec> => {
  const specs = await readManifest(rulesOf(session), file, await fileText(session.io, file));
  const found = name === undefined ? specs : specs.filter((spec) => spec.name === name);
  const [spec] = found;
  if (spec !== undefined && found.length === 1) return RuleSpec.parse(spec);
  const names = specs.map((each) => each.name).join(', ');
  throw new UsageError(name === undefined ? `Say which of them: ${names}.` : `${file} has no rule ${name}: ${names}.`);
};

const specFor = async (session: Session, name: string | undefined, file: string | undefined): Promise<RuleSpec> => {
  if (file !== undefined) return inFile(session, file, name);
  if (name === undefined) throw new UsageError('Say which rule, or a file: -f rules.yaml.');
  return RuleSpec.parse(specOf(rulesOf(session), await findRule(session, name)));
};

/** What of a rule can be tried by itself. @throws UsageError of one that says more than what one VM or host measures */
const metricsToAsk = ({ name, when }: RuleSpec): MetricName[] => {
  // The API has checked those of a rule that is there, and refuses others.
  const metrics = metricsOf(when).map(([, metric]) => metric as MetricName);
  if (metrics.length === 0)
    throw new UsageError(`${name} is not about what one VM or host measures: it cannot be tried.`);
  if ('band' in when) throw new UsageError(`${name} goes by what is usual: try it with POST /v1/rules/actions/test.`);
  return metrics;
};

/** Of whom a rule is tried, and what was measured of him. */
interface Tried {
  readonly subject: Subject;
  readonly name: string;
  readonly measured: Metrics;
}

const measuredOf = async (session: Session, rule: RuleSpec, { vm, host, since }: Options): Promise<Tried> => {
  const to = Date.now();
  const query = {
    metric: metricsToAsk(rule).join(','),
    from: new Date(to - since * 1000).toISOString(),
    to: new Date(to).toISOString(),
  };
  if (subjectOf(rule) === 'host') {
    if (host === undefined) throw new UsageError(`${rule.name} is about hosts. Say of which: --host rack-1.`);
    const found = await findHost(session, host);
    const measured = await session.client.call('GET /v1/hosts/{id}/metrics', { path: { id: found.id }, query });
    return { subject: hostSubject(found), name: found.name, measured };
  }
  if (vm === undefined) throw new UsageError(`${rule.name} is about VMs. Say of which: --vm web-1.`);
  const found = await findVm(session, vm);
  const measured = await session.client.call('GET /v1/vms/{id}/metrics', { path: { id: found.id }, query });
  return { subject: vmSubject(found), name: found.name, measured };
};

/** What was measured, moment by moment, as the API takes samples. */
const samplesOf = ({ series }: Metrics) => {
  const byTime = new Map<string, Record<string, number>>();
  for (const { metric, points } of series) {
    for (const { at, avg } of points) byTime.set(at, { ...byTime.get(at), [metric]: avg });
  }
  return [...byTime].map(([at, values]) => ({ at, values })).sort((a, b) => (a.at < b.at ? -1 : 1));
};

type Samples = ReturnType<typeof samplesOf>;

/** What the rule looked at, as a curve has it: a share where it is of one. */
const pointsOf = (rule: RuleSpec, samples: Samples): Point[] => {
  const [metric = '', of] = metricsToAsk(rule);
  return samples.flatMap(({ at, values }) => {
    const [part, whole] = [values[metric], of === undefined ? 1 : values[of]];
    return part === undefined || !whole ? [] : [{ at: Date.parse(at), value: part / whole }];
  });
};

type Change = RuleTest['changes'][number];

/** A state from when to when. */
interface Stretch extends Change {
  readonly until: string;
}

const stretchesOf = ({ changes }: RuleTest, to: string): Stretch[] =>
  changes.map((change, index) => ({ ...change, until: changes[index + 1]?.at ?? to }));

const MARKS = { resolved: '·', pending: '░', firing: '█' } as const;

/** A column for each part of the span: what is more is seen, however short it was. */
const lane = (stretches: readonly Stretch[], ends: readonly [number, number]): string => {
  const columns = Array.from({ length: CURVE_WIDTH }, (): keyof typeof MARKS => 'resolved');
  for (const state of ['pending', 'firing'] as const) {
    for (const { at, until } of stretches.filter((each) => each.state === state)) {
      columns.fill(state, columnOf(Date.parse(at), ends), columnOf(Date.parse(until), ends) + 1);
    }
  }
  return columns.map((state) => MARKS[state]).join('');
};

const secondsFiring = (stretches: readonly Stretch[]): number =>
  stretches
    .filter(({ state }) => state === 'firing')
    .reduce((sum, { at, until }) => sum + (Date.parse(until) - Date.parse(at)) / 1000, 0);

/** What came of a trial, as JSON has it. */
interface Trial extends RuleTest {
  readonly rule: string;
  readonly of: string;
  readonly from: string;
  readonly to: string;
  /** Values are the means of so long. */
  readonly stepSeconds: number;
  readonly samples: number;
  readonly firingSeconds: number;
}

const verdict = ({ rule, of, from, to, changes, firingSeconds }: Trial): string => {
  const times = changes.filter(({ state }) => state === 'firing').length;
  if (times === 0) return `${rule} would not have fired for ${of} from ${clock(from)} to ${clock(to)}.`;
  const begin = new Date(Date.parse(to) - firingSeconds * 1000).toISOString();
  return `${rule} would have fired ${times === 1 ? 'once' : `${times} times`} for ${of}, in all ${span(begin, to)} of ${span(from, to)}.`;
};

const textOf = (trial: Trial, rule: RuleSpec, points: readonly Point[], session: Session): string => {
  const bold = (text: string): string => session.paint('bold', text);
  const { from, to, stepSeconds } = trial;
  const ends = [Date.parse(from), Date.parse(to)] as const;
  const stretches = stretchesOf(trial, to);
  const [metric, of] = metricsToAsk(rule);
  const shown = (value: number | undefined): string | undefined =>
    value === undefined || metric === undefined || of !== undefined ? value?.toPrecision(3) : quantity(metric, value);
  const columns: Column<Stretch>[] = [
    { title: 'AT', value: ({ at }) => clock(at) },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'VALUE', value: ({ value }) => shown(value), align: 'right' },
    { title: 'FOR', value: ({ at, until }) => span(at, until), align: 'right' },
  ];
  const chart = [
    `${bold(conditionText(rule.when))}, a value each ${stepSeconds} s, ${clock(from)} to ${clock(to)}`,
    curve(points, ends),
    lane(stretches, ends),
  ];
  const list = stretches.length === 0 ? [] : [table(columns, stretches, bold).trimEnd(), ''];
  return `${[...chart, '', ...list, verdict(trial)].join('\n')}\n`;
};

const exitCodeOf = ({ firingSeconds }: Trial, expected: Options['expect']): number => {
  if (expected === undefined) return EXIT.ok;
  return firingSeconds > 0 === (expected === 'firing') ? EXIT.ok : EXIT.failed;
};

/** `rule test` */
export const testRule: Verb<Options> = async (session, [word], options) => {
  if (options.since > LONGEST_SECONDS) throw new UsageError('At most a day can be tried: --since 24h.');
  const rule = await specFor(session, word, options.file);
  const { subject, name, measured } = await measuredOf(session, rule, options);
  if (!matchesAll(rule.matchers.map(parseMatcher), subject.labels)) {
    throw new UsageError(`${rule.name} is not about ${name}: ${rule.matchers.join(', ')}.`);
  }
  const samples = samplesOf(measured);
  if (samples.length === 0) throw new UsageError(`Of ${name} nothing was measured since ${clock(measured.from)}.`);
  const { from, to, stepSeconds } = measured;
  // The API's labels may be written to.
  const body = { rule, labels: { ...subject.labels }, samples, until: to };
  const said = await session.client.call('POST /v1/rules/actions/test', { body });
  const firingSeconds = secondsFiring(stretchesOf(said, to));
  const about = { rule: rule.name, of: name, from, to, stepSeconds, samples: samples.length, firingSeconds };
  const trial: Trial = { ...about, ...said };
  await printValue(session, trial, () => textOf(trial, rule, pointsOf(rule, samples), session));
  return exitCodeOf(trial, options.expect);
};
