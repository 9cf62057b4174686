import * as z from 'zod';
import { silencesDerived } from '../alerting/derived-silences.ts';
import { silencesAt } from '../alerting/occurring.ts';
import type { Silence } from '../domain/alerts/silence.ts';
import { derivedView, SilenceView, silenceView } from '../domain/alerts/silence-view.ts';
import { FilterQuery, filtersIn } from './alertmanager-query.ts';
import { inOrder, isAsked } from './list-silences.ts';
import { route } from './route.ts';

/** A silence as it holds, and as it is shown. */
interface Shown {
  readonly holds: Silence;
  readonly view: SilenceView;
}

const shownIn = async (project: string, now: number): Promise<Shown[]> => {
  const [made, derived] = await Promise.all([silencesAt(project, now), silencesDerived(project, now)]);
  return [
    ...made.map((held) => ({ holds: held.occurrence, view: silenceView(held, now) })),
    // What keeps no VM quiet now is none for people.
    ...derived
      .filter(({ vms }) => vms > 0)
      .map(({ silence, by }) => ({ holds: silence, view: derivedView(silence, project, by, now) })),
  ];
};

/** GET /v1/silences */
export const listAllSilences = route({
  method: 'GET',
  path: '/v1/silences',
  action: 'list-all-silences',
  summary:
    'List the silences of the project, those of the last five days and those that schedules and windows make included',
  access: 'viewer',
  query: z.strictObject({ filter: FilterQuery }),
  answers: { 200: z.strictObject({ items: z.array(SilenceView) }) },
  handler: async (_, call) => {
    const now = Date.parse(call.at);
    const filters = filtersIn(call);
    const order = inOrder(now);
    const asked = (await shownIn(call.by.project, now)).filter(({ holds }) => isAsked(filters, holds));
    const items = asked.toSorted((a, b) => order(a.holds, b.holds)).map(({ view }) => view);
    return { status: 200, body: { items } };
  },
});
