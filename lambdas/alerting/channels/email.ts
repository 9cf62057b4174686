import { snsSubject } from '../../domain/alerts/sns.ts';
import type { Notice } from '../notice.ts';

/** A notice as the subject of a mail. */
export const emailSubject = ({ title }: Notice): string => snsSubject(`NovaCron: ${title}`);

/** A notice as plain text: SNS sends no other. */
export const emailText = ({ title, facts, advice, links, ackUrl }: Notice): string =>
  [
    title,
    '',
    ...facts.map(([label, value]) => `${label}: ${value}`),
    '',
    ...(ackUrl ? [`Take it on (for a day from now): ${ackUrl}`] : []),
    ...advice,
    '',
    ...links.map(({ label, url }) => `${label}: ${url}`),
  ].join('\n');
