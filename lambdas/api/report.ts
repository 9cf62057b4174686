import { REPORT } from './report-routes.ts';
import { serve } from './stack.ts';

/** What host units tell, each 10 s. */
export const handler = serve(REPORT);
