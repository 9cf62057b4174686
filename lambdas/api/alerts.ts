import { ALERTS } from './alerts-routes.ts';
import { serve } from './stack.ts';

/** Alerts, silences and routes: Alertmanager's API v2 as far as its clients use it, and the file that it is set up by. */
export const handler = serve(ALERTS);
