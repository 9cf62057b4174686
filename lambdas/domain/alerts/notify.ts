import { type Alert, byPlace, isResolvedAt } from './alert.ts';
import { GO_ZERO_TIME, goJson, goTime, quoteMeta } from './go-text.ts';
import { fingerprintOf, type LabelSet, labelOf } from './labels.ts';
import type { SlackThread } from './slack-bot.ts';

/** What a receiver was last told of a group. */
export interface Notified {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** An instant. */
  readonly at: string;
  /** It was told so in a digest of many groups. */
  readonly isOfDigest?: true;
  /** The message in Slack that shows it, where it is changed in place. */
  readonly thread?: SlackThread;
  /** Why some of its texts could not be filled in: it was told in other words. */
  readonly textsWrong?: string;
}

/** What an alert is remembered by in a group's log. Alertmanager takes another hash of the same labels, which nobody sees. */
export const alertHash = ({ labels }: Pick<Alert, 'labels'>): string => fingerprintOf(labels);

const isAmong = (some: ReadonlySet<string>, known: readonly string[]): boolean => {
  const all = new Set(known);
  return some.values().every((hash) => all.has(hash));
};

/** Whether a receiver is to be told of a group now, given what it was told last and what the group is now. */
export const needsUpdate = (
  entry: Notified | undefined,
  firing: ReadonlySet<string>,
  resolved: ReadonlySet<string>,
  repeatIntervalMs: number,
  now: number,
  sendResolved: boolean,
): boolean => {
  if (entry === undefined) return firing.size > 0;
  if (!isAmong(firing, entry.firing)) return true;
  // Also where nobody hears of it: what fires again later is then news. What came and went in between was never told.
  if (firing.size === 0) return entry.firing.length > 0;
  if (sendResolved && !isAmong(resolved, entry.resolved)) return true;
  return Date.parse(entry.at) < now - repeatIntervalMs;
};

/** The alerts of a group that a receiver is sent, in order; none where only resolved ones are left that it does not hear of. */
export const alertsToSend = <A extends Alert>(alerts: readonly A[], at: number, sendResolved: boolean): A[] =>
  alerts.filter((alert) => sendResolved || !isResolvedAt(alert, at)).sort(byPlace);

const sorted = (labels: LabelSet): LabelSet =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What all have alike; one that lacks it has it empty. */
export const common = ([first = {}, ...rest]: readonly LabelSet[]): LabelSet =>
  Object.fromEntries(
    Object.entries(first).filter(([name, value]) => rest.every((labels) => labelOf(labels, name) === value)),
  );

const alertShown = (alert: Alert, at: number) => {
  const isResolved = isResolvedAt(alert, at);
  return {
    status: isResolved ? 'resolved' : 'firing',
    labels: sorted(alert.labels),
    annotations: sorted(alert.annotations),
    startsAt: goTime(alert.startsAt),
    // When it will end is not known while it fires.
    endsAt: isResolved ? goTime(alert.endsAt) : GO_ZERO_TIME,
    generatorURL: alert.generatorURL,
    fingerprint: fingerprintOf(alert.labels),
  };
};

/** A group of alerts as it is told. */
export interface Told {
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  /** In the order in which they are told. */
  readonly alerts: readonly Alert[];
  /** The moment of the flush: what is over by then is resolved. */
  readonly at: number;
  readonly externalURL: string;
}

export interface WebhookInput extends Told {
  /** 0 for all. */
  readonly maxAlerts: number;
  /** Of NovaCron alone, after all that Alertmanager sends: where a person takes on what fires. */
  readonly ackURL?: string | undefined;
}

/** The body of a webhook of version 4, byte by byte as Alertmanager sends it, but for what is ours alone. */
export const webhookPayload = (input: WebhookInput): string => {
  const { alerts, at, maxAlerts, ackURL } = input;
  const told = maxAlerts === 0 ? alerts : alerts.slice(0, maxAlerts);
  return goJson({
    receiver: quoteMeta(input.receiver),
    status: told.every((alert) => isResolvedAt(alert, at)) ? 'resolved' : 'firing',
    alerts: told.map((alert) => alertShown(alert, at)),
    groupLabels: sorted(input.groupLabels),
    commonLabels: sorted(common(told.map(({ labels }) => labels))),
    commonAnnotations: sorted(common(told.map(({ annotations }) => annotations))),
    externalURL: input.externalURL,
    version: '4',
    groupKey: input.groupKey,
    truncatedAlerts: alerts.length - told.length,
    ...(ackURL ? { ackURL } : {}),
  });
};
