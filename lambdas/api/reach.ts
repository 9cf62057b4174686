import { REACH } from './reach-routes.ts';
import { serve } from './stack.ts';

/** What asks the places where VMs run while the caller waits, and the long description of the API. */
export const handler = serve(REACH);
