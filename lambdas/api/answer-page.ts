import { createHash } from 'node:crypto';
import { XmlNode, XmlText } from '@aws-sdk/xml-builder';
import type { Reply } from './route.ts';

/** The pages behind links in messages: whole in themselves, without scripts, and for nobody's cache. */

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:2em auto;padding:0 1em}' +
  'li{margin:.5em 0;overflow-wrap:anywhere}button{font:inherit;padding:.5em 1em;margin:0 .5em .5em 0}';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  // The URL is what lets somebody in.
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
};

/** A page: what is so, of which things, and what may be done, each by a button that posts to its URL. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly words: readonly string[];
  /** Name and description. */
  readonly things?: readonly (readonly [name: string, words: string])[];
  readonly buttons?: readonly (readonly [label: string, url: string])[];
}

const element = (name: string, ...children: (XmlNode | string)[]): XmlNode =>
  new XmlNode(
    name,
    children.map((each) => (typeof each === 'string' ? new XmlText(each) : each)),
  );

const meta = (attributes: Readonly<Record<string, string>>): XmlNode =>
  Object.entries(attributes).reduce((node, [name, value]) => node.addAttribute(name, value), element('meta'));

const listOf = (things: NonNullable<Page['things']>): XmlNode[] =>
  things.length === 0
    ? []
    : [element('ul', ...things.map(([name, words]) => element('li', element('strong', name), ` ${words}`)))];

const formOf = (buttons: NonNullable<Page['buttons']>): XmlNode[] => {
  const all = buttons.map(([label, url]) => element('button', label).addAttribute('formaction', url));
  return all.length === 0 ? [] : [element('form', ...all).addAttribute('method', 'post')];
};

/** A page as an answer. What text is in it stays text: labels are of whoever sent them. */
export const pageReply = ({ status, title, words, things = [], buttons = [] }: Page): Reply => {
  const head = element(
    'head',
    meta({ charset: 'utf-8' }),
    meta({ name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', title),
    element('style', STYLE),
  );
  const body = element(
    'body',
    element('h1', title),
    ...words.map((each) => element('p', each)),
    ...listOf(things),
    ...formOf(buttons),
  );
  const page = element('html', head, body).addAttribute('lang', 'en');
  return { status, headers: HEADERS, body: `<!doctype html>${page}` };
};
