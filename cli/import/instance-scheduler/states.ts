import type { Day } from '../../../lambdas/domain/civil-time.ts';
import type { Want } from '../../../lambdas/domain/schedule.ts';
import { isOn, type Recurrence } from './recurrence.ts';

/**
 * What a schedule of Instance Scheduler does, day by day (v3.2.8, `configuration/instance_schedule.py`,
 * `running_period.py` and `scheduling/scheduling_decision.py`): at each of its runs the schedule wants VMs running or
 * stopped, or does not mind, and it acts where that is another than at the run before.
 */

export type State = 'running' | 'any' | 'stopped';

/** A period: its days, and minutes of the day from and to which it runs. Without either it is all day. */
export interface Rule {
  readonly on: Recurrence;
  readonly begin?: number;
  readonly end?: number;
}

const DAY = 1440;

/** One sided it does not mind before its time: it starts at it, or stops at it, until midnight. */
const within = ({ begin, end }: Rule, minute: number): State => {
  if (begin !== undefined && end !== undefined) return begin <= minute && minute < end ? 'running' : 'stopped';
  if (end !== undefined) return minute >= end ? 'stopped' : 'any';
  return begin === undefined || minute >= begin ? 'running' : 'any';
};

/** The most that any period wants: running before any before stopped. */
const wanted = (rules: readonly Rule[], day: Day, minute: number): State => {
  const states = rules.map((rule) => (isOn(rule.on, day) ? within(rule, minute) : 'stopped'));
  if (states.includes('running')) return 'running';
  return states.includes('any') ? 'any' : 'stopped';
};

/** Three days of which the middle one is asked about. */
export type Around = readonly [before: Day, day: Day, after: Day];

/** What a schedule wants at a minute; of two periods a minute apart, that minute is running too. */
export const stateAt = (rules: readonly Rule[], [before, day, after]: Around, minute: number): State => {
  const state = wanted(rules, day, minute);
  if (state !== 'stopped' || rules.length < 2) return state;
  const earlier = minute === 0 ? wanted(rules, before, DAY - 1) : wanted(rules, day, minute - 1);
  const later = minute === DAY - 1 ? wanted(rules, after, 0) : wanted(rules, day, minute + 1);
  return earlier === 'running' && later === 'running' ? 'running' : 'stopped';
};

interface Stretch {
  readonly day: Day;
  readonly minute: number;
  readonly state: State;
  /** Whether a run falls into it. */
  readonly seen: boolean;
}

/** Where a state can become another. */
const edges = (rules: readonly Rule[]): number[] => {
  const all = rules.flatMap(({ begin = 0, end = 0 }) => [begin, end, end + 1]);
  return [...new Set([0, ...all])].filter((minute) => minute < DAY).toSorted((a, b) => a - b);
};

const stretchesOf = (rules: readonly Rule[], around: Around, interval: number): Stretch[] => {
  const from = edges(rules);
  return from.map((minute, index) => {
    const to = from[index + 1] ?? DAY;
    const seen = Math.ceil(minute / interval) * interval < to;
    return { day: around[1], minute, state: stateAt(rules, around, minute), seen };
  });
};

/** Stretches of one state that follow each other are one, seen where a part of it is. */
const joined = (stretches: readonly Stretch[]): Stretch[] => {
  const all: Stretch[] = [];
  for (const stretch of stretches) {
    const last = all.at(-1);
    if (last?.state === stretch.state) all[all.length - 1] = { ...last, seen: last.seen || stretch.seen };
    else all.push(stretch);
  }
  return all;
};

/** Something that a schedule does. */
export interface Action {
  readonly day: Day;
  readonly minute: number;
  readonly want: Want;
}

/**
 * What it does on these days, the first and the last of which are there for their neighbours alone. A pause into which no run
 * falls, at one each so many minutes, is none.
 */
export const actionsOn = (rules: readonly Rule[], days: readonly Day[], interval: number): Action[] => {
  const all = days.flatMap((day, index) => {
    const [before, after] = [days[index - 1], days[index + 1]];
    return before && after ? stretchesOf(rules, [before, day, after], interval) : [];
  });
  const lived = joined(all).filter(({ state, seen }) => state === 'running' || seen);
  return lived.flatMap(({ day, minute, state }, index): Action[] => {
    const last = lived[index - 1]?.state;
    if (last === undefined || last === state || state === 'any') return [];
    return [{ day, minute, want: state === 'running' ? 'up' : 'down' }];
  });
};
