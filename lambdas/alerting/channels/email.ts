import type { Notice } from '../notice.ts';

/** SNS takes 100 ASCII characters without line breaks ("Publish", Amazon SNS API reference). */
const LONGEST_SUBJECT = 100;

/** A notice as the subject of a mail. */
export const emailSubject = ({ title }: Notice): string =>
  `NovaCron: ${title}`.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LONGEST_SUBJECT);

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
