import { REACH } from './reach-routes.ts';
import { serve } from './stack.ts';

/** What has to ask the places where VMs run while the caller waits. */
export const handler = serve(REACH);
