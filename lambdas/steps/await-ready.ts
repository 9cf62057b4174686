import { isJudged, runningMeansReady } from '../domain/progress.ts';
import { watching } from '../runtime/step.ts';

/**
 * Await Ready: where the provider watches readiness, a report of the host answers, be it ready or not in time: of this boot,
 * for what it told before the operation began says nothing. Elsewhere running means ready, after a reboot too, and the
 * workflow skips this step; an execution that was begun by an earlier definition still comes here.
 */
export const handler = watching((vm, provider, operation) => {
  if (!provider.capabilities.has('readiness')) {
    return { status: 'done', ready: runningMeansReady(new Date().toISOString()) };
  }
  return isJudged(vm, operation) ? { status: 'done', ready: vm.ready } : { status: 'pending' };
});
