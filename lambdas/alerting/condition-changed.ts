import * as z from 'zod';
import { atMost } from '../runtime/chunks.ts';
import * as alerts from '../store/alerts.ts';
import { settleSubject } from './settle-subject.ts';

/** What is settled at once. */
const AT_ONCE = 8;

/** "Alert Condition Changed" of bus `novacron` names what changed; "Own Alerts Open" is about all that is open. */
const Told = z.discriminatedUnion('detail-type', [
  z.object({ 'detail-type': z.literal('Alert Condition Changed'), detail: z.object({ subject: z.string() }) }),
  z.object({ 'detail-type': z.literal('Own Alerts Open') }),
]);

/**
 * Begins and ends the plane's own alerts by what is so now: at once where a row changed by which they are, and each minute while
 * any is open, so that no end is missed and what was pending fires.
 */
export const handler = async (event: unknown): Promise<void> => {
  const told = Told.parse(event);
  const isOne = told['detail-type'] === 'Alert Condition Changed';
  const subjects = isOne ? [told.detail.subject] : await alerts.openSubjects();
  await atMost(AT_ONCE, subjects, (subject) => settleSubject(subject, Date.now()));
};
