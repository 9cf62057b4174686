import { Fault } from '../faults.ts';
import { METRIC_NAMES } from '../metrics/catalog.ts';
import { metricsOf } from './condition.ts';
import type { Rule } from './rule.ts';

/** Names of metrics as people write them. */

/** How many characters are to be changed, added or left out to make one text another. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const change = (row[j] ?? 0) + Number(a[i] !== b[j]);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

const SHOWN = 3;

/** The names that come nearest to this one. */
const nearest = (name: string): string[] =>
  METRIC_NAMES.toSorted((a, b) => distance(name, a) - distance(name, b)).slice(0, SHOWN);

const isKnown = (name: string): boolean => (METRIC_NAMES as readonly string[]).includes(name);

/** Refuses a rule about what nobody measures, or about a share of what another kind has. @throws MetricUnknown, InvalidRequest */
export const assertMetrics = ({ when }: Pick<Rule, 'when'>): void => {
  const metrics = metricsOf(when);
  const errors = metrics
    .filter(([, name]) => !isKnown(name))
    .map(([place, name]) => ({
      pointer: `/when/${place}`,
      detail: `there is no metric ${name}; near it: ${nearest(name).join(', ')}`,
    }));
  if (errors.length > 0) throw new Fault('MetricUnknown', errors.map(({ detail }) => detail).join('; '), { errors });
  const [kind, ...others] = metrics.map(([, name]) => name.split('.')[0]);
  if (others.every((other) => other === kind)) return;
  const errorsOf = [{ pointer: '/when/of', detail: `a share of what a ${kind} has` }];
  throw new Fault('InvalidRequest', 'Both metrics of a share are of VMs, or both of hosts.', { errors: errorsOf });
};
