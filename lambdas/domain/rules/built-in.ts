import * as z from 'zod';
import { DEFAULT_PROJECT, ruleIdOf } from '../ids.ts';
import { EVENT_NAMES, EVENTS } from './events.ts';
import { isOfInstallation, type Rule, RuleSpec } from './rule.ts';

/** The rules that each project has from its first minute. Headings of docs/runbook.md say what to do. */

const RUNBOOK = 'https://novacron.dev/runbook';

const SPECS: readonly z.input<typeof RuleSpec>[] = [
  {
    name: 'vm-cpu-saturated',
    when: { metric: 'vm.cpu.utilization', stat: 'avg', over: '15m', op: '>', value: 0.95, clear: 0.9 },
    labels: { severity: 'warning' },
    annotations: {
      summary: '{{ $labels.vm }} has used all of its CPUs for 15 minutes',
      runbook_url: `${RUNBOOK}#vm-cpu`,
    },
  },
  {
    name: 'vm-cpu-steal',
    when: { metric: 'vm.cpu.steal', stat: 'avg', over: '10m', op: '>', value: 0.2, clear: 0.15 },
    labels: { severity: 'warning' },
    annotations: {
      summary: '{{ $labels.vm }} waits for the CPUs of its host: it is ready to run and does not get to',
      runbook_url: `${RUNBOOK}#vm-cpu`,
    },
  },
  {
    name: 'vm-memory-exhausted',
    when: { metric: 'vm.memory.usage', of: 'vm.memory.allocated', op: '>', value: 0.95, clear: 0.9 },
    for: '10m',
    labels: { severity: 'warning' },
    annotations: {
      summary: '{{ $labels.vm }} has used nearly all of its memory for 10 minutes',
      runbook_url: `${RUNBOOK}#vm-memory`,
    },
  },
  {
    name: 'vm-disk-read-slow',
    when: { metric: 'vm.disk.read.latency', stat: 'avg', over: '10m', op: '>', value: 0.1, clear: 0.05 },
    labels: { alertname: 'VmDiskSlow', operation: 'read', severity: 'warning' },
    annotations: {
      summary: 'A read of a disk of {{ $labels.vm }} takes {{ $value }} s on average',
      runbook_url: `${RUNBOOK}#vm-disk`,
    },
  },
  {
    name: 'vm-disk-write-slow',
    when: { metric: 'vm.disk.write.latency', stat: 'avg', over: '10m', op: '>', value: 0.1, clear: 0.05 },
    labels: { alertname: 'VmDiskSlow', operation: 'write', severity: 'warning' },
    annotations: {
      summary: 'A write to a disk of {{ $labels.vm }} takes {{ $value }} s on average',
      runbook_url: `${RUNBOOK}#vm-disk`,
    },
  },
  {
    name: 'vm-status-check-failed',
    when: { metric: 'vm.status.failed', op: '>=', value: 1 },
    for: '2m',
    labels: { severity: 'critical' },
    annotations: {
      summary: "{{ $labels.vm }} fails one of EC2's status checks",
      runbook_url: `${RUNBOOK}#vm-status-check`,
    },
  },
  {
    name: 'host-cpu-saturated',
    when: { metric: 'host.cpu.utilization', stat: 'avg', over: '15m', op: '>', value: 0.95, clear: 0.9 },
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Host {{ $labels.host }} has used all of its CPUs for 15 minutes',
      runbook_url: `${RUNBOOK}#host-cpu`,
    },
  },
  {
    name: 'host-memory-low',
    when: { metric: 'host.memory.usage', of: 'host.memory.limit', op: '>', value: 0.95, clear: 0.92 },
    for: '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'Host {{ $labels.host }} has nearly no memory left: its kernel may end a VM',
      runbook_url: `${RUNBOOK}#host-memory`,
    },
  },
  {
    name: 'pool-filling-up',
    when: { metric: 'host.pool.usage', of: 'host.pool.limit', op: '>', value: 0.85, clear: 0.83 },
    for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The storage pool of host {{ $labels.host }} is filling up: {{ $value }} of 1 is used',
      runbook_url: `${RUNBOOK}#pool-full`,
    },
  },
  {
    name: 'host-metrics-missing',
    when: { absent: 'host.cpu.utilization' },
    for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Host {{ $labels.host }} has sent no metrics for 5 minutes',
      runbook_url: `${RUNBOOK}#host-metrics`,
    },
  },
  {
    name: 'watchdog',
    description:
      'For a monitor that is to notice where the plane itself is dead: it says so where this is not repeated.',
    // It is told as long as it is on: first somebody is to wait for it.
    enabled: false,
    when: { always: true },
    labels: { severity: 'none' },
    annotations: {
      summary: 'NovaCron looks at its rules, and its alerts find this receiver: it is well as long as you hear this',
      runbook_url: `${RUNBOOK}#watchdog`,
    },
  },
];

/** What of its alerts a rule of an event leaves out is as the plane says it. */
const OF_EVENTS = EVENT_NAMES.map((event) => ({ name: event, description: EVENTS[event], when: { event } }));

const BUILT_IN: readonly RuleSpec[] = z.array(RuleSpec).parse([...SPECS, ...OF_EVENTS]);
/** Since when the plane has them. */
const SINCE = '2026-11-27T00:00:00.000Z';

/** The rules that a project has without a row. Hosts are the installation's, and so are rules about what they measure. */
export const builtInRules = (project: string): Rule[] =>
  BUILT_IN.filter((spec) => project === DEFAULT_PROJECT || !isOfInstallation(spec)).map((spec) => ({
    ...spec,
    id: ruleIdOf(project, spec.name),
    project,
    by: 'novacron',
    createdAt: SINCE,
    version: 0,
  }));

/** All rules of a project: those in its rows, and those that are built in and have none. */
export const withBuiltIn = (project: string, rows: readonly Rule[]): Rule[] => {
  const known = new Set(rows.map(({ name }) => name));
  return [...builtInRules(project).filter(({ name }) => !known.has(name)), ...rows];
};
