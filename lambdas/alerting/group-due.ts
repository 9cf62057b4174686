import * as z from 'zod';
import { GroupDue } from '../runtime/alert-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { showGroup } from './show-group.ts';
import { tellGroup } from './tell-group.ts';

/** "Alert Group Due" of bus `novacron`. */
const Due = z.object({ detail: GroupDue });

/** Tells the receivers of a group of alerts what they do not know yet, or shows what a person did in messages that are there. */
export const handler = async (event: unknown): Promise<void> => {
  const { project, alertGroupId, deed } = Due.parse(event).detail;
  if (deed !== undefined) return showGroup({ project, id: alertGroupId }, deed, Date.now());
  // Whoever came between has told of it, or has put another alert into it.
  await untilWritten(() => tellGroup({ project, id: alertGroupId }, Date.now()));
};
