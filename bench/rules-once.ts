import type { Reading } from '../lambdas/domain/metrics/batch.ts';
import { METRIC_NAMES, type Values } from '../lambdas/domain/metrics/catalog.ts';
import type { Subject } from '../lambdas/domain/metrics/labels.ts';
import { compileRules } from '../lambdas/domain/rules/compile.ts';
import { evaluate, NO_STATE, type RulesState } from '../lambdas/domain/rules/evaluate.ts';
import { type Rule, RuleSpec } from '../lambdas/domain/rules/rule.ts';
import { Random } from '../test/support/random.ts';
import { percentile, rounded } from './samples.ts';

/**
 * Looks at 10 rules as a sample of each of 10,000 VMs comes, in this process, as often as fills the longest window. Prints what a
 * round took, and the most memory that the process ever had, one line of JSON. A hundredth of the VMs always fires.
 */
const VMS = 10_000;
const ROUNDS = 80;
const STEP_MS = 15_000;
const BEGIN = Date.parse('2026-11-25T10:00:00.000Z');

const rule = (index: number, when: object, more: object = {}): Rule => ({
  ...RuleSpec.parse({ name: `rule-${index}`, when, matchers: ['provider="kvm"', 'tag_env=~"prod|stage"'], ...more }),
  id: `rul-${String(index).padStart(16, '0')}`,
  project: 'default',
  by: 'bench',
  createdAt: new Date(BEGIN).toISOString(),
  version: 1,
});

const RULES: readonly Rule[] = [
  { metric: 'vm.cpu.utilization', stat: 'avg', over: '15m', op: '>', value: 0.95, clear: 0.9 },
  { metric: 'vm.cpu.steal', stat: 'avg', over: '10m', op: '>', value: 0.2 },
  { metric: 'vm.disk.read.latency', stat: 'max', over: '10m', op: '>', value: 0.1 },
  { metric: 'vm.memory.resident', stat: 'change', over: '15m', op: '>', value: 2 ** 30 },
  { metric: 'vm.memory.usage', of: 'vm.memory.allocated', op: '>', value: 0.95 },
  { metric: 'vm.network.errors', op: '>', value: 10 },
  { metric: 'vm.network.dropped', op: '>', value: 10 },
  { metric: 'vm.cpu.utilization', op: '>', value: 0.99 },
  { metric: 'vm.disk.write.latency', op: '>', value: 0.1, clear: 0.05 },
  { metric: 'vm.disk.flush.latency', op: '>', value: 0.5 },
].map((when, index) => rule(index, when, { for: index > 4 ? '2m' : '0s' }));

const random = new Random(1);
const NAMES = METRIC_NAMES.filter((name) => name.startsWith('vm.'));

const subjects: readonly Subject[] = Array.from({ length: VMS }, (_, index) => ({
  kind: 'vm',
  id: `vm-${String(index).padStart(16, '0')}`,
  project: 'default',
  labels: {
    vm: `web-${index}`,
    host: `rack-${index % 100}`,
    provider: 'kvm',
    project: 'default',
    tag_env: 'prod',
    tag_app: 'shop',
  },
}));

const valuesOf = (index: number): Values => ({
  ...Object.fromEntries(NAMES.map((name) => [name, Number((random.next() * 0.09).toFixed(4))])),
  'vm.memory.allocated': 2 ** 32,
  'vm.cpu.utilization': index % 100 === 0 ? 1 : Number((random.next() * 0.9).toFixed(4)),
});

const readingsAt = (at: number): Reading[] =>
  subjects.map((subject, index) => ({ subject, samples: [{ at, values: valuesOf(index) }] }));

const rules = compileRules(RULES);
const samples: number[] = [];
let state: RulesState = NO_STATE;
let alerts = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const now = BEGIN + round * STEP_MS;
  const readings = readingsAt(now);
  const start = performance.now();
  const look = evaluate(rules, readings, state, { now });
  samples.push(performance.now() - start);
  state = look.state;
  alerts += look.alerts.length;
}
// What is kept of one that fires weighs most; all of them is the state of 10,000 VMs.
const stateBytesPerVm = Math.round(JSON.stringify(state).length / VMS);
const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => rounded(percentile(samples, share)));
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  JSON.stringify({ rules: RULES.length, vms: VMS, rounds: ROUNDS, p50Ms, p99Ms, alerts, stateBytesPerVm, peakMiB }),
);
