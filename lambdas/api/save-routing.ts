import * as z from 'zod';
import { MEANS } from '../alerting/means.ts';
import { CHANNELS, secretsOf } from '../alerting/routing.ts';
import type { RoutingRow } from '../domain/alerts/routing-row.ts';
import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { wake } from '../runtime/alert-wakes.ts';
import type { Read } from '../runtime/read-routing.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as groups from '../store/alert-groups.ts';
import * as projects from '../store/projects.ts';
import * as routings from '../store/routing.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, route } from './route.ts';
import { RoutingView, routingView } from './routing-view.ts';

/** A row of the table has 400 kB, and holds what the text comes to as well. */
const LONGEST_YAML = 100_000;

/** As the reader of configurations tells it: it is loaded by its name, so that no class of its own is known here. */
interface Troubled extends Error {
  readonly troubles: readonly { readonly line: number; readonly path: string; readonly text: string }[];
}

const isTroubled = (error: unknown): error is Troubled => error instanceof Error && 'troubles' in error;

/** @throws InvalidRequest, naming each place and its line */
const read = async (yaml: string, project: string): Promise<Read> => {
  const { readRouting } = await import('#read-routing');
  try {
    return readRouting(yaml, { channels: CHANNELS, means: MEANS, secrets: secretsOf(project) });
  } catch (error) {
    if (!isTroubled(error)) throw error;
    const errors = error.troubles.map(({ line, path, text }) => ({
      pointer: '/yaml',
      detail: `line ${line}${path === '' ? '' : `, ${path}`}: ${text}`.slice(0, 500),
    }));
    throw new Fault('InvalidRequest', `Alertmanager would not take this: ${errors[0]?.detail}.`, { errors });
  }
};

const save = ({ masked, ...read }: Read, call: Call): Promise<RoutingRow> =>
  untilWritten(async () => {
    const { project, id: by } = call.by;
    const before = await routings.find(project);
    const version = before?.version ?? 0;
    assertUnchanged({ id: 'The routing', version }, call);
    const row: RoutingRow = { project, yaml: masked, ...read, by, at: call.at, version };
    const after = table.next(row);
    const told = audited(call, { subject: 'routing', before: routingView(before), after: routingView(after) });
    await table.transact([routings.writing(row), ...projects.whileLive(project), ...told]);
    return after;
  });

/** Groups are made anew by the next look at each: their alerts go where they belong by now. */
const regroup = async (project: string, now: number): Promise<void> => {
  const all = await groups.allOf(project);
  await wake(
    all.filter(({ alerts }) => alerts.length > 0).map((group) => ({ group, at: now })),
    now,
  );
};

/** POST /v1/routes */
export const saveRouting = route({
  method: 'POST',
  path: '/v1/routes',
  action: 'save-routing',
  summary: "Put another routing in the place of the project's: Alertmanager's file as it is",
  access: 'operator',
  body: z.strictObject({ yaml: z.string().min(1).max(LONGEST_YAML) }),
  answers: { 200: RoutingView },
  handler: async ({ body }, call) => {
    const wanted = await read(body.yaml, call.by.project);
    const isDone = call.earlier?.subject !== undefined;
    const row = isDone ? await routings.find(call.by.project) : await save(wanted, call);
    await regroup(call.by.project, Date.parse(call.at));
    const view = routingView(row);
    return { status: 200, headers: { etag: etagOf(view) }, body: view };
  },
});
