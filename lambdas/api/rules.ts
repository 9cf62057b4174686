import { RULES } from './rules-routes.ts';
import { serve } from './stack.ts';

/** When alerts fire. */
export const handler = serve(RULES);
