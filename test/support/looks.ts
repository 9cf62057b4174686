import { observe } from '../../lambdas/domain/observation.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import { observed } from './full-rows.ts';
import { aVm } from './kvm.ts';

export const BEFORE = '2026-11-25T10:00:00.000Z';
export const AT = '2026-11-25T12:00:00.000Z';

const { vmId: _, operationId: __, reason: ___, cause: ____, ...stranger } = observed;

/** What was seen of a VM that carries no mark, and is in no trouble. */
export const look = (changes: Partial<Observed> = {}): Observed => ({ ...stranger, name: 'seen', ...changes });

/** The row of a VM as it was just seen. */
export const known = (changes: Partial<Vm> = {}): Vm => {
  const vm = aVm({ providerId: 'i-1', changedAt: BEFORE, ...changes });
  return observe(vm, look({ state: changes.state ?? 'running' }), BEFORE);
};
