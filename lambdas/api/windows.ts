import { serve } from './stack.ts';
import { WINDOWS } from './windows-routes.ts';

/** When VMs may be disturbed. */
export const handler = serve(WINDOWS);
