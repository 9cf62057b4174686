import type { Vm } from '../domain/vm.ts';
import { onVm } from '../runtime/step.ts';

/** Judged since this operation began; what was true before a start or a reboot says nothing. */
const isJudged = (vm: Vm, since: string | undefined): boolean =>
  vm.ready.status !== 'unknown' && since !== undefined && vm.ready.at >= since;

/**
 * Await Ready: where the provider watches readiness, a report of the host answers, be it ready or not in time. Elsewhere
 * running means ready.
 */
export const handler = onVm(async (vm, provider, { operation }) => {
  const at = new Date().toISOString();
  if (!provider.capabilities.has('readiness')) {
    return { status: 'done', ready: { status: 'true', reason: 'Running', message: 'The provider says running.', at } };
  }
  return isJudged(vm, operation.startedAt) ? { status: 'done', ready: vm.ready } : { status: 'pending' };
});
