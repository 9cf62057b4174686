import * as z from 'zod';
import { CalendarId } from '../domain/ids.ts';

/** Path of a calendar. */
export const CalendarPath = z.strictObject({ id: CalendarId });
