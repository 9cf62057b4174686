import * as z from 'zod';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { remindAt, watched } from '../domain/alerts/reminder.ts';
import type { Occurring } from '../domain/alerts/silence-view.ts';
import { SILENCE_ENDING } from '../domain/alerts/silence-words.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { SilenceDue } from '../runtime/wake-silences.ts';
import * as alerts from '../store/alerts.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { occurringOne } from './occurring.ts';
import { routingOf } from './routing.ts';
import { noticeOfEnding } from './silence-notice.ts';
import { suppressionsAt } from './suppression.ts';
import { tellOf } from './tell-of.ts';

/** "Silence Due" of bus `novacron`. */
const Due = z.object({ detail: SilenceDue });

/** Alerts that it keeps quiet now and that nothing will keep quiet once it ends. */
const heardAfter = async ({ silence, occurrence }: Occurring, now: number): Promise<AlertRow[]> => {
  const { project, matchers } = silence;
  const quiet = (await alerts.allOf(project)).filter(
    (row) => !isResolvedAt(row, now) && matchesAll(matchers, row.labels),
  );
  const suppressions = await suppressionsAt(await routingOf(project), quiet, Date.parse(occurrence.endsAt));
  return quiet.filter((row) => {
    const { silencedBy, inhibitedBy } = suppressions(row);
    return silencedBy.length + inhibitedBy.length === 0;
  });
};

/** Tells people that it ends, where that changes what they hear; to do so again is harmless. */
const tellOfEnd = async (held: Occurring, at: number, now: number): Promise<void> => {
  const { project, id } = held.silence;
  const heard = await heardAfter(held, now);
  if (heard.length === 0) return;
  const labels = { alertname: SILENCE_ENDING, silence: id };
  await tellOf(noticeOfEnding(held, heard), { project, labels, at: new Date(at).toISOString() }, now);
};

/** Looks at a silence, where it is still to be looked at. What was told is written down after it was: a death in between says it again. */
const look = async (project: string, id: string, now: number): Promise<void> => {
  const silence = await silences.find(project, id);
  if (silence?.lookAt === undefined || Date.parse(silence.lookAt) > now) return;
  const held = await occurringOne(silence, now);
  const at = remindAt(silence, held.occurrence, now);
  const isDue = at !== undefined && at <= now;
  if (isDue) await tellOfEnd(held, at, now);
  const after = isDue ? { ...silence, reminded: held.occurrence.endsAt } : silence;
  await table.save(silences.swapping(table.next(watched(after, held.occurrence, now))));
};

/** Tells people of silences that end soon, once for each end. */
export const handler = async (event: unknown): Promise<void> => {
  const { project, silenceId } = Due.parse(event).detail;
  await untilWritten(() => look(project, silenceId, Date.now()));
};
