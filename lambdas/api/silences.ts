import { SILENCES } from './silences-routes.ts';
import { serve } from './stack.ts';

/** Silences, by Alertmanager's API v2 and by our own, and routes, by the file that Alertmanager is set up by. */
export const handler = serve(SILENCES);
