import type { Alert } from '../domain/alerts/alert.ts';
import { type LabelSet, withoutEmpty } from '../domain/alerts/labels.ts';
import { heldOpen } from '../domain/alerts/own-alerts.ts';
import { handOut } from './hand-out.ts';
import type { Notice } from './notice.ts';
import { receiveAlerts } from './receive-alerts.ts';
import { routingOf } from './routing.ts';

/** What of the plane's own has happened, as routes and silences know it. */
export interface Happened {
  readonly project: string;
  readonly labels: LabelSet & { readonly alertname: string };
  /** An Instant. */
  readonly at: string;
  /** By whose rows it is known to be over, and whether it fires until then; else it does for an hour at most. */
  readonly own?: { readonly subject: string; readonly isHeld: boolean };
}

/** Nobody may say when a thing that has happened is over: as an alert it fires for so long, and again where it happens again. */
const LASTS_MS = 3_600_000;

const alertOf = (notice: Notice, { labels, at, own }: Happened, now: number): Alert => {
  const { title, facts, advice, links, severity } = notice;
  const runbook = links.find(({ label }) => label === 'Runbook')?.url ?? '';
  const annotations = withoutEmpty({
    summary: title,
    description: [...facts.map(([label, value]) => `${label}: ${value}`), ...advice].join('\n'),
    runbook_url: runbook,
  });
  const held = heldOpen({ labels: { ...labels, severity }, annotations, since: at }, now);
  const alert = { ...held, labels: withoutEmpty(held.labels) };
  return own?.isHeld ? alert : { ...alert, endsAt: new Date(now + LASTS_MS).toISOString(), timeout: true };
};

/**
 * Tells people of what has happened to the plane's own: as an alert by the routes of its project, where somebody has written
 * them, else as a notice to all channels. To do so again is harmless. @throws where it was not taken
 */
export const tellOf = async (notice: Notice, happened: Happened, now = Date.now()): Promise<void> => {
  const routing = await routingOf(happened.project);
  if (routing.version === 0) await handOut(notice);
  else await receiveAlerts(routing, [alertOf(notice, happened, now)], now, happened.own?.subject);
};
