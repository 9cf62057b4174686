import * as z from 'zod';
import { ChannelName } from '../domain/alerts/channel-state.ts';
import { isAllowanceId } from '../domain/alerts/rate-limit.ts';
import { GroupDue, groupsDue } from '../runtime/alert-wakes.ts';
import { logger } from '../runtime/powertools.ts';
import { untilWritten } from '../runtime/until-written.ts';
import type { GroupAt } from '../store/alert-groups.ts';
import { handOut } from './hand-out.ts';
import { handOutUnsent } from './hand-out-unsent.ts';
import { Notice } from './notice.ts';
import { showGroup } from './show-group.ts';
import { tellDigest } from './tell-digest.ts';
import { tellGroup } from './tell-group.ts';

/** "Alert Group Due", "Channel Test" and "Channel Redeliver" of bus `novacron`. */
const Due = z.object({
  detail: z.union([
    GroupDue,
    z.object({ notice: Notice, to: z.array(ChannelName) }),
    z.object({ unsent: z.literal('again') }),
  ]),
});

/**
 * Tells the receivers of groups of alerts what they do not know yet, all at once, or one that was told enough of all groups that
 * wait for it; or shows what a person did in messages that are there, tells channels that they are tried, or gives them again what
 * they were away for too long for. One that fails keeps no other from being told of.
 * @throws what kept one, once all have ended: called again, it finds the others no longer due
 */
export const handler = async (event: unknown): Promise<void> => {
  const due = Due.parse(event).detail;
  if ('notice' in due) return handOut(due.notice, due.to);
  if ('unsent' in due) return handOutUnsent();
  const now = Date.now();
  const { project, alertGroupId, deed } = due;
  if (deed !== undefined) return showGroup({ project, id: alertGroupId }, deed, now);
  const tell = (at: GroupAt) => (isAllowanceId(at.id) ? tellDigest : tellGroup)(at, now);
  // Whoever came between has told of it, or has put another alert into it.
  const told = await Promise.allSettled(groupsDue(due).map((at) => untilWritten(() => tell(at))));
  const failed = told.filter((each) => each.status === 'rejected').map(({ reason }) => reason);
  for (const error of failed.slice(1)) logger.error('a group of alerts was not told of', { error });
  if (failed.length > 0) throw failed[0];
};
