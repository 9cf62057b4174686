import { Misuse } from './error.ts';
import { printed } from './printf.ts';
import { collected, type Sink } from './sink.ts';
import type { Value } from './values.ts';

/**
 * HTML in which each value is made fit for the place where it comes to stand, as Go's html/template does it for text, quoted
 * attributes, URLs and styles. Stricter than that: within a tag but outside of quotes, in scripts and in attributes that are
 * scripts a value has no place. The place is found out from what has been said so far, so that no branch can be mistaken for another.
 */

type Kind = 'plain' | 'url' | 'style' | 'nothing';

type Place =
  | { readonly in: 'text' }
  /** Within an element whose text is no HTML, until its end. */
  | { readonly in: 'raw'; readonly element: string }
  | { readonly in: 'tag'; readonly element: string; readonly attribute: string }
  | {
      readonly in: 'value';
      readonly element: string;
      readonly kind: Kind;
      readonly quote: string;
      readonly before: string;
    }
  | { readonly in: 'comment' };

const TEXT: Place = { in: 'text' };

const RAW = new Set(['title', 'textarea', 'script', 'style']);

const URLS = new Set([
  ...[
    'action',
    'archive',
    'background',
    'cite',
    'classid',
    'codebase',
    'data',
    'formaction',
    'href',
    'icon',
    'longdesc',
  ],
  ...['manifest', 'poster', 'profile', 'src', 'usemap'],
]);

/** What the value of an attribute is. One of a name that nobody knows is a URL where it is named like one. */
const kindOf = (attribute: string): Kind => {
  const name = attribute.toLowerCase().replace(/^data-/, '');
  if (name === 'xmlns' || name.startsWith('xmlns:')) return 'url';
  const bare = name.replace(/^[^:]*:/, '');
  if (URLS.has(bare)) return 'url';
  if (bare === 'style') return 'style';
  if (bare.startsWith('on') || bare === 'srcset' || bare === 'srcdoc') return 'nothing';
  return /src|uri|url/.test(bare) ? 'url' : 'plain';
};

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '+': '&#43;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

