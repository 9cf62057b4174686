import { acceptedEnds } from './accepted-ends.ts';
import { boundedWork } from './bounded-work.ts';
import { capacity } from './capacity.ts';
import { type Finding, keyOf } from './kinds.ts';
import { linearHistory } from './linear-history.ts';
import { noOrphans } from './no-orphans.ts';
import { onePlace } from './one-place.ts';
import { ownRows } from './own-rows.ts';
import { plannedRuns } from './planned-runs.ts';
import { rowsHeld } from './rows-held.ts';
import { stateTruth } from './state-truth.ts';
import { toldOnce } from './told-once.ts';
import { known, type World } from './world.ts';

/** I1 to I10, each a file. */
const RULES = [
  acceptedEnds,
  plannedRuns,
  onePlace,
  noOrphans,
  rowsHeld,
  stateTruth,
  linearHistory,
  toldOnce,
  capacity,
  boundedWork,
  ownRows,
];

/** Everything that is not as the invariants say. It lists; nothing is changed by it, and nothing deleted. */
export const findingsOf = (world: World): Finding[] => {
  const all = known(world);
  return RULES.flatMap((rule) => rule(all));
};

/** What two looks at the same world agree on: what was only under way at the first is not so at the second. */
export const confirmed = (first: readonly Finding[], second: readonly Finding[]): Finding[] => {
  const seen = new Set(first.map(keyOf));
  return second.filter((finding) => seen.has(keyOf(finding)));
};
