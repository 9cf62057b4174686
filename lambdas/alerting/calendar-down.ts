import * as z from 'zod';
import { CalendarDown, noticeOfDown } from './calendar-notice.ts';
import { tellOf } from './tell-of.ts';

/** "Calendar Feed Down" of bus `novacron`. */
const Told = z.object({ detail: CalendarDown });

/** Tells people of a feed that cannot be read for a day. */
export const handler = (event: unknown): Promise<void> => {
  const down = Told.parse(event).detail;
  const labels = { alertname: 'CalendarFeedDown', calendar: down.calendarName };
  return tellOf(noticeOfDown(down), { project: down.project, labels, at: down.since });
};
