import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { waysTo } from '../domain/alerts/channel-health.ts';
import type { HeardAlert } from '../domain/alerts/flapping.ts';
import type { RateLimit } from '../domain/alerts/rate-limit.ts';
import { type IntegrationSpec, isChannel } from '../domain/alerts/routing-row.ts';
import type { SlackThread } from '../domain/alerts/slack-bot.ts';
import { answerUrl } from './answer-url.ts';
import { handOut } from './hand-out.ts';
import { noticeOfGroup } from './notice-of-group.ts';
import { type Taken, tellInTexts } from './receivers/texts.ts';
import type { Routing } from './routing.ts';

/** One way in which a receiver hears of groups. */
export interface Integration {
  /** What it is remembered by in a group's row. */
  readonly key: string;
  /** Whether it hears of what is over. */
  readonly sendResolved: boolean;
  /** Whether a word opens an incident there, which stays open until its end is told. */
  readonly opensIncidents: boolean;
  /** What it takes in a time; all, where it is undefined. */
  readonly limit: RateLimit | undefined;
  /** Tells it of these alerts of a group, in order. @returns what came of it @throws where it did not take them */
  readonly tell: (group: AlertGroup, alerts: readonly HeardAlert[], now: number) => Promise<Taken>;
}

const OPENS_INCIDENTS: ReadonlySet<string> = new Set<IntegrationSpec['kind']>(['pagerduty', 'opsgenie']);

/** The message that goes on; what has been over since is told by another. */
export const threadOf = ({ told }: AlertGroup, key: string): SlackThread | undefined => {
  const { firing = [], thread } = told[key] ?? {};
  return firing.length > 0 ? thread : undefined;
};

/** All ways in which a receiver of a routing hears of groups; none where it has none, or is none. */
export const integrationsOf = ({ config }: Routing, receiver: string): Integration[] => {
  const ways = waysTo(config.receivers.find(({ name }) => name === receiver));
  return ways.map(({ key, spec }) => ({
    key,
    sendResolved: spec.sendResolved,
    opensIncidents: OPENS_INCIDENTS.has(spec.kind),
    limit: spec.rateLimit,
    tell: async (group, alerts, at) => {
      const ackUrl = await answerUrl(group, key, alerts, at);
      const word = { key, group, alerts, at, ackUrl, thread: threadOf(group, key) };
      if (!isChannel(spec)) return tellInTexts(spec, word, config.templates);
      await handOut(noticeOfGroup(group, alerts, at, ackUrl), [spec.kind]);
      return { wrong: [] };
    },
  }));
};
