import { ALERTS } from './alerts-routes.ts';
import { serve } from './stack.ts';

/** Alerts, by Alertmanager's API v2 as far as its clients use it. */
export const handler = serve(ALERTS);
