import { silenceDerived } from '../alerting/silence-of-schedule.ts';
import { GettableSilence, gettableSilence } from '../domain/alerts/api-v2.ts';
import * as silences from '../store/silences.ts';
import { route } from './route.ts';
import { SilencePath } from './silence-path.ts';

/** GET /api/v2/silence/{id} */
export const getSilence = route({
  method: 'GET',
  path: '/api/v2/silence/{id}',
  action: 'get-silence',
  summary: "Show a silence (Alertmanager's API)",
  access: 'viewer',
  params: SilencePath,
  answers: { 200: GettableSilence },
  handler: async ({ params: { id } }, { by, at }) => {
    const now = Date.parse(at);
    const silence = (await silences.find(by.project, id)) ?? (await silenceDerived(by.project, id, now));
    return { status: 200, body: gettableSilence(silence ?? silences.notFound(id), now) };
  },
});
