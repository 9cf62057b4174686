import { createHash } from 'node:crypto';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { labelsText } from '../domain/alerts/labels.ts';
import { matchersText } from '../domain/alerts/matchers.ts';
import { doesRecur } from '../domain/alerts/occurrence.ts';
import type { Occurring } from '../domain/alerts/silence-view.ts';
import { projectOption } from '../domain/project.ts';
import type { Notice } from './notice.ts';

/** A mail is read, a list of hundreds is not. */
const NAMED = 10;

const factsOf = (alerts: readonly AlertRow[]): [string, string][] => [
  ...alerts.slice(0, NAMED).map(({ labels }): [string, string] => ['Alert', labelsText(labels)]),
  ...(alerts.length > NAMED ? [['And', `${alerts.length - NAMED} more`] as [string, string]] : []),
];

const factsOfSilence = ({ silence, occurrence, times }: Occurring): [string, string][] => [
  ['Silence', `${silence.id} ${matchersText(silence.matchers)}`],
  ['Made by', silence.createdBy],
  ['Why', silence.comment],
  ['Ends', occurrence.endsAt],
  ...(doesRecur(silence)
    ? [['Recurs', `by ${silence.window ? 'window ' : ''}${times?.name}`] as [string, string]]
    : []),
];

const counted = (count: number): string => (count === 1 ? '1 alert' : `${count} alerts`);

const idOf = (word: string, parts: readonly string[]): string =>
  `${word}-${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)}`;

const RUNBOOK = [{ label: 'Runbook', url: 'https://novacron.dev/runbook#alerts' }];

/** What people are told before a silence ends: which alerts will be heard again, by whom it was made, how to go on with it. */
export const noticeOfEnding = (held: Occurring, alerts: readonly AlertRow[]): Notice => {
  const { silence, occurrence } = held;
  const of = projectOption(silence.project);
  const longer = doesRecur(silence)
    ? `Alerts are heard until it recurs. To be quiet for longer: novacron silence create <label=value…> --for 2h --comment <why>${of}`
    : `To be quiet for longer: novacron silence update ${silence.id} --for 2h${of}`;
  return {
    id: idOf('ending', [silence.project, silence.id, occurrence.endsAt]),
    about: silence.id,
    severity: 'warning',
    title: `A silence ends at ${occurrence.endsAt}, and ${counted(alerts.length)} will be heard again`,
    facts: [...factsOfSilence(held), ...factsOf(alerts), ['Project', silence.project]],
    advice: [longer, `What they are: novacron alert list${of}`],
    links: RUNBOOK,
  };
};

/** What people are told where a silence hides alerts that are critical. */
export const noticeOfHiding = (held: Occurring, alerts: readonly AlertRow[]): Notice => {
  const { silence } = held;
  const of = projectOption(silence.project);
  const fingerprints = alerts.map(({ fingerprint }) => fingerprint).toSorted();
  return {
    id: idOf('hides', [silence.project, silence.id, ...fingerprints]),
    about: silence.id,
    severity: 'warning',
    title: `A silence hides ${alerts.length === 1 ? 'a critical alert' : `${alerts.length} critical alerts`}`,
    facts: [...factsOf(alerts), ...factsOfSilence(held), ['Project', silence.project]],
    advice: [
      `What it is: novacron alert get ${fingerprints[0]}${of}`,
      `To hear of it: novacron silence expire ${silence.id}${of}`,
    ],
    links: RUNBOOK,
  };
};
