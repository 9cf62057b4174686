import { ANSWERS } from './answers-routes.ts';
import { serve } from './stack.ts';

/** What people answer from the messages in which they were told: what lets them in stands in the message. */
export const handler = serve(ANSWERS);
