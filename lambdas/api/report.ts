import { REPORT } from './report-routes.ts';
import { serve } from './stack.ts';

/** What hosts come for with a token of their own. */
export const handler = serve(REPORT);
