import { isResolvedAt } from '../alerts/alert.ts';
import { type AlertRow, isAcknowledgedAt } from '../alerts/alert-row.ts';
import { byBytes } from '../alerts/go-text.ts';
import type { LabelSet } from '../alerts/labels.ts';
import { METRIC_NAMES, METRICS, type MetricName } from './catalog.ts';
import type { Subject } from './labels.ts';
import type { Latest } from './latest.ts';

/**
 * Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): one gauge for each metric, its unit in
 * its name as Prometheus wants it, each value with the time at which it was measured.
 */
const SUFFIXES: Readonly<Record<string, string>> = {
  '1': '_ratio',
  s: '_seconds',
  By: '_bytes',
  'By/s': '_bytes_per_second',
  '{operation}/s': '_per_second',
  '{packet}/s': '_per_second',
};

/** These have no unit at all. */
const BARE: ReadonlySet<MetricName> = new Set(['host.cpu.load', 'vm.status.failed']);

/** What Prometheus calls a metric: `novacron_vm_cpu_utilization_ratio`. */
export const prometheusName = (metric: MetricName): string => {
  const words = metric.replaceAll('.', '_').replace(/_bytes$/, '');
  const suffix = BARE.has(metric) ? '' : (SUFFIXES[METRICS[metric].unit] ?? '');
  return `novacron_${words}${suffix}`;
};

/** What Prometheus knows by one name: gauges, each with its labels. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly {
    readonly labels: LabelSet;
    readonly value: number;
    /** When it was measured, where it was: epoch milliseconds. */
    readonly at?: number;
  }[];
}

/** A subject, what is known of it, and the state that it is in. */
export interface Shown {
  readonly subject: Subject;
  readonly state: string;
  readonly latest?: Latest | undefined;
}

const INFO = {
  vm: ['novacron_vm_info', 'VMs, each with the state that it is in'],
  host: ['novacron_host_info', 'Hosts, each with the state that it is in'],
} as const;

/** Which VMs and hosts there are, whether they are measured or not. */
export const infosOf = (all: readonly Omit<Shown, 'latest'>[]): Family[] =>
  (['vm', 'host'] as const).map((kind) => ({
    name: INFO[kind][0],
    help: INFO[kind][1],
    samples: all
      .filter(({ subject }) => subject.kind === kind)
      .map(({ subject, state }) => ({ labels: { ...subject.labels, state }, value: 1 })),
  }));

const alertLabels = (alert: AlertRow, now: number): LabelSet => {
  const { alertname = '', severity } = alert.labels;
  const state = isAcknowledgedAt(alert, now) ? 'acknowledged' : 'firing';
  return { alertname, ...(severity === undefined ? {} : { severity }), project: alert.project, state };
};

/** How many alerts are not over, by their names, and whether somebody has taken them on. */
export const alertsFamily = (all: readonly AlertRow[], now: number): Family => {
  const open = all.filter((alert) => !isResolvedAt(alert, now)).map((alert) => alertLabels(alert, now));
  const alike = [...Map.groupBy(open, (labels) => JSON.stringify(labels)).values()];
  return {
    name: 'novacron_alerts',
    help: 'Alerts that are not over, by name, severity and whether somebody has taken them on',
    samples: alike.map((own) => ({ labels: own[0] ?? {}, value: own.length })),
  };
};

const measuredIn = (all: readonly Shown[]): Family[] =>
  METRIC_NAMES.map((metric) => ({
    name: prometheusName(metric),
    help: METRICS[metric].help,
    samples: all.flatMap(({ subject, latest }) => {
      if (latest === undefined) return [];
      const { at, values } = latest;
      const value = values[metric];
      return value === undefined ? [] : [{ labels: subject.labels, value, at }];
    }),
  }));

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelText = (labels: LabelSet): string =>
  `{${Object.entries(labels)
    .toSorted(([a], [b]) => byBytes(a, b))
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

const textOf = ({ name, help, samples }: Family): string[] => {
  if (samples.length === 0) return [];
  const lines = samples.map(
    ({ labels, value, at }) => `${name}${labelText(labels)} ${value}${at === undefined ? '' : ` ${at}`}`,
  );
  return [`# HELP ${name} ${help}.`, `# TYPE ${name} gauge`, ...lines];
};

/** The text of all that is known now. What was off or not heard of has its state and no value. */
export const exposition = (all: readonly Shown[], ...more: readonly Family[]): string =>
  [...infosOf(all), ...more, ...measuredIn(all)]
    .flatMap(textOf)
    .map((line) => `${line}\n`)
    .join('');
