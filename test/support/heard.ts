import { handler } from '../../lambdas/events/look-again.ts';
import { CONTEXT, queued } from './stream.ts';

/** Events of EC2 as the queue of looks delivers them, in one batch. @throws Error where one was not handled */
export const instancesChanged = async (...events: readonly object[]): Promise<void> => {
  const { batchItemFailures } = await handler(queued(...events), CONTEXT);
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} events were not handled`);
};
