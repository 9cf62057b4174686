import { INGEST } from './ingest-routes.ts';
import { serve } from './stack.ts';

/** What hosts measure comes apart from what they report: a flood of the one delays none of the other. */
export const handler = serve(INGEST);
