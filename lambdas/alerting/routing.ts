import * as z from 'zod';
import { type Channels, defaultRouting, defaultYaml } from '../domain/alerts/default-routing.ts';
import { receiverSecrets } from '../domain/alerts/receiver-secrets.ts';
import { type Route, routeTree } from '../domain/alerts/route-tree.ts';
import type { RoutingConfig, Undelivered } from '../domain/alerts/routing-row.ts';
import { env, text } from '../runtime/env.ts';
import * as rows from '../store/routing.ts';

const {
  INSTALLATION,
  ALERT_TOPIC_ARN: topicArn,
  SLACK_WEBHOOK_PARAMETER: parameter,
} = env({
  INSTALLATION: text,
  ALERT_TOPIC_ARN: text,
  SLACK_WEBHOOK_PARAMETER: z.string(),
});

/** The channels that there are here. */
export const CHANNELS: Channels = { topicArn, slackParameter: parameter === '' ? undefined : parameter };

/** Where the secrets of a project's receivers lie. */
export const secretsOf = (project: string): string => receiverSecrets(INSTALLATION, project);

/** How a project's alerts find their receivers. */
export interface Routing {
  readonly project: string;
  /** 0 while nobody has written one. */
  readonly version: number;
  readonly yaml: string;
  readonly config: RoutingConfig;
  /** Ways to receivers that lead nowhere. */
  readonly undelivered: readonly Undelivered[];
  readonly tree: Route;
}

/** Trees are made once for as long as their row stays as it is. */
const known = new Map<string, Routing>();

/** How a project's alerts find their receivers now: as somebody has written, else to all channels that there are. */
export const routingOf = async (project: string, find = rows.find): Promise<Routing> => {
  const row = await find(project);
  const version = row?.version ?? 0;
  const yaml = row?.yaml ?? defaultYaml(CHANNELS);
  const before = known.get(project);
  // A project that was deleted and made anew counts its versions from the first again.
  if (before?.version === version && before.yaml === yaml) return before;
  const config = row?.config ?? defaultRouting(CHANNELS);
  const routing = {
    project,
    version,
    yaml,
    config,
    undelivered: row?.undelivered ?? [],
    tree: routeTree(config),
  };
  known.set(project, routing);
  return routing;
};
