import { doesRecur, occurrenceOf, timesOfItsOwn } from '../domain/alerts/occurrence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import type { Occurring } from '../domain/alerts/silence-view.ts';
import type { WindowTimes } from '../domain/window-times.ts';
import * as silences from '../store/silences.ts';
import * as windows from '../store/windows.ts';

/** The windows by which silences recur, by their ids. */
const windowsOf = async (project: string, rows: readonly SilenceRow[]): Promise<ReadonlyMap<string, windows.Timed>> => {
  const found = await windows.these(project, [...new Set(rows.flatMap(({ window }) => window ?? []))]);
  return new Map((await windows.timed(project, found)).map((window) => [window.id, window]));
};

/** Silences of a project as they hold at a moment, or will next, by what their windows are then. */
export const occurringAt = async (project: string, rows: readonly SilenceRow[], now: number): Promise<Occurring[]> => {
  if (!rows.some(doesRecur)) return rows.map((silence) => ({ silence, occurrence: silence }));
  const [byId, { openingAround }] = await Promise.all([windowsOf(project, rows), import('#zoned-times')]);
  return rows.map((silence) => {
    const times: WindowTimes | undefined = silence.times
      ? timesOfItsOwn(silence.times)
      : byId.get(silence.window ?? '');
    const openingAt = (at: number) => times && openingAround(times, at);
    return { silence, times, occurrence: occurrenceOf(silence, openingAt, now) };
  });
};

/** One of them. */
export const occurringOne = async (silence: SilenceRow, now: number): Promise<Occurring> => {
  const [one] = await occurringAt(silence.project, [silence], now);
  return one ?? { silence, occurrence: silence };
};

/** All that people have made in a project, as they hold at a moment or will next. */
export const silencesAt = async (project: string, now: number): Promise<Occurring[]> =>
  occurringAt(project, await silences.allOf(project), now);
