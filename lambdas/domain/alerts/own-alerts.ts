import { type Alert, isResolvedAt } from './alert.ts';
import type { AlertRow } from './alert-row.ts';
import type { Condition } from './condition.ts';
import { historyAfter } from './history.ts';
import { fingerprintOf } from './labels.ts';

/** What becomes of the plane's own alerts by what is so: they are held open, and ended where it is so no more. */

/** A held alert is looked at each minute: it ends by itself only where nobody has looked for so long. */
const HELD_MS = 7 * 86_400_000;

const heldUntil = (now: number): string => new Date(now + HELD_MS).toISOString();

/** What an alert is while what it is about is so. */
export const heldOpen = ({ labels, annotations, since }: Omit<Condition, 'verdict'>, now: number): Alert => ({
  labels,
  annotations,
  startsAt: since,
  endsAt: heldUntil(now),
  generatorURL: '',
  updatedAt: new Date(now).toISOString(),
  timeout: false,
});

/** Whether an own alert is to be looked at still: one that was ended is not. */
export const isOpen = ({ own, endsAt, updatedAt }: Pick<AlertRow, 'own' | 'endsAt' | 'updatedAt'>): boolean =>
  own !== undefined && !isResolvedAt({ endsAt }, Date.parse(updatedAt));

/** An alert that is over now, or was before: nobody looks at it any more. */
const ended = (row: AlertRow, now: number): AlertRow => {
  if (!isOpen(row)) return row;
  const { pending: _, ...rest } = row;
  const at = new Date(now).toISOString();
  if (isResolvedAt(row, now)) return { ...rest, updatedAt: at };
  return { ...rest, startsAt: row.startsAt < at ? row.startsAt : at, endsAt: at, updatedAt: at };
};

const isSameText = (a: Alert, b: Alert): boolean => JSON.stringify(a.annotations) === JSON.stringify(b.annotations);

type Of = Pick<AlertRow, 'project' | 'inhibits'> & { readonly own: NonNullable<AlertRow['own']> };

/** Whether what holds is still to wait before people are told, or nobody ever is. */
const isPending = ({ firesAt, isUntold }: Condition, now: number): boolean =>
  isUntold === true || (firesAt !== undefined && Date.parse(firesAt) > now);

const begun = (condition: Condition, known: AlertRow | undefined, of: Of, now: number): AlertRow => ({
  ...heldOpen(condition, now),
  fingerprint: fingerprintOf(condition.labels),
  ...of,
  ...(isPending(condition, now) ? { pending: true } : {}),
  ...(known?.history ? { history: known.history } : {}),
  ...(known?.hiddenBy ? { hiddenBy: known.hiddenBy } : {}),
  version: known?.version ?? 0,
});

const goneOn = (condition: Condition, known: AlertRow, now: number): AlertRow => {
  const wasPending = known.pending === true;
  // What has fired goes on, though it may have begun anew meanwhile, unless nobody is to hear of it any more.
  const isQuiet = condition.isUntold === true || (wasPending && isPending(condition, now));
  const isOld = Date.parse(known.endsAt) - now < HELD_MS / 2;
  const after = heldOpen({ ...condition, since: known.startsAt }, now);
  if (isQuiet === wasPending && !isOld && isSameText(known, after)) return known;
  const { pending: _, ...rest } = known;
  return { ...rest, ...after, ...(isQuiet ? { pending: true } : {}) };
};

/** What one of them is now; the very same row where nothing is new, and nothing where there is none and need be none. */
const after = (condition: Condition, known: AlertRow | undefined, of: Of, now: number): AlertRow | undefined => {
  if (condition.verdict === 'unknown') return known;
  if (condition.verdict === 'over') return known && ended(known, now);
  const isFiring = known?.own !== undefined && !isResolvedAt(known, now);
  return isFiring ? goneOn(condition, known, now) : begun(condition, known, of, now);
};

/**
 * The alerts of one subject in one project by what is so now, from those that are known: what holds is begun or goes on, what is
 * over is ended, and so is what is called otherwise by now. The very same rows stand for those to which nothing has happened.
 */
export const afterConditions = (
  conditions: readonly Condition[],
  known: readonly AlertRow[],
  of: (condition: Condition) => Of,
  now: number,
): AlertRow[] => {
  const byFingerprint = new Map(known.map((row) => [row.fingerprint, row]));
  const judged = new Map(conditions.map((condition) => [fingerprintOf(condition.labels), condition]));
  const kept = new Set(conditions.filter(({ verdict }) => verdict === 'unknown').map(({ labels }) => labels.alertname));
  const strange = known.filter((row) => !judged.has(row.fingerprint) && isOpen(row));
  const rows = [
    ...[...judged].flatMap(([key, condition]) => after(condition, byFingerprint.get(key), of(condition), now) ?? []),
    ...strange.map((row) => (kept.has(row.labels.alertname ?? '') ? row : ended(row, now))),
  ];
  return rows.map((row) => {
    const before = byFingerprint.get(row.fingerprint);
    return row === before ? row : { ...row, history: historyAfter(before, row, now) };
  });
};

/** What is known of alerts that were raised by what happened: they stay as they are, but for those that this says are over. */
export const asConditions = (known: readonly AlertRow[], isOver: (row: AlertRow) => boolean): Condition[] =>
  known.map((row) => ({
    labels: { ...row.labels, alertname: row.labels.alertname ?? '' },
    verdict: isOver(row) ? 'over' : 'unknown',
    since: row.startsAt,
    annotations: row.annotations,
  }));
