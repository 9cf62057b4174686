import * as z from 'zod';
import { byBytes } from './go-text.ts';
import { type LabelSet, labelOf } from './labels.ts';
import { isRegex, wholeMatch } from './regex.ts';

/** Matchers of labels as Alertmanager 0.25 reads, prints, orders and applies them. */
const TYPES = ['=', '!=', '=~', '!~'] as const;

const isRead = ({ type, value }: { readonly type: string; readonly value: string }): boolean =>
  !type.includes('~') || isRegex(value);

export const Matcher = z
  .strictObject({
    /** With colons, as the parser takes it; no label has one, so that such a label is always missing. */
    name: z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/),
    type: z.enum(TYPES),
    value: z.string(),
  })
  .readonly()
  .refine(isRead, { path: ['value'], message: 'not a regular expression' });
export type Matcher = z.infer<typeof Matcher>;

/** Regular expressions are compiled once for as long as their matcher is known. */
const compiled = new WeakMap<Matcher, (text: string) => boolean>();

const regexOf = (matcher: Matcher): ((text: string) => boolean) => {
  const known = compiled.get(matcher) ?? wholeMatch(matcher.value);
  compiled.set(matcher, known);
  return known;
};

/** A matcher that can be applied. @throws Error where its value is to be a regular expression and is none */
export const newMatcher = (name: string, type: Matcher['type'], value: string): Matcher => {
  const matcher: Matcher = { name, type, value };
  if (type.includes('~')) regexOf(matcher);
  return matcher;
};

/** Whether a matcher takes this value of its label. */
export const matchesValue = (matcher: Matcher, value: string): boolean => {
  const isSame = matcher.type.includes('~') ? regexOf(matcher)(value) : value === matcher.value;
  return isSame !== matcher.type.startsWith('!');
};

/** Whether all matchers take these labels; one that is missing is the empty text. */
export const matchesAll = (matchers: readonly Matcher[], labels: LabelSet): boolean =>
  matchers.every((matcher) => matchesValue(matcher, labelOf(labels, matcher.name)));

/** The order in which Alertmanager keeps them, and by which a route is known. */
export const byMatcher = (a: Matcher, b: Matcher): number =>
  byBytes(a.name, b.name) || byBytes(a.value, b.value) || TYPES.indexOf(a.type) - TYPES.indexOf(b.type);

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

/** A matcher as it reads back: `team="a"`. */
export const matcherText = ({ name, type, value }: Matcher): string =>
  `${name}${type}"${value.replace(/[\\\n"]/g, (character) => ESCAPES[character] ?? character)}"`;

/** Matchers as they stand in a route's key: `{team="a",tier=~"x|y"}`. */
export const matchersText = (matchers: readonly Matcher[]): string => `{${matchers.map(matcherText).join(',')}}`;

/** White space as RE2 means it by `\s`, and as Unicode does. */
const ASCII_SPACE = /[\t\n\f\r ]/;
const ANY_SPACE = /\p{White_Space}/u;

/** Without white space around. By hand: a pattern for the end of a text tries each run of spaces within. */
const trimmed = (text: string, space: RegExp): string => {
  let from = 0;
  let to = text.length;
  while (from < to && space.test(text.charAt(from))) from += 1;
  while (to > from && space.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
};

const HEAD = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)/;

const unescaped = (whole: string, character: string): string => {
  if (character === 'n') return '\n';
  return character === '"' || character === '\\' ? character : whole;
};

/** What stands in quotes or bare: `\n`, `\"` and `\\` are escapes, any other backslash is one; a quote must be escaped. */
const valueIn = (raw: string): string => {
  const isQuoted = raw.startsWith('"');
  // The quote that ends it is no escaped one: what comes before it are whole escapes and characters.
  const [body, end] = /^((?:\\.|[^\\"])*(?:\\$)?)("?)$/su.exec(isQuoted ? raw.slice(1) : raw)?.slice(1) ?? [];
  if (body === undefined || isQuoted !== (end === '"'))
    throw new Error(`matcher value contains unescaped double quote: ${raw}`);
  return body.replace(/\\(.)/gsu, unescaped);
};

/** Reads one matcher: `team="a"`, `team=a`, `team =~ "a|b"`. @throws Error saying what it is not */
export const parseMatcher = (text: string): Matcher => {
  const [head, name = '', type] = HEAD.exec(text) ?? [];
  if (head === undefined) throw new Error(`bad matcher format: ${text}`);
  const raw = trimmed(text.slice(head.length), ASCII_SPACE);
  if (!raw.isWellFormed()) throw new Error(`matcher value not valid UTF-8: ${raw}`);
  // The pattern names exactly the four types.
  return newMatcher(name, type as Matcher['type'], valueIn(raw));
};

/** Why a text is no matcher that may stand there; undefined where it is one. */
const wrongOf = (text: string, refusal: (matcher: Matcher) => string | undefined): string | undefined => {
  try {
    return refusal(parseMatcher(text));
  } catch (error) {
    // A pattern that cannot be read is told in RE2's own words.
    return error instanceof Error ? error.message : String(error);
  }
};

/** A matcher as it is typed; `refusal` says why one may not stand there. */
export const MatcherText = (refusal: (matcher: Matcher) => string | undefined = () => undefined) =>
  z
    .string()
    .min(1)
    .max(1024)
    .superRefine((text, context) => {
      const wrong = wrongOf(text, refusal);
      if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong, continue: false });
    });

/** The parts between commas that are not in quotes. */
const partsOf = (text: string): string[] => {
  const parts = [''];
  let isQuoted = false;
  let isEscaped = false;
  for (const character of text) {
    if (character === ',' && !isQuoted) {
      parts.push('');
      continue;
    }
    if (character === '"' && !isEscaped) isQuoted = !isQuoted;
    // A comma in quotes leaves an escape before it open, as in Alertmanager.
    if (character !== ',') isEscaped = character === '\\' && !isEscaped;
    parts[parts.length - 1] += character;
  }
  return parts;
};

/** Reads matchers between commas, in braces or not; a comma at the end is none too many. @throws Error naming what is wrong */
export const parseMatchers = (text: string): Matcher[] => {
  const parts = partsOf(text.replace(/^\{/, '').replace(/\}$/, ''));
  const last = trimmed(parts.pop() ?? '', ANY_SPACE);
  return [...parts, ...(last === '' ? [] : [last])].map(parseMatcher);
};
