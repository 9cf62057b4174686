import { isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { asHeard } from '../domain/alerts/alert-row.ts';
import { waysTo } from '../domain/alerts/channel-health.ts';
import { type HeardAlert, heardWhileFlapping } from '../domain/alerts/flapping.ts';
import { alertHash, alertsToSend } from '../domain/alerts/notify.ts';
import type { SlackBotSpec } from '../domain/alerts/routing-row.ts';
import type { SlackThread } from '../domain/alerts/slack-bot.ts';
import { logger } from '../runtime/powertools.ts';
import * as groups from '../store/alert-groups.ts';
import * as alerts from '../store/alerts.ts';
import { answerUrl } from './answer-url.ts';
import { threadOf } from './integrations.ts';
import { routeOfGroup } from './receive-alerts.ts';
import { refreshSlackBot } from './receivers/slack-bot.ts';
import { NotTold } from './receivers/webhook.ts';
import { type Routing, routingOf } from './routing.ts';

/** A message that is there, and the way by which it is changed. */
interface Shown {
  readonly key: string;
  readonly spec: SlackBotSpec;
  readonly thread: SlackThread;
}

const shownOf = ({ config }: Routing, group: AlertGroup): Shown[] => {
  const ways = waysTo(config.receivers.find(({ name }) => name === group.receiver));
  return ways.flatMap(({ key, spec }) => {
    if (spec.kind !== 'slack-bot') return [];
    const thread = threadOf(group, key);
    return thread ? [{ key, spec, thread }] : [];
  });
};

/** The alerts that a message is about as they are now: what its receiver was not told it does not learn so. */
const alertsIn = ({ key, spec }: Shown, { told }: AlertGroup, rows: readonly HeardAlert[], now: number) => {
  const { firing = [], resolved = [] } = told[key] ?? {};
  const known = new Set([...firing, ...resolved]);
  return alertsToSend(
    rows.filter((row) => known.has(alertHash(row))),
    now,
    spec.sendResolved,
  );
};

/** Changes one message; what was done is done, whether Slack takes it or not. */
const change = async (shown: Shown, group: AlertGroup, rows: readonly HeardAlert[], deed: string, now: number) => {
  const { key, spec, thread } = shown;
  const about = alertsIn(shown, group, rows, now);
  // That all of it is over is a word of its own, which comes in its time.
  if (about.every((row) => isResolvedAt(row, now))) return;
  const ackUrl = await answerUrl(group, key, about, now);
  try {
    await refreshSlackBot(spec, { key, group, alerts: about, at: now, ackUrl, thread }, deed);
  } catch (error) {
    if (!(error instanceof NotTold)) throw error;
    logger.warn('a message of Slack was not changed', { error, group: group.id });
  }
};

/** Shows what a person did about a group in the messages that are changed in place; nobody else hears of it. */
export const showGroup = async (at: groups.GroupAt, deed: string, now: number): Promise<void> => {
  const group = await groups.find(at);
  if (group === undefined) return;
  const [routing, read] = await Promise.all([routingOf(at.project), alerts.these(at.project, group.alerts)]);
  const route = routeOfGroup(routing, group, read);
  if (route === undefined) return;
  const rows = read.map((row) => heardWhileFlapping(asHeard(row), route.flapping, now));
  await Promise.all(shownOf(routing, group).map((shown) => change(shown, group, rows, deed, now)));
};
