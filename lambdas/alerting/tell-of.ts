import type { Alert } from '../domain/alerts/alert.ts';
import { waysTo } from '../domain/alerts/channel-health.ts';
import { type LabelSet, labelOf, withoutEmpty } from '../domain/alerts/labels.ts';
import { heldOpen } from '../domain/alerts/own-alerts.ts';
import { eventNameOf, raisedByEach } from '../domain/rules/event-rule.ts';
import * as eventRules from '../store/event-rules.ts';
import { handOut } from './hand-out.ts';
import { isHeldBack } from './hold-back.ts';
import type { Notice } from './notice.ts';
import { receiveAlerts } from './receive-alerts.ts';
import { type Routing, routingOf } from './routing.ts';

/** What of the plane's own has happened, as routes and silences know it. */
export interface Happened {
  readonly project: string;
  readonly labels: LabelSet & { readonly alertname: string };
  /** The tags of the VM that it is about, as labels: rules are matched by them, too. */
  readonly tags?: LabelSet;
  /** An Instant. */
  readonly at: string;
  /** By whose rows it is known to be over, and whether it fires until then; else it does for an hour at most. */
  readonly own?: { readonly subject: string; readonly isHeld: boolean };
}

/** Nobody may say when a thing that has happened is over: as an alert it fires for so long, and again where it happens again. */
const LASTS_MS = 3_600_000;

const isRunbook = ({ label }: Notice['links'][number]): boolean => label === 'Runbook';

const SEVERITIES: readonly Notice['severity'][] = ['info', 'warning', 'critical'];

/** An alert of what happened. */
type Told = Alert & Pick<Happened, 'labels'>;

const alertOf = (notice: Notice, { labels, at, own }: Happened, now: number): Told => {
  const { title, facts, advice, links, severity } = notice;
  const runbook = links.find(isRunbook)?.url ?? '';
  const annotations = withoutEmpty({
    summary: title,
    description: [...facts.map(([label, value]) => `${label}: ${value}`), ...advice].join('\n'),
    runbook_url: runbook,
  });
  const held = heldOpen({ labels: { ...labels, severity }, annotations, since: at }, now);
  const alert = { ...held, labels: { ...withoutEmpty(held.labels), alertname: labels.alertname } };
  return own?.isHeld ? alert : { ...alert, endsAt: new Date(now + LASTS_MS).toISOString(), timeout: true };
};

/** The notice, saying what its alert does: of severities a notice knows three. */
const saying = (notice: Notice, { labels, annotations }: Told): Notice => {
  const { summary, runbook_url: url } = annotations;
  const said = labelOf(labels, 'severity');
  const severity = SEVERITIES.find((each) => each === said) ?? notice.severity;
  const links = [...notice.links.filter((link) => !isRunbook(link)), ...(url ? [{ label: 'Runbook', url }] : [])];
  return { ...notice, severity, title: summary ?? notice.title, links };
};

/** Takes one of what each way of these receivers takes in its time. @returns whether one has been told enough */
const isToldEnough = async ({ project, config }: Routing, alert: Told, now: number): Promise<boolean> => {
  const ways = config.receivers.flatMap((receiver) =>
    waysTo(receiver).map(({ key, spec: { rateLimit } }) => ({
      whose: { project, receiver: receiver.name, key },
      rateLimit,
    })),
  );
  const held = await Promise.all(
    ways.map(({ whose, rateLimit }) => rateLimit !== undefined && isHeldBack(whose, rateLimit, [alert], now)),
  );
  return held.includes(true);
};

/**
 * Tells people of what has happened to the plane's own, as the rules of that event in its project have it that are on and
 * about it: as an alert for each by the routes of the project, where somebody has written them, else as one notice to all
 * channels, as the last rule by name has it, and where these have been told enough, as an alert that their digest names. To do so
 * again is harmless. @throws where it was not taken
 */
export const tellOf = async (notice: Notice, happened: Happened, now = Date.now()): Promise<void> => {
  const { project, labels, tags = {}, own } = happened;
  const event = eventNameOf(labels.alertname);
  const [routing, rulesOf] = await Promise.all([routingOf(project), eventRules.ofEvents(project, [event])]);
  const raised = raisedByEach(rulesOf(event), { ...alertOf(notice, happened, now), tags });
  const alerts = raised.map(({ tags: _, ...alert }) => alert);
  const last = alerts.at(-1);
  if (last === undefined) return;
  const asNotice = routing.version === 0 && !(await isToldEnough(routing, last, now));
  if (asNotice) await handOut(saying(notice, last));
  else await receiveAlerts(routing, alerts, now, own?.subject);
};
