import * as z from 'zod';
import { GroupDue } from '../runtime/alert-wakes.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { tellGroup } from './tell-group.ts';

/** "Alert Group Due" of bus `novacron`. */
const Due = z.object({ detail: GroupDue });

/** Tells the receivers of a group of alerts what they do not know yet. */
export const handler = async (event: unknown): Promise<void> => {
  const { project, alertGroupId } = Due.parse(event).detail;
  // Whoever came between has told of it, or has put another alert into it.
  await untilWritten(() => tellGroup({ project, id: alertGroupId }, Date.now()));
};
