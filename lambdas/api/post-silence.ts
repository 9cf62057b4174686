import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { gettableSilence, matcherOf, PostableSilence } from '../domain/alerts/api-v2.ts';
import { byMatcher } from '../domain/alerts/matchers.ts';
import { doesRecur } from '../domain/alerts/occurrence.ts';
import { watched } from '../domain/alerts/reminder.ts';
import { ended, isChangeable, type Silence, silenceRefusal, stateOf } from '../domain/alerts/silence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { Fault } from '../domain/faults.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as projects from '../store/projects.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { silenceToChange } from './change-silence.ts';
import { type Call, route } from './route.ts';

const refused = (pointer: string, detail: string): Fault =>
  new Fault('InvalidRequest', `The silence is not valid: ${detail}.`, { errors: [{ pointer, detail }] });

/** Alertmanager's API knows one stretch of a silence, and would take the others away. */
const recurs = (id: string): Fault =>
  new Fault('SilenceRecurs', `Silence ${id} recurs: novacron silence update ${id}, or silence expire, changes it.`);

const instant = (at: string): string => new Date(at).toISOString();

/** As it was sent, and judged as Alertmanager does. @throws InvalidRequest */
const silenceOf = (posted: PostableSilence, now: number): Silence => {
  const silence: Silence = {
    id: posted.id ?? '',
    matchers: posted.matchers.map(matcherOf).sort(byMatcher),
    startsAt: instant(posted.startsAt),
    endsAt: instant(posted.endsAt),
    updatedAt: new Date(now).toISOString(),
    createdBy: posted.createdBy,
    comment: posted.comment,
  };
  if (silence.endsAt <= silence.startsAt) throw refused('/endsAt', 'start time must be before end time');
  if (Date.parse(silence.endsAt) < now) throw refused('/endsAt', "end time can't be in the past");
  const refusal = silenceRefusal(silence);
  if (refusal !== undefined) throw refused('/matchers', refusal);
  return silence;
};

/** A silence that is begun now begins now, whatever was said of the past. */
const begun = (silence: Silence, project: string, now: number): SilenceRow => ({
  ...silence,
  id: randomUUID(),
  startsAt: new Date(Math.max(Date.parse(silence.startsAt), now)).toISOString(),
  project,
  version: 1,
});

/** What is written, and the silence that holds then: the same one changed, or a new one in the place of one that is ended. */
const writesFor = (before: SilenceRow | undefined, silence: Silence, call: Call) => {
  const now = Date.parse(call.at);
  const looked = (row: SilenceRow): SilenceRow => watched(row, row, now);
  if (before && isChangeable(before, silence, now)) {
    const after = looked(table.next({ ...before, ...silence }));
    return { after, writes: [silences.swapping(after)] };
  }
  const after = looked(begun(silence, call.by.project, now));
  const isOver = before === undefined || stateOf(before, now) === 'expired';
  const ending = isOver ? [] : [silences.swapping(looked(table.next({ ...before, ...ended(before, now) })))];
  return { after, writes: [...ending, silences.inserting(after)] };
};

const save = (posted: PostableSilence, call: Call): Promise<string> =>
  untilWritten(async () => {
    const now = Date.parse(call.at);
    const silence = silenceOf(posted, now);
    const before = silence.id === '' ? undefined : await silenceToChange(call, silence.id);
    if (before && doesRecur(before)) throw recurs(before.id);
    const { after, writes } = writesFor(before, silence, call);
    const told = audited(call, {
      subject: after.id,
      ...(before ? { before: gettableSilence(before, now) } : {}),
      after: gettableSilence(after, now),
    });
    await table.transact([...writes, ...projects.whileLive(call.by.project), ...told]);
    return after.id;
  });

/** POST /api/v2/silences */
export const postSilence = route({
  method: 'POST',
  path: '/api/v2/silences',
  action: 'post-silence',
  summary: "Silence alerts with these labels, or change a silence by its id (Alertmanager's API)",
  access: 'operator',
  body: PostableSilence,
  answers: { 200: z.strictObject({ silenceID: z.string() }) },
  handler: async ({ body }, call) => ({
    status: 200,
    body: { silenceID: call.earlier?.subject ?? (await save(body, call)) },
  }),
});
