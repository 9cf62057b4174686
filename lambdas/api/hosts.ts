import { HOSTS } from './hosts-routes.ts';
import { serve } from './stack.ts';

/** The two changes that need Systems Manager while the caller waits. */
export const handler = serve(HOSTS);
