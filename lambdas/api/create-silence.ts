import { randomUUID } from 'node:crypto';
import { type Occurring, SilenceSpec, SilenceView, silenceView } from '../domain/alerts/silence-view.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as projects from '../store/projects.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { answered, seen } from './change-silence.ts';
import { assertComes, assertZone, referringTo, silenceSaid } from './check-silence.ts';
import { type Call, route } from './route.ts';

const make = (spec: SilenceSpec, call: Call): Promise<Occurring> =>
  untilWritten(async () => {
    const { at, by } = call;
    const { project } = by;
    const now = Date.parse(at);
    // One that was to begin in the past begins now, as in Alertmanager.
    const startsAt = spec.startsAt !== undefined && spec.startsAt > at ? spec.startsAt : at;
    await assertZone(spec);
    const said = silenceSaid(spec, startsAt, now);
    const row = { ...said, id: randomUUID(), createdBy: by.name, updatedAt: at, project, version: 1 };
    const held = await seen(row, now);
    const refers = await referringTo(row);
    assertComes(held, now);
    const told = audited(call, { subject: row.id, after: silenceView(held, now) });
    await table.transact([silences.inserting(held.silence), ...projects.whileLive(project), ...refers, ...told]);
    return held;
  });

/** POST /v1/silences */
export const createSilence = route({
  method: 'POST',
  path: '/v1/silences',
  action: 'create-silence',
  summary: 'Silence alerts with these labels, once, or again and again: while a window is open, or by times of its own',
  access: 'operator',
  body: SilenceSpec,
  answers: { 201: SilenceView },
  handler: async ({ body }, call) => {
    const before = call.earlier?.subject;
    const held =
      before === undefined
        ? await make(body, call)
        : await seen(await silences.get(call.by.project, before), Date.parse(call.at));
    return answered(held, call, 201);
  },
});
