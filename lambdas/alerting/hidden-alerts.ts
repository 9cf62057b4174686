import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Suppression } from '../domain/alerts/api-v2.ts';
import type { Occurring } from '../domain/alerts/silence-view.ts';
import { SILENCE_HIDES_CRITICAL } from '../domain/alerts/silence-words.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as alerts from '../store/alerts.ts';
import * as silences from '../store/silences.ts';
import { occurringOne } from './occurring.ts';
import { writeEach } from './receive-alerts.ts';
import { noticeOfHiding } from './silence-notice.ts';
import { tellOf } from './tell-of.ts';

/** An alert that is critical, and the silences that hide it. */
interface Hidden {
  readonly row: AlertRow;
  readonly by: readonly string[];
}

/** An alert, and what keeps it from being told. */
type Suppressed = Suppression & { readonly row: AlertRow };

const hiddenAmong = (all: readonly Suppressed[], now: number): Hidden[] =>
  all
    .filter(
      ({ row, inhibitedBy }) =>
        row.labels.severity === 'critical' && !isResolvedAt(row, now) && inhibitedBy.length === 0,
    )
    .map(({ row, silencedBy }) => ({ row, by: silencedBy.filter((id) => !row.hiddenBy?.includes(id)) }))
    .filter(({ by }) => by.length > 0);

/** Writes into the rows of alerts, whatever is in them by now, which silences hide them. */
const remember = (project: string, hidden: readonly Hidden[]): Promise<void> =>
  untilWritten(async () => {
    const byFingerprint = new Map(hidden.map(({ row, by }) => [row.fingerprint, by]));
    const rows = await alerts.these(project, [...byFingerprint.keys()]);
    const known = rows.map((row): AlertRow => {
      const all = new Set([...(row.hiddenBy ?? []), ...(byFingerprint.get(row.fingerprint) ?? [])]);
      return { ...row, hiddenBy: [...all] };
    });
    await writeEach(known.map(alerts.writing));
  });

const tellOne = (held: Occurring, hidden: readonly AlertRow[], now: number): Promise<void> => {
  const { project, id } = held.silence;
  const notice = noticeOfHiding(held, hidden);
  // One word for each set of them, which have not been told of before.
  const labels = { alertname: SILENCE_HIDES_CRITICAL, silence: id, notice: notice.id };
  return tellOf(notice, { project, labels, at: new Date(now).toISOString() }, now);
};

/**
 * Tells people of alerts that are critical and that silences hide, once of each alert and silence, and writes down that they
 * know; a death in between says it again. What schedules and windows silence is meant to be, and not told.
 */
export const tellOfHidden = async (project: string, all: readonly Suppressed[], now: number): Promise<void> => {
  const hidden = hiddenAmong(all, now);
  for (const id of new Set(hidden.flatMap(({ by }) => by))) {
    const silence = await silences.find(project, id);
    const under = hidden.filter(({ by }) => by.includes(id)).map(({ row }) => row);
    if (silence) await tellOne(await occurringOne(silence, now), under, now);
  }
  if (hidden.length > 0) await remember(project, hidden);
};
