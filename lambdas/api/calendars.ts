import { CALENDARS } from './calendars-routes.ts';
import { serve } from './stack.ts';

/** Calendars: days on which nothing begins, and where they come from. */
export const handler = serve(CALENDARS);
