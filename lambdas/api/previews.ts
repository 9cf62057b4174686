import { PREVIEWS } from './previews-routes.ts';
import { serve } from './stack.ts';

/** What a schedule will do, and what that saves. */
export const handler = serve(PREVIEWS);
