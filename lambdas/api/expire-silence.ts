import { ended } from '../domain/alerts/silence.ts';
import { untilWritten } from '../runtime/until-written.ts';
import { changed, isOver, save, seen, silenceToChange } from './change-silence.ts';
import { route } from './route.ts';
import { SilencePath } from './silence-path.ts';

/** DELETE /api/v2/silence/{id} */
export const expireSilence = route({
  method: 'DELETE',
  path: '/api/v2/silence/{id}',
  action: 'expire-silence',
  summary: "End a silence now, for good; it stays in the list for five days (Alertmanager's API)",
  access: 'operator',
  params: SilencePath,
  answers: { 200: null },
  handler: ({ params: { id } }, call) =>
    untilWritten(async () => {
      const now = Date.parse(call.at);
      const before = await seen(await silenceToChange(call, id), now);
      // What is over already is ended by nobody a second time.
      if (isOver(before, call)) return { status: 200 };
      const after = await changed({ ...before.silence, ...ended(before.silence, now) }, call);
      await save(before, after, call);
      return { status: 200 };
    }),
});
