import { showDeed } from '../alerting/show-deed.ts';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import { type AlertRow, isAcknowledgedAt } from '../domain/alerts/alert-row.ts';
import { type Answerable, answerableBy, isTheOne } from '../domain/alerts/answer-token.ts';
import { isAllowanceId } from '../domain/alerts/rate-limit.ts';
import { Fault } from '../domain/faults.ts';
import { atMost } from '../runtime/chunks.ts';
import * as alerts from '../store/alerts.ts';
import * as digests from '../store/digests.ts';
import * as projects from '../store/projects.ts';
import { signingSecret } from '../store/secrets.ts';
import { acknowledging, changeAlert, saidOf } from './change-alert.ts';
import type { Call } from './route.ts';

/** Why a token is good for nothing: it is none of ours, its day is over, or nothing of what it names fires. */
export type Refusal = 'not-ours' | 'expired' | 'over';

/** What a token names, and those of its alerts that fire still. */
export interface Asked {
  readonly answerable: Answerable;
  readonly rows: readonly AlertRow[];
}

const firingOf = async ({ project, alerts: named }: Answerable, now: number): Promise<AlertRow[]> => {
  if ((await projects.find(project)) === undefined) return [];
  const rows = await alerts.these(
    project,
    named.map(({ fingerprint }) => fingerprint),
  );
  const byFingerprint = new Map(rows.map((row) => [row.fingerprint, row]));
  return named.flatMap((each) => {
    const row = byFingerprint.get(each.fingerprint);
    return row && !row.pending && !isResolvedAt(row, now) && isTheOne(row, each) ? [row] : [];
  });
};

/** All that it is good for: of a digest what a token had no room for, too. */
const wholeOf = async (answerable: Answerable): Promise<Answerable> => {
  const { project, group, more } = answerable;
  const named = more > 0 && isAllowanceId(group) ? await digests.find(project, group) : undefined;
  return named ? { ...answerable, alerts: named.alerts, more: named.more } : answerable;
};

/** What a token asks for now. One that is none of ours is refused before anything is looked up. */
export const askedBy = async (token: string, now: number): Promise<Asked | Refusal> => {
  const said = answerableBy(token, await signingSecret('answer'));
  if (said === undefined) return 'not-ours';
  if (said.expiresAt <= now) return 'expired';
  const answerable = await wholeOf(said);
  const rows = await firingOf(answerable, now);
  return rows.length === 0 ? 'over' : { answerable, rows };
};

/** One that is over by now needs nobody. */
const unlessOver = async <T>(change: Promise<T>): Promise<T | undefined> => {
  try {
    return await change;
  } catch (error) {
    if (error instanceof Fault && error.name === 'AlertNotFound') return undefined;
    throw error;
  }
};

/** Rows that are changed at once. */
const AT_ONCE = 16;

/**
 * Takes on what fires of it and nobody has taken on: another time it changes nothing. `call` is in the project of the token, by
 * whoever answers. Those who were told of it see that.
 */
export const takeOn = async ({ rows }: Asked, call: Call, until: string | undefined): Promise<void> => {
  const { by, at } = call;
  const deed = acknowledging({ by: by.name, at, ...(until ? { until } : {}) });
  const taken: AlertRow[] = [];
  await atMost(AT_ONCE, rows, async ({ fingerprint, startsAt }) => {
    const isCalledFor = (row: AlertRow) => row.startsAt <= startsAt && !isAcknowledgedAt(row, Date.parse(at));
    const changed = await unlessOver(changeAlert(fingerprint, call, { ...deed, isCalledFor }));
    if (changed?.isNew) taken.push(changed.row);
  });
  if (taken.length > 0) await showDeed(by.project, taken, saidOf(deed));
};
