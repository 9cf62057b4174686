import * as z from 'zod';
import { noticeOfDigest, ScheduleDigest } from './digest-notice.ts';
import { handOut } from './hand-out.ts';
import { MissedSchedule, noticeOfMissed } from './schedule-notice.ts';

/** "Schedule Missed" and "Schedule Digest" of bus `novacron`. */
const Told = z.discriminatedUnion('detail-type', [
  z.object({ 'detail-type': z.literal('Schedule Missed'), detail: MissedSchedule }),
  z.object({ 'detail-type': z.literal('Schedule Digest'), detail: ScheduleDigest }),
]);

/** Tells people of VMs that are not where their schedule wants them, and once a day of what schedules did. */
export const handler = (event: unknown): Promise<void> => {
  const told = Told.parse(event);
  return handOut(told['detail-type'] === 'Schedule Missed' ? noticeOfMissed(told.detail) : noticeOfDigest(told.detail));
};
