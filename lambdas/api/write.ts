import { serve } from './stack.ts';
import { WRITE } from './write-routes.ts';

/** Admits changes: writes the intent, and leaves the doing to workflows. */
export const handler = serve(WRITE);
