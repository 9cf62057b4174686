import type { MetricName } from '../../lambdas/domain/metrics/catalog.ts';
import type { Metrics, Top } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { curve } from '../curve.ts';
import { printValue } from '../output.ts';
import { styleOf } from '../paint.ts';
import { quantity } from '../quantities.ts';
import { findHost, findVm } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { type Column, table } from '../table.ts';
import { ago, clock } from '../times.ts';

/** `top` and `metrics` of VMs and hosts. */

/** Whose they are, and where the API has them. */
const NOUNS = {
  vm: { find: findVm, top: 'GET /v1/metrics/vms', metrics: 'GET /v1/vms/{id}/metrics', none: 'No VMs.' },
  host: { find: findHost, top: 'GET /v1/metrics/hosts', metrics: 'GET /v1/hosts/{id}/metrics', none: 'No hosts.' },
} as const;
type Kind = keyof typeof NOUNS;

interface TopOptions extends CommonOptions {
  readonly by: MetricName;
  readonly over: number;
  readonly filter?: readonly string[];
  readonly limit: number;
}

type Item = Top['items'][number];

const shownOf = ({ values }: Item, metric: MetricName): string | undefined => {
  const value = values[metric];
  return value === undefined ? undefined : quantity(metric, value);
};

/** What a table has room for; what it is sorted by is there in any case. */
const SHOWN: Readonly<Record<Kind, readonly (readonly [title: string, metric: MetricName])[]>> = {
  vm: [
    ['CPU', 'vm.cpu.utilization'],
    ['STEAL', 'vm.cpu.steal'],
    ['MEMORY', 'vm.memory.usage'],
    ['RESIDENT', 'vm.memory.resident'],
    ['READ', 'vm.disk.read.bytes'],
    ['WRITTEN', 'vm.disk.write.bytes'],
    ['RECEIVED', 'vm.network.receive.bytes'],
    ['SENT', 'vm.network.transmit.bytes'],
  ],
  host: [
    ['CPU', 'host.cpu.utilization'],
    ['LOAD', 'host.cpu.load'],
    ['MEMORY', 'host.memory.usage'],
    ['READ', 'host.disk.read.bytes'],
    ['WRITTEN', 'host.disk.write.bytes'],
    ['RECEIVED', 'host.network.receive.bytes'],
    ['SENT', 'host.network.transmit.bytes'],
    ['POOL', 'host.pool.usage'],
    ['VMS', 'host.vms.running'],
  ],
};

const columnsOf = (kind: Kind, by: MetricName, session: Session): Column<Item>[] => {
  const shown = SHOWN[kind];
  const asked = shown.some(([, metric]) => metric === by) ? shown : [[by.toUpperCase(), by] as const, ...shown];
  return [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'STATE', value: ({ state }) => state, paint: (cell, { state }) => session.paint(styleOf(state), cell) },
    ...(kind === 'vm' ? [{ title: 'HOST', value: ({ host }: Item) => host }] : []),
    ...asked.map(
      ([title, metric]): Column<Item> => ({ title, value: (item) => shownOf(item, metric), align: 'right' }),
    ),
    { title: 'SEEN', value: ({ measuredAt }) => ago(measuredAt, Date.now()), align: 'right' },
  ];
};

const totalOf = ({ summary }: Top, by: MetricName): string | undefined => {
  const all = summary[by];
  if (all === undefined) return undefined;
  const [mean, half, most] = [all.avg, all.p50, all.max].map((value) => quantity(by, value));
  return `${by} of ${all.count}: mean ${mean}, median ${half}, most ${most}`;
};

const printTop = async (kind: Kind, session: Session, top: Top, by: MetricName): Promise<void> => {
  await printValue(session, top, () => {
    if (top.items.length === 0) return `${NOUNS[kind].none}\n`;
    const lines = table(columnsOf(kind, by, session), top.items, (text) => session.paint('bold', text));
    const total = totalOf(top, by);
    return total === undefined ? lines : `${lines}\n${total}\n`;
  });
};

