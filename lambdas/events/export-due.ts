import { NotTold } from '../alerting/receivers/webhook.ts';
import { Fault } from '../domain/faults.ts';
import { RemoteWrite } from '../domain/metrics/remote-write.ts';
import { beginOf } from '../domain/metrics/retention.ts';
import { env, json } from '../runtime/env.ts';
import { logger, measure } from '../runtime/powertools.ts';
import * as states from '../store/export-states.ts';
import type { Kept } from '../store/kept-states.ts';
import { lookAround, tellNow } from './export-now.ts';
import { type Run, tellSources } from './export-sources.ts';
import { type RemoteStore, remoteStore } from './remote-store.ts';

const { REMOTE_WRITE } = env({ REMOTE_WRITE: json(RemoteWrite) });

const MINUTE_MS = 60_000;
/** How long a run goes on: another one begins a minute after it. */
const RUN_MS = 40_000;
/** For so long no other run begins, should this one die. */
const HELD_MS = MINUTE_MS;
/** A store that is away is asked again at the next minute, the second one, then at each fifth. */
const WAITS_MS = [1, 2, 5].map((minutes) => (minutes - 0.5) * MINUTE_MS);

/** How it goes with the store. Times are epoch ms. */
interface Going {
  /** Until when a run is at work. */
  readonly heldUntil: number;
  /** Until when the store is left alone. */
  readonly notBefore: number;
  /** In a row. */
  readonly failures: number;
}
const RESTING: Going = { heldUntil: 0, notBefore: 0, failures: 0 };

/** Tells the store all that it has not been told. @throws NotTold where it is away */
const tellAll = async (store: RemoteStore, now: number, run: Run): Promise<void> => {
  const until = Date.now() + RUN_MS;
  const around = await lookAround(now);
  const subjects = new Map(around.all.map(({ subject }) => [subject.id, subject]));
  const context = { store, subjects, run, isOver: () => Date.now() > until };
  await tellSources(context, around.sources, now);
  // What is so now would make all that is behind too old.
  if (run.behind === undefined) await tellNow(context, around, now);
};

const waiting = ({ failures }: Going, { afterMs = 0 }: NotTold, now: number): Going => {
  const wait = WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 0;
  return { heldUntil: 0, failures: failures + 1, notBefore: now + Math.max(wait, afterMs) };
};

/** Begins a run. @returns undefined where another one is at work, or the store is left alone */
const begun = async (now: number): Promise<{ held: Kept<Going>; before: Going } | undefined> => {
  const kept = await states.get('going', RESTING, now);
  const { state: before } = kept;
  if (before.heldUntil > now || before.notBefore > now) return undefined;
  try {
    return { before, held: await states.swap(kept, { ...before, heldUntil: now + HELD_MS }, now) };
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return undefined;
    throw error;
  }
};

/**
 * Tells a store outside what has been measured since it was told last: at least once, each series in the order of time. A store that
 * is away is told later, for as long as batches are kept. @returns undefined where another run is at work, or the store is left alone
 */
export const exportDue = async (store: RemoteStore, now: number): Promise<Run | undefined> => {
  const begin = await begun(now);
  if (begin === undefined) return undefined;
  const run: Run = { sent: 0, dropped: 0 };
  let after = RESTING;
  try {
    await tellAll(store, now, run);
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    after = waiting(begin.before, error, now);
    logger.warn('the store of metrics does not take samples', { error, failures: after.failures });
  }
  await states.swap(begin.held, after, now);
  return run;
};

const secondsBehind = ({ behind }: Run, now: number): number =>
  behind === undefined ? 0 : Math.round((now - beginOf(behind)) / 1000);

/** "Rules Due" of bus `novacron`, each minute while something is measured. */
export const handler = async (): Promise<void> => {
  const now = Date.now();
  const run = await exportDue(remoteStore(REMOTE_WRITE), now);
  if (run === undefined) return;
  const { sent, dropped } = run;
  measure({ RemoteWriteSamples: sent, RemoteWriteDropped: dropped, RemoteWriteBehindSeconds: secondsBehind(run, now) });
};
