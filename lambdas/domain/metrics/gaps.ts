import * as z from 'zod';
import { Instant } from '../ids.ts';
import { type DayOff, endOf, type TimeOff } from '../time-off.ts';
import type { Vm } from '../vm.ts';
import { VmState } from '../vm-state.ts';
import { currentMsOf, sourceOf } from './sources.ts';

/** A while in which nothing is measured of a VM, and why, as far as that is known. */
export const GapView = z.strictObject({
  from: Instant,
  to: Instant,
  /** Off because its schedule stopped it; the state in which it is now, and has been since; or nobody knows. */
  state: z.enum(['off-by-plan', ...VmState.options, 'no-data']),
  /** The schedule that stopped it. */
  because: z.string().optional(),
});
export type GapView = z.infer<typeof GapView>;

/** What gaps are found by. Times are epoch ms. */
export interface Known {
  readonly vm: Pick<Vm, 'state' | 'changedAt' | 'createdAt' | 'location' | 'id'>;
  readonly from: number;
  readonly to: number;
  /** When something is known from, each for a step. */
  readonly points: readonly number[];
  readonly stepMs: number;
  readonly daysOff: readonly Pick<DayOff, 'from' | 'until' | 'scheduleName'>[];
  /** It is off by a schedule still. */
  readonly off?: Pick<TimeOff, 'since' | 'unknownSince' | 'scheduleName'> | undefined;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly state: GapView['state'];
  readonly because?: string;
}

/** Hosts are measured each 15 s: less than this without a sample is none. */
const PATIENCE_MS = 60_000;

/** What of a time lies in none of these, ascending. */
const outside = <T extends Pick<Gap, 'from' | 'to'>>(whole: T, those: readonly Pick<Gap, 'from' | 'to'>[]): T[] => {
  const left: T[] = [];
  let at = whole.from;
  for (const { from, to } of those.toSorted((a, b) => a.from - b.from)) {
    if (from > at) left.push({ ...whole, from: at, to: Math.min(from, whole.to) });
    at = Math.max(at, to);
  }
  return [...left, { ...whole, from: at }].filter(({ from, to }) => from < to);
};

const plannedGaps = ({ daysOff, off, to }: Known): Gap[] => {
  const over = daysOff.map(({ from, until, scheduleName }) => ({
    from: Date.parse(from),
    to: Date.parse(until),
    because: `schedule ${scheduleName}`,
  }));
  const now = off && {
    from: Date.parse(off.since),
    to: Date.parse(endOf(off, new Date(to).toISOString())),
    because: `schedule ${off.scheduleName}`,
  };
  const joined: { from: number; to: number; because: string }[] = [];
  // Each day of UTC has its own row.
  for (const each of [...over, ...(now ? [now] : [])].toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && last.to >= each.from && last.because === each.because) last.to = Math.max(last.to, each.to);
    else joined.push({ ...each });
  }
  return joined.map((each) => ({ ...each, state: 'off-by-plan' as const }));
};

/** What of a VM that does not run is known by its state. */
const presentGap = ({ vm: { state, changedAt }, to }: Known): Gap[] =>
  state === 'running' ? [] : [{ from: Date.parse(changedAt), to, state }];

/** The times within the span of which nothing is known by any sample, if they are long. */
const silent = ({ vm, from, to, points, stepMs }: Known): Gap[] => {
  const source = sourceOf(vm);
  const patience = Math.max(PATIENCE_MS, 2 * stepMs, source === undefined ? 0 : currentMsOf(source));
  const begin = Math.max(from, Date.parse(vm.createdAt));
  const measured = points.map((at) => ({ from: at, to: at + stepMs }));
  const none: Gap = { from: begin, to, state: 'no-data' };
  return outside(none, measured).filter((gap) => gap.to - gap.from > patience);
};

/** Why nothing is measured, for each while in which that is so: by plan first, then the state of now, else nobody knows. */
export const gapsOf = (known: Known): GapView[] => {
  const planned = plannedGaps(known);
  const present = presentGap(known).flatMap((gap) => outside(gap, planned));
  const reasons = [...planned, ...present];
  const found = silent(known).flatMap((gap) => [
    ...reasons.flatMap((reason) => {
      const [from, to] = [Math.max(gap.from, reason.from), Math.min(gap.to, reason.to)];
      return from < to ? [{ ...reason, from, to }] : [];
    }),
    ...outside(gap, reasons).filter(({ from, to }) => to - from > PATIENCE_MS),
  ]);
  return found
    .toSorted((a, b) => a.from - b.from)
    .map((gap) => ({ ...gap, from: new Date(gap.from).toISOString(), to: new Date(gap.to).toISOString() }));
};