const topQuery = ({ by, over, limit, filter }: TopOptions) => ({
  by,
  limit,
  overSeconds: over,
  ...(filter === undefined ? {} : { filter: filter.join('&') }),
});

const top =
  (kind: Kind): Verb<TopOptions> =>
  async (session, _words, options) => {
    const found = await session.client.call(NOUNS[kind].top, { query: topQuery(options) });
    await printTop(kind, session, found, options.by);
    return undefined;
  };

/** `vm top` */
export const topVms = top('vm');

/** `host top` */
export const topHosts = top('host');

interface SpanOptions extends CommonOptions {
  readonly metric?: readonly string[];
  readonly since?: number;
  readonly from?: string;
  readonly to?: string;
  readonly step?: number;
}

const fromOf = ({ since, from, to }: SpanOptions): string | undefined => {
  if (since === undefined) return from;
  const end = to === undefined ? Date.now() : Date.parse(to);
  return new Date(end - since * 1000).toISOString();
};

const spanQuery = (options: SpanOptions) => {
  const { metric, to, step } = options;
  const from = fromOf(options);
  return {
    ...(metric === undefined ? {} : { metric: metric.join(',') }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(step === undefined ? {} : { stepSeconds: step }),
  };
};

type Series = Metrics['series'][number];
type Gap = NonNullable<Metrics['gaps']>[number];

/** How a part without a sample is drawn, by why there is none. */
const markOf = ({ state }: Gap): string => (state === 'off-by-plan' ? '·' : state === 'no-data' ? ' ' : '-');

const figures = ({ metric, points }: Series) => {
  const all = points.map(({ avg }) => avg);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const told = (value: number | undefined) => (value === undefined ? undefined : quantity(metric, value));
  return {
    now: told(all.at(-1)),
    mean: told(mean),
    least: told(Math.min(...points.map(({ min }) => min))),
    most: told(Math.max(...points.map(({ max }) => max))),
  };
};

/** A line for each while in which nothing was measured. */
const gapsText = ({ gaps = [] }: Metrics): string =>
  gaps
    .map((gap) => {
      const because = gap.because === undefined ? '' : `, by ${gap.because}`;
      return `${markOf(gap)} ${clock(gap.from)} to ${clock(gap.to)}: ${gap.state.replaceAll('-', ' ')}${because}\n`;
    })
    .join('');

const metricsText = (metrics: Metrics, session: Session): string => {
  const { from, to, series, gaps } = metrics;
  const span = `${clock(from)} to ${clock(to)}`;
  if (series.length === 0) return `Nothing was measured from ${span}.\n${gapsText(metrics)}`;
  const empty = (gaps ?? []).map((gap) => ({ from: Date.parse(gap.from), to: Date.parse(gap.to), mark: markOf(gap) }));
  const curveOf = ({ points }: Series): string =>
    curve(
      points.map(({ at, avg }) => ({ at: Date.parse(at), value: avg })),
      [Date.parse(from), Date.parse(to)],
      empty,
    );
  const columns: Column<Series>[] = [
    { title: 'METRIC', value: ({ metric }) => metric },
    { title: 'LAST', value: (each) => figures(each).now, align: 'right' },
    { title: 'MEAN', value: (each) => figures(each).mean, align: 'right' },
    { title: 'LEAST', value: (each) => figures(each).least, align: 'right' },
    { title: 'MOST', value: (each) => figures(each).most, align: 'right' },
    { title: span.toUpperCase(), value: curveOf },
  ];
  return table(columns, series, (text) => session.paint('bold', text)) + gapsText(metrics);
};

const showMetrics =
  (kind: Kind): Verb<SpanOptions> =>
  async (session, [word = ''], options) => {
    const { find, metrics: route } = NOUNS[kind];
    const { id } = await find(session, word);
    const metrics = await session.client.call(route, { path: { id }, query: spanQuery(options) });
    await printValue(session, metrics, () => metricsText(metrics, session));
    return undefined;
  };

/** `vm metrics` */
export const showVmMetrics = showMetrics('vm');

/** `host metrics` */
export const showHostMetrics = showMetrics('host');
