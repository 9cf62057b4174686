import { CALENDARS } from './calendars-routes.ts';
import { GROUPS } from './groups-routes.ts';
import { serve } from './stack.ts';

/** Calendars, days on which nothing begins and where they come from; and groups, the VMs that schedules and windows are about. */
export const handler = serve([...CALENDARS, ...GROUPS]);
