import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Values } from '../../../lambdas/domain/metrics/catalog.ts';
import { builtInRules, withBuiltIn } from '../../../lambdas/domain/rules/built-in.ts';
import { compileRules } from '../../../lambdas/domain/rules/compile.ts';
import { eventIn } from '../../../lambdas/domain/rules/condition.ts';
import { evaluate, NO_STATE } from '../../../lambdas/domain/rules/evaluate.ts';
import { assertMetrics } from '../../../lambdas/domain/rules/metric-names.ts';
import { aRule, aSubject } from '../../support/rules.ts';

const RULES = builtInRules('default');
/** Those by which the plane judges what is measured. */
const JUDGING = RULES.filter(({ when }) => eventIn(when) === undefined);
const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const anchors = new Set(
  Array.from(runbook.matchAll(/^## (.+)$/gm), ([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-')),
);

describe('each rule that comes with the plane', () => {
  it.each(JUDGING.map((rule) => [rule.name, rule] as const))(
    '%s looks at what is measured, and says what to do',
    (_, rule) => {
      assertMetrics(rule);
      expect(rule.labels.severity).toMatch(/^(none|warning|critical)$/);
      expect(rule.annotations.summary).toBeDefined();
      expect(anchors).toContain(rule.annotations.runbook_url?.split('#')[1]);
    },
  );

  it('has an id of its own in each project', () => {
    const ids = ['default', 'shop', 'bank'].flatMap((project) => builtInRules(project).map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('gives way to one of its name', () => {
    const own = aRule({ name: 'pool-filling-up', when: { metric: 'host.pool.usage', op: '>', value: 1 } });
    const all = withBuiltIn('default', [own]);
    expect(all.filter(({ name }) => name === 'pool-filling-up')).toEqual([own]);
    expect(all).toHaveLength(RULES.length);
  });

  it('of an event says nothing of its own, and the project is told as the plane has it', () => {
    const rules = RULES.filter(({ when }) => eventIn(when) !== undefined);
    expect(rules).toHaveLength(RULES.length - JUDGING.length);
    for (const { labels, annotations, matchers, enabled, description } of rules) {
      expect({ labels, annotations, matchers, enabled }).toEqual({
        ...{ labels: {}, annotations: {}, matchers: [], enabled: true },
      });
      expect(description).toMatch(/\.$/);
    }
    expect(builtInRules('shop').map(({ name }) => name)).toContain('host-unreachable');
    expect(builtInRules('shop').map(({ name }) => name)).not.toContain('audit-finding');
  });
});

/** The alerts of a quarter of an hour of such samples. */
const firing = (kind: 'vm' | 'host', values: Values): string[] => {
  const samples = Array.from({ length: 64 }, (_, step) => ({ at: 1.8e12 + step * 15_000, values }));
  const subject = { ...aSubject, kind };
  const { alerts } = evaluate(compileRules(RULES), [{ subject, samples }], NO_STATE, { now: 1.8e12 + 16 * 60_000 });
  return alerts.map(({ labels }) => `${labels.alertname} ${labels.severity}`).sort();
};

describe('what comes with the plane fires', () => {
  const well = { 'vm.cpu.utilization': 0.9, 'vm.cpu.steal': 0.1, 'vm.memory.usage': 9, 'vm.memory.allocated': 10 };
  const sound = {
    'host.cpu.utilization': 0.9,
    'host.memory.limit': 100,
    'host.memory.usage': 90,
    'host.pool.limit': 100,
  };

  it.each<[string, 'vm' | 'host', Values, string[]]>([
    ['nothing where all is well', 'vm', { ...well, 'vm.disk.read.latency': 0.05, 'vm.status.failed': 0 }, []],
    ['VmCpuSaturated', 'vm', { ...well, 'vm.cpu.utilization': 0.99 }, ['VmCpuSaturated warning']],
    ['VmCpuSteal', 'vm', { ...well, 'vm.cpu.steal': 0.25 }, ['VmCpuSteal warning']],
    ['VmMemoryExhausted', 'vm', { ...well, 'vm.memory.usage': 9.8 }, ['VmMemoryExhausted warning']],
    ['VmDiskSlow, of reads', 'vm', { ...well, 'vm.disk.read.latency': 0.2 }, ['VmDiskSlow warning']],
    ['VmDiskSlow, of writes', 'vm', { ...well, 'vm.disk.write.latency': 0.2 }, ['VmDiskSlow warning']],
    ['VmStatusCheckFailed', 'vm', { ...well, 'vm.status.failed': 1 }, ['VmStatusCheckFailed critical']],
    ['nothing where a host is well', 'host', { ...sound, 'host.pool.usage': 80 }, []],
    ['HostCpuSaturated', 'host', { ...sound, 'host.cpu.utilization': 1 }, ['HostCpuSaturated warning']],
    ['HostMemoryLow', 'host', { ...sound, 'host.memory.usage': 96 }, ['HostMemoryLow critical']],
    ['PoolFillingUp', 'host', { ...sound, 'host.pool.usage': 90 }, ['PoolFillingUp warning']],
  ])('%s', (_, kind, values, alerts) => {
    expect(firing(kind, values)).toEqual(alerts);
  });
});
