import { METRICS, type MetricName } from '../lambdas/domain/metrics/catalog.ts';

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three digits are what one reads at a glance. */
const short = (value: number): string => {
  if (value === 0) return '0';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
};

const bytes = (value: number): string => {
  const power = Math.min(BINARY.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
  return `${short(value / 1024 ** power)} ${BINARY[power]}`;
};

const seconds = (value: number): string => (value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`);

/** These are no shares, though they have no unit. */
const PLAIN: ReadonlySet<MetricName> = new Set(['host.cpu.load', 'vm.status.failed']);

const BY_UNIT: Readonly<Record<string, (value: number) => string>> = {
  '1': (value) => `${short(value * 100)} %`,
  s: seconds,
  By: bytes,
  'By/s': (value) => `${bytes(value)}/s`,
  '{operation}/s': (value) => `${short(value)}/s`,
  '{packet}/s': (value) => `${short(value)}/s`,
};

/** A value of a metric with its unit, as people read it: `12.5 %`, `3.4 GiB`, `80 ms`. */
export const quantity = (metric: MetricName, value: number): string =>
  (PLAIN.has(metric) ? undefined : BY_UNIT[METRICS[metric].unit])?.(value) ?? short(value);
