import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { sqs } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { UNSENT_ARN: SourceArn } = env({ UNSENT_ARN: text });

/** SQS moves what lies in a queue by one task at a time ("StartMessageMoveTask", Amazon SQS API reference); its code for a second varies. */
const isUnderWay = (error: unknown): boolean =>
  error instanceof Error && /already a task running|active message movement/i.test(error.message);

/**
 * Puts what channels could not be told in most of a day back into their queues, from which it goes out in order; a notice that
 * went out by then does not go out again. @throws where SQS does not take it; where it is being done, nothing is left to do
 */
export const handOutUnsent = async (): Promise<void> => {
  try {
    await sqs().send(new StartMessageMoveTaskCommand({ SourceArn }));
  } catch (error) {
    if (!isUnderWay(error)) throw error;
  }
};
