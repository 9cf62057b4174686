import * as z from 'zod';
import { doesRecur } from '../domain/alerts/occurrence.ts';
import { ended, stateOf } from '../domain/alerts/silence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { type Occurring, SilenceView } from '../domain/alerts/silence-view.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { answered, changed, isOver, save, seen, silenceToChange } from './change-silence.ts';
import { refused } from './check-targets.ts';
import { type Call, route } from './route.ts';
import { SilencePath } from './silence-path.ts';

/** It without the occurrence that holds now or is next. @throws InvalidRequest where there is none */
const skipped = ({ silence, occurrence }: Occurring, { at }: Call): SilenceRow => {
  if (!doesRecur(silence)) throw refused('/occurrence', 'the silence does not recur');
  if (stateOf(occurrence, Date.parse(at)) === 'expired') throw refused('/occurrence', 'nothing of it is to come');
  return { ...silence, skippedUntil: occurrence.endsAt };
};

/** POST /v1/silences/{id}/actions/expire */
export const endSilence = route({
  method: 'POST',
  path: '/v1/silences/{id}/actions/expire',
  action: 'end-silence',
  summary: 'End a silence now, for good; or only, of one that recurs, the occurrence that holds now or is next',
  access: 'operator',
  params: SilencePath,
  body: z.strictObject({ occurrence: z.boolean().default(false) }),
  answers: { 200: SilenceView },
  handler: ({ params: { id }, body: { occurrence } }, call) =>
    untilWritten(async () => {
      const now = Date.parse(call.at);
      const before = await seen(await silenceToChange(call, id), now);
      // What is over is ended by nobody a second time, and neither by this very request.
      if (isOver(before, call) || call.earlier?.subject === id) return answered(before, call);
      const without = occurrence ? skipped(before, call) : { ...before.silence, ...ended(before.silence, now) };
      const after = await changed(without, call);
      await save(before, after, call);
      return answered(after, call);
    }),
});
