import type * as z from 'zod';
import type { Subject } from '../../lambdas/domain/metrics/labels.ts';
import { type Rule, RuleSpec } from '../../lambdas/domain/rules/rule.ts';

/** A rule as its row is, of what a person says of it. */
export const aRule = (spec: z.input<typeof RuleSpec>, of: Partial<Pick<Rule, 'project' | 'version'>> = {}): Rule => ({
  ...RuleSpec.parse(spec),
  id: `rul-${spec.name}`,
  project: 'default',
  by: 'tok-a',
  createdAt: '2026-11-27T00:00:00.000Z',
  version: 1,
  ...of,
});

/** A VM that rules are about. */
export const aSubject: Subject = {
  kind: 'vm',
  id: 'vm-0000000000000001',
  project: 'default',
  labels: { vm: 'web-1', vm_id: 'vm-0000000000000001', host: 'h1', provider: 'kvm', tag_env: 'prod' },
};
