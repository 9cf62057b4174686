import { isJudged } from '../domain/progress.ts';
import { watching } from '../runtime/step.ts';

/**
 * Await Ready: where the provider watches readiness, a report of the host answers, be it ready or not in time: of this boot,
 * for what it told before the operation began says nothing. Elsewhere running means ready, after a reboot too.
 */
export const handler = watching((vm, provider, operation) => {
  const at = new Date().toISOString();
  if (!provider.capabilities.has('readiness')) {
    return { status: 'done', ready: { status: 'true', reason: 'Running', message: 'The provider says running.', at } };
  }
  return isJudged(vm, operation) ? { status: 'done', ready: vm.ready } : { status: 'pending' };
});
