import { silenceDerived } from '../alerting/derived-silences.ts';
import { derivedView, SilenceView } from '../domain/alerts/silence-view.ts';
import * as silences from '../store/silences.ts';
import { answered, seen } from './change-silence.ts';
import { route } from './route.ts';
import { SilencePath } from './silence-path.ts';

/** GET /v1/silences/{id} */
export const showSilence = route({
  method: 'GET',
  path: '/v1/silences/{id}',
  action: 'show-silence',
  summary: 'A silence: whether it holds now, and when next; also one that a schedule or a window makes',
  access: 'viewer',
  params: SilencePath,
  answers: { 200: SilenceView },
  handler: async ({ params: { id } }, call) => {
    const { project } = call.by;
    const now = Date.parse(call.at);
    const silence = await silences.find(project, id);
    if (silence) return answered(await seen(silence, now), call);
    const derived = (await silenceDerived(project, id, now)) ?? silences.notFound(id);
    return { status: 200, body: derivedView(derived.silence, project, derived.by, now) };
  },
});
