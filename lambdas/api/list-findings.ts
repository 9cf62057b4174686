import * as z from 'zod';
import { AuditRun, type Collector, Plan, planOf } from '../domain/collection.ts';
import { Finding } from '../domain/invariants/kinds.ts';
import * as plane from '../store/plane.ts';
import { route } from './route.ts';

const Findings = z
  .strictObject({
    /** The last audit; absent before the first, which comes within the hour. */
    run: AuditRun.optional(),
    sound: z.boolean(),
    /** What the collector does next with what creates left that came to nothing. */
    collection: Plan,
    /** At most 500; `run.total` counts all. */
    items: z.array(Finding),
  })
  .meta({ id: 'Findings' });

const NEW: Collector = { tableId: '', seenTableId: '', refused: [], approved: [], version: 1 };

/** GET /v1/findings */
export const listFindings = route({
  method: 'GET',
  path: '/v1/findings',
  action: 'list-findings',
  summary: 'What the last audit of the installation found: where rows, EC2, hosts and disks do not agree',
  access: 'system',
  answers: { 200: Findings },
  handler: async () => {
    const [last, collector] = await Promise.all([plane.lastRun(), plane.findCollector()]);
    const { findings: items = [], leftovers = [] } = last ?? {};
    const run = last && { at: last.at, total: last.total, counts: last.counts, fleet: last.fleet };
    const collection = planOf(leftovers, last?.fleet ?? 0, collector ?? NEW);
    return { status: 200, body: { ...(run ? { run } : {}), sound: last?.total === 0, collection, items } };
  },
});
