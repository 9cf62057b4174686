import { READ } from './read-routes.ts';
import { serve } from './stack.ts';

/** GET of everything that the state table alone can answer, and whatever no route fits. */
export const handler = serve(READ);
