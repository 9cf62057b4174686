import { createCalendar } from './create-calendar.ts';
import { deleteCalendar } from './delete-calendar.ts';
import { getCalendar } from './get-calendar.ts';
import { listCalendars } from './list-calendars.ts';
import { patchCalendar } from './patch-calendar.ts';
import { refreshCalendar } from './refresh-calendar.ts';
import type { Route } from './route.ts';

/** All of calendars: they fetch what somebody named, which no other function does. */
export const CALENDARS: readonly Route[] = [
  listCalendars,
  createCalendar,
  getCalendar,
  patchCalendar,
  deleteCalendar,
  refreshCalendar,
];
