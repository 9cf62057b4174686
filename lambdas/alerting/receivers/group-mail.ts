import { isResolvedAt } from '../../domain/alerts/alert.ts';
import { cut, pairsOf } from '../../domain/alerts/default-texts.ts';
import { type Html, html } from '../../domain/alerts/html.ts';
import { isDigest } from '../../domain/alerts/storm.ts';
import { adviceOf, nameOf, stateOf, type Told } from '../notice-of-group.ts';
import type { Word } from './word.ts';

/** What a mail says of a group of alerts where nobody wrote another text: the same as text and as HTML. */

/** A mail that is longer is cut by those who show it (Gmail at 102 kB). */
const NAMED = 40;
const LONGEST = 1_000;

interface Link {
  readonly label: string;
  readonly url: string;
}

interface AlertWords {
  readonly name: string;
  readonly isResolved: boolean;
  readonly state: string;
  /** What it says of itself, the most telling first. */
  readonly says: readonly string[];
  readonly labels: readonly string[];
  /** Where to go on from it. */
  readonly links: readonly Link[];
}

interface GroupWords {
  readonly title: string;
  /** What is said of all of it first. */
  readonly said: readonly string[];
  readonly alerts: readonly AlertWords[];
  readonly more: number;
  /** Where what fires is taken on without signing in. */
  readonly ackUrl: string | undefined;
  readonly advice: readonly string[];
}

const isUrl = (text: string): boolean => /^https?:/i.test(text) && URL.canParse(text);

/** Annotations that are said by themselves, and those that are links. */
const SAID = ['summary', 'description'];
const LINKS: Readonly<Record<string, string>> = { runbook_url: 'Runbook', dashboard_url: 'Dashboard' };

const linksOf = ({ annotations, generatorURL }: Told): Link[] =>
  [
    { label: 'Source', url: generatorURL },
    ...Object.entries(LINKS).map(([name, label]) => ({ label, url: annotations[name] ?? '' })),
  ].filter(({ url }) => isUrl(url));

const saysOf = ({ annotations }: Told): string[] => {
  const others = pairsOf(annotations).filter(([name, text]) => !SAID.includes(name) && !(name in LINKS && isUrl(text)));
  const said = SAID.map((name) => annotations[name] ?? '').filter((text) => text !== '');
  return [...said, ...others.map(([name, text]) => `${name}: ${text}`)].map((text) => cut(text, LONGEST));
};

const alertWords = (alert: Told, at: number): AlertWords => ({
  name: cut(nameOf(alert), LONGEST),
  isResolved: isResolvedAt(alert, at),
  state: stateOf(alert, at),
  says: saysOf(alert),
  labels: pairsOf(alert.labels).map(([name, value]) => cut(`${name} = ${value}`, LONGEST)),
  links: linksOf(alert),
});

const groupWords = ({ group, alerts, at, ackUrl }: Word, title: string): GroupWords => ({
  title: cut(title, LONGEST),
  said: isDigest(group) ? [`Held back: ${group.digest.said}.`] : [],
  alerts: alerts.slice(0, NAMED).map((alert) => alertWords(alert, at)),
  more: Math.max(alerts.length - NAMED, 0),
  ackUrl,
  advice: adviceOf(group),
});

const TAKE_ON = 'Take it on (for a day from now)';

const alertText = ({ name, isResolved, state, says, labels, links }: AlertWords): string =>
  [
    `${isResolved ? 'RESOLVED' : 'FIRING'}: ${name} (${state})`,
    ...says.map((line) => `  ${line}`),
    ...labels.map((line) => `  - ${line}`),
    ...links.map(({ label, url }) => `  ${label}: ${url}`),
  ].join('\n');

/** What a mail says of a group, as plain text. */
export const groupText = (word: Word, subject: string): string => {
  const { title, said, alerts, more, ackUrl, advice } = groupWords(word, subject);
  const rest = more > 0 ? [`And ${more} more.`] : [];
  const answer = ackUrl ? [`${TAKE_ON}: ${ackUrl}`] : [];
  return `${[title, ...said, ...answer, ...alerts.map(alertText), ...rest, advice.join('\n')].join('\n\n')}\n`;
};

const RED = '#b3261e';
const GREEN = '#1e7a3c';

const linkHtml = ({ label, url }: Link): Html =>
  html`<a href="${url}" style="color:#0b57d0;margin-right:16px">${label}</a>`;

const lineHtml = (line: string): Html => html`<div>${line}</div>`;

const alertHtml = ({ name, isResolved, state, says, labels, links }: AlertWords): Html => {
  const border = `border-left:6px solid ${isResolved ? GREEN : RED}`;
  return html`
<div style="background:#fff;border-radius:6px;margin:12px 0;padding:12px 16px;${border}">
<div><b>${name}</b> ${isResolved ? '' : 'fires '}${state}</div>
${says.map(lineHtml)}
<div style="color:#555;font-size:14px;margin-top:8px">${labels.map(lineHtml)}</div>
<div style="margin-top:8px">${links.map(linkHtml)}</div>
</div>`;
};

const answerHtml = (url: string): Html =>
  html`<p><a href="${url}" style="background:#0b57d0;border-radius:6px;color:#fff;padding:10px 16px">${TAKE_ON}</a></p>`;

const BODY = [
  ...['margin:0', 'background:#f1f1f4', 'color:#1c1b1f', 'overflow-wrap:anywhere'],
  'font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif',
].join(';');

/** What a mail says of a group, as HTML that a phone shows as well: one column, nothing to load, all that anybody wrote escaped. */
export const groupHtml = (word: Word, subject: string): string => {
  const { title, said, alerts, more, ackUrl, advice } = groupWords(word, subject);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title></head>
<body style="${BODY}">
<div style="max-width:640px;margin:0 auto;padding:16px">
<h1 style="font-size:20px;line-height:1.3;margin:8px 0">${title}</h1>
${said.map((line) => html`<p>${line}</p>`)}
${ackUrl ? answerHtml(ackUrl) : ''}
${alerts.map(alertHtml)}
${more > 0 ? html`<p>And ${String(more)} more.</p>` : ''}
<div style="color:#555;font-size:14px">${advice.map(lineHtml)}</div>
</div>
</body>
</html>
`.text;
};
