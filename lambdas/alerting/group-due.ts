import * as z from 'zod';
import { isAllowanceId } from '../domain/alerts/rate-limit.ts';
import { GroupDue } from '../runtime/alert-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { showGroup } from './show-group.ts';
import { tellDigest } from './tell-digest.ts';
import { tellGroup } from './tell-group.ts';

/** "Alert Group Due" of bus `novacron`. */
const Due = z.object({ detail: GroupDue });

/**
 * Tells the receivers of a group of alerts what they do not know yet, or one that was told enough of all groups that wait for
 * it; or shows what a person did in messages that are there.
 */
export const handler = async (event: unknown): Promise<void> => {
  const { project, alertGroupId: id, deed } = Due.parse(event).detail;
  if (deed !== undefined) return showGroup({ project, id }, deed, Date.now());
  const tell = isAllowanceId(id) ? tellDigest : tellGroup;
  // Whoever came between has told of it, or has put another alert into it.
  await untilWritten(() => tell({ project, id }, Date.now()));
};
