import { createHash } from 'node:crypto';
import { type Alert, isResolvedAt } from '../domain/alerts/alert.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import { isAcknowledgedAt } from '../domain/alerts/alert-row.ts';
import type { HeardAlert } from '../domain/alerts/flapping.ts';
import { labelOf } from '../domain/alerts/labels.ts';
import { alertHash } from '../domain/alerts/notify.ts';
import { worstOf } from '../domain/alerts/severity.ts';
import { isDigest } from '../domain/alerts/storm.ts';
import { projectOption } from '../domain/project.ts';
import type { Notice } from './notice.ts';

/** A mail is read, a list of hundreds is not. */
const NAMED = 8;

/** What an alert says of itself: Prometheus' words for a short and a long text. */
const wordsOf = ({ annotations, labels }: Alert): string =>
  annotations.summary ??
  annotations.description ??
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** What an alert is called. */
export const nameOf = ({ labels }: Alert): string => labelOf(labels, 'alertname') || 'Alert';

/** An alert, who has taken it on, and whether it comes and goes. */
export type Told = Alert & Pick<HeardAlert, 'acknowledged' | 'flaps'>;

/** Over since when, or since when it fires, whether for long, and who has taken it on. */
export const stateOf = (alert: Told, at: number): string => {
  if (isResolvedAt(alert, at)) return `resolved ${alert.endsAt}`;
  const { acknowledged, flaps } = alert;
  const since = `since ${alert.startsAt}${flaps === undefined ? '' : `, comes and goes: ${flaps} times lately`}`;
  if (acknowledged === undefined || !isAcknowledgedAt(alert, at)) return since;
  const { by, until } = acknowledged;
  return `${since}; taken on by ${by}${until === undefined ? '' : ` until ${until}`}`;
};

/** An alert by its name, and in words. */
export const factOf = (alert: Told, at: number): [string, string] => {
  const state = stateOf(alert, at);
  return [nameOf(alert).slice(0, 100), `${wordsOf(alert).slice(0, 500)} (${state})`];
};

/** The same for the same state of the same group, however often it is told. */
const idOf = ({ id, version }: AlertGroup, alerts: readonly Alert[], at: number): string => {
  const states = alerts.map((alert) => `${alertHash(alert)}${isResolvedAt(alert, at)}${alert.startsAt}`).sort();
  const digest = createHash('sha256').update(states.join()).digest('hex').slice(0, 16);
  return `${id}:${version}:${digest}`;
};

const titleOf = ({ labels }: AlertGroup, firing: number, resolved: number): string => {
  const said = Object.values(labels).join(' ') || 'alerts';
  return firing > 0 ? `[FIRING:${firing}] ${said}` : `[RESOLVED:${resolved}] ${said}`;
};

/** A label as a shell takes it; whoever named it is not to be run. */
const typed = ([name, value]: [string, string]): string =>
  /^[\w.:/@%+-]+$/.test(value) ? `${name}=${value}` : `'${name}=${value.replaceAll("'", "'\\''")}'`;

/** The command that keeps a group quiet. */
const silencing = ({ labels, project }: AlertGroup): string => {
  const matchers = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(typed);
  return ['novacron silence create', ...matchers, `--for 2h --comment '...'${projectOption(project)}`].join(' ');
};

/** What people may do about a group: one sentence each. */
export const adviceOf = (group: AlertGroup): string[] => [
  `All of them: novacron alert list --receiver ${group.receiver}${projectOption(group.project)}`,
  isDigest(group) ? group.digest.why : `For a while without them: ${silencing(group)}`,
];

/** What people are told of a group of alerts, which are in order: how many fire, which, since when, and where to go on. */
export const noticeOfGroup = (
  group: AlertGroup,
  alerts: readonly Told[],
  at: number,
  ackUrl: string | undefined,
): Notice => {
  const firing = alerts.filter((alert) => !isResolvedAt(alert, at));
  const shown = alerts.slice(0, NAMED);
  const more = alerts.length - shown.length;
  const sources = [...new Set(shown.map(({ generatorURL }) => generatorURL))].filter((url) => URL.canParse(url));
  return {
    id: idOf(group, alerts, at),
    about: group.id,
    severity: worstOf(firing),
    title: titleOf(group, firing.length, alerts.length - firing.length),
    facts: [
      ...(isDigest(group) ? [['Held back', group.digest.said] as [string, string]] : []),
      ...shown.map((alert) => factOf(alert, at)),
      ...(more > 0 ? [['And', `${more} more`] as [string, string]] : []),
    ],
    advice: adviceOf(group),
    links: [
      ...sources.slice(0, 3).map((url) => ({ label: 'Source', url })),
      { label: 'Runbook', url: 'https://novacron.dev/runbook#alerts' },
    ],
    ...(ackUrl ? { ackUrl } : {}),
  };
};
