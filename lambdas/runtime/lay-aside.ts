import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { mayPass } from './away.ts';
import { sqs } from './clients.ts';
import { env, text } from './env.ts';
import { logger } from './powertools.ts';

const { DEAD_LETTERS_URL: QueueUrl } = env({ DEAD_LETTERS_URL: text });

/** What SQS takes of one message is a quarter of a mebibyte; the log has the rest. */
const LONGEST = 200_000;

/**
 * Puts what cannot be handled, and never will be as it is, into the dead letters whole, so that nothing waits behind it.
 * @throws where the queue did not take it
 */
export const layAside = async (what: string, letter: unknown, error: unknown): Promise<void> => {
  logger.error('laid aside', { what, error });
  const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 1_000) : String(error);
  const whole = JSON.stringify({ what, why, letter });
  const MessageBody = whole.length > LONGEST ? JSON.stringify({ what, why, cut: whole.slice(0, LONGEST / 2) }) : whole;
  await sqs().send(new SendMessageCommand({ QueueUrl, MessageBody }));
};

/** Lays aside at once what would fail again. @throws what may pass, for whoever delivers it to try again */
export const orAside =
  <Letter>(what: string, work: (letter: Letter) => Promise<void>) =>
  async (letter: Letter): Promise<void> => {
    try {
      await work(letter);
    } catch (error) {
      if (mayPass(error)) throw error;
      await layAside(what, letter, error);
    }
  };
