import { SILENCES } from './silences-routes.ts';
import { serve } from './stack.ts';

/** Silences, by Alertmanager's API v2, and routes, by the file that it is set up by. */
export const handler = serve(SILENCES);
