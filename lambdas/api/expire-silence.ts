import { gettableSilence } from '../domain/alerts/api-v2.ts';
import { ended } from '../domain/alerts/silence.ts';
import { untilWritten } from '../runtime/until-written.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { route } from './route.ts';
import { SilencePath } from './silence-path.ts';

/** DELETE /api/v2/silence/{id} */
export const expireSilence = route({
  method: 'DELETE',
  path: '/api/v2/silence/{id}',
  action: 'expire-silence',
  summary: "End a silence now; it stays in the list for five days (Alertmanager's API)",
  access: 'operator',
  params: SilencePath,
  answers: { 200: null },
  handler: ({ params: { id } }, call) =>
    untilWritten(async () => {
      const now = Date.parse(call.at);
      const before = await silences.get(call.by.project, id);
      const after = ended(before, now);
      // What is over already is ended by nobody a second time.
      if (after === before) return { status: 200 };
      const told = audited(call, {
        subject: id,
        before: gettableSilence(before, now),
        after: gettableSilence(after, now),
      });
      await table.transact([silences.swapping(table.next({ ...before, ...after })), ...told]);
      return { status: 200 };
    }),
});
