import { createHash } from 'node:crypto';
import { type Matcher, newMatcher } from './matchers.ts';

/** What silences that schedules and windows make have in common. */

/** The id under which one silences, the same at all times: Alertmanager's silences have UUIDs. */
export const silenceIdOf = (makerId: string): string => {
  const hex = createHash('sha256').update(`silence of ${makerId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};

/** A matcher names so many of its VMs, and its comment counts them. */
const NAMED = 50;

/** The VMs that it keeps quiet, for people: what is quiet is not looked up by it. */
export const namedVms = (vms: readonly string[]): Matcher =>
  newMatcher('vm', '=~', vms.toSorted().slice(0, NAMED).join('|'));
