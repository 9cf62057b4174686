import { SCHEDULES } from './schedules-routes.ts';
import { serve } from './stack.ts';

/** Schedules: what they are, what they will do, and what a VM has of them. */
export const handler = serve(SCHEDULES);
