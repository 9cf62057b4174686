import * as z from 'zod';
import { CalendarDown, noticeOfDown } from './calendar-notice.ts';
import { handOut } from './hand-out.ts';

/** "Calendar Feed Down" of bus `novacron`. */
const Told = z.object({ detail: CalendarDown });

/** Tells people of a feed that cannot be read for a day. */
export const handler = (event: unknown): Promise<void> => handOut(noticeOfDown(Told.parse(event).detail));
