import * as z from 'zod';
import { type Routing, routingOf } from '../alerting/routing.ts';
import { suppressionsAt } from '../alerting/suppression.ts';
import { channelHealth } from '../domain/alerts/channel-health.ts';
import { LabelName, withoutEmpty } from '../domain/alerts/labels.ts';
import { matchersText, matcherText } from '../domain/alerts/matchers.ts';
import { explain, groupKeyOf, groupLabelsOf } from '../domain/alerts/route-tree.ts';
import { Instant } from '../domain/ids.ts';
import { PlainOrEmptyText } from '../domain/plain-text.ts';
import * as groups from '../store/alert-groups.ts';
import { route } from './route.ts';

const Explained = z
  .strictObject({
    receivers: z.array(z.string()),
    /** What would keep it from being told now: ids of silences, fingerprints of alerts, and schedules by which its VM is off. */
    silencedBy: z.array(z.string()),
    inhibitedBy: z.array(z.string()),
    mutedBy: z.array(z.string()),
    /** Which ways to these receivers have been told enough for now, and hear by a digest: since when, and of how many groups. */
    heldBack: z.array(
      z.strictObject({ receiver: z.string(), way: z.string(), groups: z.number().int(), since: Instant }),
    ),
    routes: z.array(
      z.strictObject({
        /** Its place in the tree: `0.2` is the third below the root. */
        route: z.string(),
        matchers: z.string(),
        receiver: z.string(),
        answer: z.enum(['receives', 'passes-on', 'refuses', 'not-asked']),
        refusedBy: z.array(z.string()),
        groupKey: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'ExplainedRouting' });
type HeldBack = z.infer<typeof Explained>['heldBack'][number];

/** Of these receivers' ways, those that are held back now; nothing is read where none has a limit. */
const heldBackOf = async ({ project, config }: Routing, names: readonly string[]): Promise<HeldBack[]> => {
  const receivers = config.receivers.filter(({ name }) => names.includes(name));
  if (!receivers.some(({ integrations }) => integrations.some(({ rateLimit }) => rateLimit))) return [];
  return channelHealth({ receivers }, [], await groups.allOf(project)).flatMap(({ receiver, way, held }) =>
    held ? [{ receiver, way, ...held }] : [],
  );
};

/** POST /v1/routes/actions/test */
export const testRouting = route({
  method: 'POST',
  path: '/v1/routes/actions/test',
  action: 'test-routing',
  summary: 'Tell which receivers an alert with these labels goes to, and why',
  access: 'viewer',
  body: z.strictObject({ labels: z.record(LabelName, PlainOrEmptyText(4096)) }),
  answers: { 200: Explained },
  handler: async ({ body }, { by, at }) => {
    const labels = withoutEmpty(body.labels);
    const routing = await routingOf(by.project);
    const asked = explain(routing.tree, labels);
    const alert = { labels };
    const suppressed = (await suppressionsAt(routing, [alert], Date.parse(at)))(alert);
    const routes = asked.map(({ route: node, answer, refusedBy }) => ({
      route: node.id,
      matchers: matchersText(node.matchers),
      receiver: node.receiver,
      answer,
      refusedBy: refusedBy.map(matcherText),
      ...(answer === 'receives' ? { groupKey: groupKeyOf(node, groupLabelsOf(node, labels)) } : {}),
    }));
    const receivers = routes.filter(({ answer }) => answer === 'receives').map(({ receiver }) => receiver);
    const heldBack = await heldBackOf(routing, receivers);
    return { status: 200, body: { receivers: [...new Set(receivers)], ...suppressed, heldBack, routes } };
  },
});
