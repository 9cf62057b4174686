import { endOfDigests } from '../domain/alerts/digest.ts';
import { firesByDigestAlone } from '../domain/alerts/held-back.ts';
import { type Allowance, closingBegun, openNoMore, stillOpen } from '../domain/alerts/rate-limit.ts';
import * as groups from '../store/alert-groups.ts';
import * as allowances from '../store/allowances.ts';
import type { Integration } from './integrations.ts';
import { notTold } from './tell-group.ts';

/** Tells the end of what digests have opened. @returns the allowance after that */
const closed = async (allowance: Allowance, { tell }: Integration, now: number): Promise<Allowance> => {
  try {
    await tell(endOfDigests(allowance), [], now);
  } catch (error) {
    return stillOpen(allowance, now, notTold(error, now).againAt);
  }
  return openNoMore(allowance, now);
};

/**
 * Closes the incident that digests of a way have opened at its receiver, once nothing fires of which they alone have told: what has
 * had a word of its own since has an incident of its own. Whoever dies at this is followed by the next, and to close it twice is
 * harmless. @throws WriteConflict where somebody else is at it, or groups begin to wait
 */
export const closeIncident = async (
  before: Allowance,
  integration: Integration | undefined,
  now: number,
): Promise<void> => {
  if (integration === undefined) {
    await allowances.save(openNoMore(before, now));
    return;
  }
  const allowance = await allowances.save(closingBegun(before, now));
  const all = await groups.allOf(allowance.project);
  const isFiring = all.some((group) => firesByDigestAlone(group, allowance.key));
  await allowances.save(isFiring ? stillOpen(allowance, now) : await closed(allowance, integration, now));
};
