import * as z from 'zod';
import type { Collector } from '../domain/collection.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as plane from '../store/plane.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';

const Opened = z.strictObject({
  /** The table whose rows may be acted on from now on. */
  tableId: z.string().optional(),
  /** VMs whose leftovers may be taken, however many they are. */
  approved: z.array(z.string()),
});
type Opened = z.infer<typeof Opened>;

const open = async (call: Call): Promise<Opened> => {
  const before = await plane.findCollector();
  if (before === undefined) return { approved: [] };
  const approved = [...new Set([...before.approved, ...before.refused])];
  const after: Collector = { ...before, tableId: before.seenTableId, approved, refused: [] };
  const change = {
    before: { tableId: before.tableId, refused: before.refused.length },
    after: { tableId: after.tableId, approved },
  };
  await table.transact([plane.changingCollector(before, after), ...audited(call, change)]);
  return { tableId: after.tableId, approved };
};

/** POST /v1/findings/actions/unlock */
export const unlockCollection = route({
  method: 'POST',
  path: '/v1/findings/actions/unlock',
  action: 'unlock-collection',
  summary: 'Let the collector go on: after a restore of the table, or where it held back more than a run takes',
  access: 'system',
  answers: { 200: Opened.meta({ id: 'CollectionOpened' }) },
  handler: async (_, call) => ({ status: 200, body: await untilWritten(() => open(call)) }),
});
