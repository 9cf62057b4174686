import { silenceDerived } from '../alerting/derived-silences.ts';
import { occurringOne } from '../alerting/occurring.ts';
import { GettableSilence, gettableSilence } from '../domain/alerts/api-v2.ts';
import { asAlertmanagers } from '../domain/alerts/silence-view.ts';
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
    const made = await silences.find(by.project, id);
    const silence = made
      ? asAlertmanagers(await occurringOne(made, now))
      : (await silenceDerived(by.project, id, now))?.silence;
    return { status: 200, body: gettableSilence(silence ?? silences.notFound(id), now) };
  },
});
