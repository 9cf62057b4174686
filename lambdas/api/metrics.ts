import { METRICS } from './metrics-routes.ts';
import { serve } from './stack.ts';

/** What VMs and hosts use. */
export const handler = serve(METRICS);
