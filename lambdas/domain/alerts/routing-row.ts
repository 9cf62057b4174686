import type { InhibitRule, RouteConfig } from './config-route.ts';
import type { TimeInterval } from './time-intervals.ts';

/** How one receiver is reached, as far as it can be from here. */
export type IntegrationSpec =
  | { readonly kind: 'webhook'; readonly sendResolved: boolean; readonly url: string; readonly maxAlerts: number }
  /** The installation's own alert topic, or its Slack webhook: through the queues of these channels. */
  | { readonly kind: 'topic' | 'slack'; readonly sendResolved: boolean };

export interface ReceiverSpec {
  readonly name: string;
  readonly integrations: readonly IntegrationSpec[];
}

/** What of a configuration is gone by when alerts come in and are told of. */
export interface RoutingConfig {
  readonly resolveTimeoutMs: number;
  readonly route: RouteConfig;
  readonly receivers: readonly ReceiverSpec[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: Readonly<Record<string, readonly TimeInterval[]>>;
}

/** One way to reach a receiver that a configuration names and that leads nowhere from here. */
export interface Undelivered {
  readonly receiver: string;
  /** Which it is, as the file has it: `slack_configs[0]`. */
  readonly place: string;
  readonly why: string;
}

/** The row of a project's routing: what a person wrote, and what it comes to. */
export interface RoutingRow {
  readonly project: string;
  readonly yaml: string;
  readonly config: RoutingConfig;
  readonly undelivered: readonly Undelivered[];
  readonly by: string;
  readonly at: string;
  readonly version: number;
}