/** With entities that stand in it already. */
const normalized = (text: string): string => text.replace(/["'+<>\0]/g, (character) => ESCAPES[character] ?? '');

const escaped = (text: string): string => text.replace(/["'&+<>\0]/g, (character) => ESCAPES[character] ?? '');

/** Without its tags, as it stands in an attribute. */
const withoutTags = (text: string): string => text.replace(/<[^<>]*>/g, '');

const percent = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const isSafeScheme = (url: string): boolean => {
  const scheme = /^([^:/]*):/.exec(url)?.[1];
  return scheme === undefined || ['http', 'https', 'mailto'].includes(scheme.toLowerCase());
};

const urlPart = (text: string, before: string): string => {
  if (/[?#]/.test(before)) return text.replace(/[^\w.~-]/gu, percent);
  if (before.trim() === '' && !isSafeScheme(text)) return '#ZgotmplZ';
  return text.replace(/%(?![\da-fA-F]{2})|[^\w.~%!#$&*+,/:;=?@[\]-]/gu, percent);
};

const stylePart = (text: string, before: string): string => {
  if (/["'(\\]/.test(before)) throw new Misuse('a value has no place in a text or a URL of a style');
  const letters = text.replace(/\W/g, '').toLowerCase();
  const isUnsafe = /[\0"'()/;@[\\\]`{}<>]|--/.test(text) || /expression|mozbinding/.test(letters);
  return isUnsafe ? 'ZgotmplZ' : text;
};

const inValue = (text: string, { kind, before }: Extract<Place, { in: 'value' }>): string => {
  switch (kind) {
    case 'plain':
      return escaped(text);
    case 'url':
      return escaped(urlPart(text, before));
    case 'style':
      return escaped(stylePart(text, before));
    case 'nothing':
      throw new Misuse('a value has no place in an attribute that is a script, or holds several URLs or a document');
  }
};

/** A value where it comes to stand. */
const fitted = (value: Value, place: Place): string => {
  const isHtml = typeof value === 'object' && value.kind === 'html';
  const text = value === undefined ? '' : printed(value);
  switch (place.in) {
    case 'comment':
      return '';
    case 'text':
      return isHtml ? text : escaped(text);
    case 'raw':
      if (place.element === 'script' || place.element === 'style')
        throw new Misuse(`a value has no place in a ${place.element}`);
      return escaped(text);
    case 'value':
      if (isHtml && place.kind === 'plain') return normalized(withoutTags(text));
      return inValue(text, place);
    case 'tag':
      throw new Misuse('a value has no place within a tag, unless it stands in quotes');
  }
};

/** What is said of a piece of the template, how long it is, and where that leads. */
interface Step {
  readonly said: string;
  readonly length: number;
  readonly place: Place;
}

const stay = (text: string, place: Place): Step => ({ said: text, length: text.length, place });

const fromText = (text: string): Step => {
  const at = text.indexOf('<');
  if (at !== 0) return stay(at < 0 ? text : text.slice(0, at), TEXT);
  if (text.startsWith('<!--')) return { said: '', length: 4, place: { in: 'comment' } };
  const [tag, slash, element = ''] = /^<(\/?)([a-zA-Z][\w:-]*)/.exec(text) ?? [];
  if (tag !== undefined) return stay(tag, { in: 'tag', element: slash ? '' : element.toLowerCase(), attribute: '' });
  return text.startsWith('<!') ? stay('<!', TEXT) : { said: '&lt;', length: 1, place: TEXT };
};

const fromRaw = (text: string, place: Extract<Place, { in: 'raw' }>): Step => {
  const at = text.toLowerCase().indexOf(`</${place.element}`);
  if (at < 0) return stay(text, place);
  return at > 0
    ? stay(text.slice(0, at), place)
    : stay(`</${text.slice(2, 2 + place.element.length)}`, { in: 'tag', element: '', attribute: '' });
};

const fromTag = (text: string, { element, attribute }: Extract<Place, { in: 'tag' }>): Step => {
  if (text.startsWith('>')) return stay('>', RAW.has(element) ? { in: 'raw', element } : TEXT);
  const [opening, quote] = /^=[ \t\r\n\f]*(["'])/.exec(text) ?? [];
  if (opening !== undefined && quote !== undefined)
    return stay(opening, { in: 'value', element, kind: kindOf(attribute), quote, before: '' });
  const [bare] = /^=[ \t\r\n\f]*[^\s"'>]*/.exec(text) ?? [];
  if (bare !== undefined) return stay(bare, { in: 'tag', element, attribute: '' });
  const [name] = /^[^\s=>"'/]+/.exec(text) ?? [];
  if (name !== undefined) return stay(name, { in: 'tag', element, attribute: name });
  return stay(text.slice(0, 1), { in: 'tag', element, attribute: /^\s/.test(text) ? attribute : '' });
};

const fromValue = (text: string, place: Extract<Place, { in: 'value' }>): Step => {
  const end = text.indexOf(place.quote);
  if (end === 0) return stay(place.quote, { in: 'tag', element: place.element, attribute: '' });
  const part = end < 0 ? text : text.slice(0, end);
  return stay(part, { ...place, before: place.before + part });
};

const fromComment = (text: string, place: Place): Step => {
  const end = text.indexOf('-->');
  return end < 0 ? { said: '', length: text.length, place } : { said: '', length: end + 3, place: TEXT };
};

const stepFrom = (text: string, place: Place): Step => {
  switch (place.in) {
    case 'text':
      return fromText(text);
    case 'raw':
      return fromRaw(text, place);
    case 'tag':
      return fromTag(text, place);
    case 'value':
      return fromValue(text, place);
    case 'comment':
      return fromComment(text, place);
  }
};

/** HTML. */
export const htmlSink = (): Sink => {
  const { add, said } = collected();
  let place: Place = TEXT;
  return {
    write: (text) => {
      for (let at = 0; at < text.length; ) {
        const step = stepFrom(text.slice(at), place);
        add(step.said);
        place = step.place;
        at += step.length;
      }
    },
    print: (value) => {
      const text = fitted(value, place);
      add(text);
      if (place.in === 'value') place = { ...place, before: place.before + text };
    },
    said,
  };
};
