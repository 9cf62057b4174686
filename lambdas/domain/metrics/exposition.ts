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

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelText = (labels: LabelSet): string =>
  `{${Object.entries(labels)
    .toSorted(([a], [b]) => byBytes(a, b))
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',')}}`;

/** A subject, what is known of it, and the state that it is in. */
export interface Shown {
  readonly subject: Subject;
  readonly state: string;
  readonly latest?: Latest | undefined;
}

const family = (name: string, help: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`# HELP ${name} ${help}.`, `# TYPE ${name} gauge`, ...lines];

const INFO = {
  vm: ['novacron_vm_info', 'VMs, each with the state that it is in'],
  host: ['novacron_host_info', 'Hosts, each with the state that it is in'],
} as const;

/** The text of all that is known now. What was off or not heard of has its state and no value. */
export const exposition = (all: readonly Shown[]): string => {
  const info = (['vm', 'host'] as const).flatMap((kind) => {
    const lines = all
      .filter(({ subject }) => subject.kind === kind)
      .map(({ subject, state }) => `${INFO[kind][0]}${labelText({ ...subject.labels, state })} 1`);
    return family(INFO[kind][0], INFO[kind][1], lines);
  });
  const values = METRIC_NAMES.flatMap((metric) => {
    const name = prometheusName(metric);
    const lines = all.flatMap(({ subject, latest }) => {
      const value = latest?.values[metric];
      return value === undefined ? [] : [`${name}${labelText(subject.labels)} ${value} ${latest?.at}`];
    });
    return family(name, METRICS[metric].help, lines);
  });
  return [...info, ...values].map((line) => `${line}\n`).join('');
};
