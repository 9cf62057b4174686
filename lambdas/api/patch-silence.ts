import { changedSpec, type Occurring, SilenceChange, SilenceView } from '../domain/alerts/silence-view.ts';
import { assertUnchanged } from '../domain/asked.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { answered, changed, isOver, save, seen, silenceToChange } from './change-silence.ts';
import { assertComes, assertZone, referringTo, silenceSaid } from './check-silence.ts';
import { refused } from './check-targets.ts';
import { type Call, route } from './route.ts';
import { SilencePath } from './silence-path.ts';

const change = async (before: Occurring, asked: SilenceChange, call: Call): Promise<Occurring> => {
  const now = Date.parse(call.at);
  const spec = changedSpec(before.silence, asked);
  await assertZone(spec);
  const said = silenceSaid(spec, spec.startsAt ?? before.silence.startsAt, now);
  const after = await changed({ ...before.silence, ...said }, call);
  const refers = after.silence.window === before.silence.window ? [] : await referringTo(after.silence);
  assertComes(after, now);
  await save(before, after, call, refers);
  return after;
};

/** PATCH /v1/silences/{id} */
export const patchSilence = route({
  method: 'PATCH',
  path: '/v1/silences/{id}',
  action: 'patch-silence',
  summary: 'Change a silence: what it is about, until when it holds, when it recurs',
  access: 'operator',
  params: SilencePath,
  body: SilenceChange,
  answers: { 200: SilenceView },
  handler: ({ params: { id }, body }, call) =>
    untilWritten(async () => {
      const before = await seen(await silenceToChange(call, id), Date.parse(call.at));
      // This very request has done it before.
      if (call.earlier?.subject === id) return answered(before, call);
      assertUnchanged(before.silence, call);
      if (isOver(before, call)) throw refused('/endsAt', `the silence ended at ${before.silence.endsAt}; make another`);
      return answered(await change(before, body, call), call);
    }),
});
