import { subject } from '../../domain/alerts/default-texts.ts';
import { addressText, headerText, mimeMessage } from '../../domain/alerts/mime.ts';
import type { EmailSpec } from '../../domain/alerts/routing-row.ts';
import { MEANS } from '../means.ts';
import type { AwsCall } from './aws.ts';
import { groupHtml, groupText } from './group-mail.ts';
import { NotTold } from './webhook.ts';
import { toldOf, type Word } from './word.ts';

/** A subject that is longer says no more. */
const LONGEST_SUBJECT = 500;

/** What a mail says: as somebody wrote it, else in our words. */
const textsOf = ({ texts }: EmailSpec, word: Word) => {
  const title = (texts.subject ?? subject(toldOf(word))).trim().slice(0, LONGEST_SUBJECT);
  return {
    subject: title,
    text: texts.text || groupText(word, title),
    html: texts.html ?? groupHtml(word, title),
  };
};

/** The thread of a group: no mail has this id, and all are answers to it, which is how clients put them together. */
const threadOf = ({ group: { id, project } }: Word, domain: string): string => `<${id}.${project}@${domain}>`;

/** What is in a mail's head, each header once, whoever wrote it. */
const headersOf = (spec: EmailSpec, word: Word, from: string, title: string): [string, string][] => {
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const thread = threadOf(word, domain);
  const { group, at } = word;
  const usual: [string, string][] = [
    ['To', addressText(spec.to)],
    ['In-Reply-To', thread],
    ['References', thread],
    // RFC 2919: what filters of mail go by; RFC 3834: no absence is answered.
    [
      'List-Id',
      `${addressText([{ name: `Alerts of ${group.receiver}`, address: `${group.project}.alerts.${domain}` }])}`,
    ],
    ['Auto-Submitted', 'auto-generated'],
  ];
  const written = Object.entries(spec.headers).map(([name, value]): [string, string] => [name, headerText(value)]);
  const names = new Set(written.map(([name]) => name.toLowerCase()));
  return [
    ['From', addressText([{ name: 'NovaCron', address: from }])],
    ['Date', new Date(at).toUTCString().replace('GMT', '+0000')],
    ['Subject', headerText(title)],
    ...usual.filter(([name]) => !names.has(name.toLowerCase())),
    ...written,
  ];
};

/** The call that mails a receiver its word. @throws NotTold where the installation has no address to send from */
export const emailCall = (spec: EmailSpec, word: Word): AwsCall => {
  const { mailFrom } = MEANS;
  if (mailFrom === undefined) throw new NotTold('NovaCron was deployed without the setting mailFrom', false);
  const { subject: title, text, html } = textsOf(spec, word);
  const mail = mimeMessage({
    headers: headersOf(spec, word, mailFrom, title),
    text,
    ...(html === '' ? {} : { html }),
  });
  return {
    service: 'ses',
    path: '/v2/email/outbound-emails',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      FromEmailAddress: mailFrom,
      Destination: { ToAddresses: spec.to.map(({ address }) => address) },
      Content: { Raw: { Data: Buffer.from(mail).toString('base64') } },
    }),
  };
};
