import * as z from 'zod';
import { handOut } from './hand-out.ts';
import { MissedSchedule, noticeOfMissed } from './schedule-notice.ts';

/** "Schedule Missed" of bus `novacron`. */
const Told = z.object({ detail: MissedSchedule });

/** Tells people of VMs that are not where their schedule wants them. */
export const handler = (event: unknown): Promise<void> => handOut(noticeOfMissed(Told.parse(event).detail));
