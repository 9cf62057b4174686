import * as z from 'zod';
import { noticeOfDigest, ScheduleDigest } from './digest-notice.ts';
import { handOut } from './hand-out.ts';
import { MissedSchedule, noticeOfMissed } from './schedule-notice.ts';
import { tellOf } from './tell-of.ts';

/** "Schedule Missed" and "Schedule Digest" of bus `novacron`. */
const Told = z.discriminatedUnion('detail-type', [
  z.object({ 'detail-type': z.literal('Schedule Missed'), detail: MissedSchedule }),
  z.object({ 'detail-type': z.literal('Schedule Digest'), detail: ScheduleDigest }),
]);

const missed = (detail: MissedSchedule): Promise<void> => {
  const labels = { alertname: 'ScheduleMissed', schedule: detail.scheduleName, want: detail.want };
  const own = { subject: detail.scheduleId, isHeld: true };
  return tellOf(noticeOfMissed(detail), { project: detail.project, labels, at: detail.plannedAt, own });
};

/** Tells people of VMs that are not where their schedule wants them, and once a day of what schedules did, which is no alert. */
export const handler = (event: unknown): Promise<void> => {
  const told = Told.parse(event);
  return told['detail-type'] === 'Schedule Missed' ? missed(told.detail) : handOut(noticeOfDigest(told.detail));
};
