import * as z from 'zod';
import { silencesAt } from '../alerting/occurring.ts';
import { GettableSilence, gettableSilence } from '../domain/alerts/api-v2.ts';
import type { Matcher } from '../domain/alerts/matchers.ts';
import { matchesAll } from '../domain/alerts/matchers.ts';
import { type Silence, stateOf } from '../domain/alerts/silence.ts';
import { asAlertmanagers } from '../domain/alerts/silence-view.ts';
import { FilterQuery, filtersIn } from './alertmanager-query.ts';
import { route } from './route.ts';

/** The labels that a silence is about, as far as its matchers name them outright: so Alertmanager filters silences. */
const labelsOf = ({ matchers }: Silence): Record<string, string> =>
  Object.fromEntries(matchers.map(({ name, value }) => [name, value]));

/** Whether a silence is about what filters ask for. */
export const isAsked = (filters: readonly Matcher[], silence: Silence): boolean =>
  matchesAll(filters, labelsOf(silence));

const ORDER = ['active', 'pending', 'expired'];

/** Active ones first, the next to end before others; then those to come, the next to begin first; those that ended last. */
export const inOrder =
  (now: number) =>
  (a: Silence, b: Silence): number => {
    const [state, other] = [stateOf(a, now), stateOf(b, now)];
    if (state !== other) return ORDER.indexOf(state) - ORDER.indexOf(other);
    const [mine, its] = state === 'pending' ? [a.startsAt, b.startsAt] : [a.endsAt, b.endsAt];
    return (state === 'expired' ? -1 : 1) * (Date.parse(mine) - Date.parse(its));
  };

/** GET /api/v2/silences */
export const listSilences = route({
  method: 'GET',
  path: '/api/v2/silences',
  action: 'list-silences',
  summary: "List the project's silences, those of the last five days included (Alertmanager's API)",
  access: 'viewer',
  query: z.strictObject({ filter: FilterQuery }),
  answers: { 200: z.array(GettableSilence) },
  handler: async (_, call) => {
    const now = Date.parse(call.at);
    const filters = filtersIn(call);
    const all = (await silencesAt(call.by.project, now)).map(asAlertmanagers);
    const asked = all.filter((silence) => isAsked(filters, silence)).sort(inOrder(now));
    return { status: 200, body: asked.map((silence) => gettableSilence(silence, now)) };
  },
});
