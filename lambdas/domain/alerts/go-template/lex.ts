import { type Source, TemplateError } from './error.ts';

/** The words of Go's text/template (text/template/parse/lex.go of Go 1.19). */

export type TokenKind =
  | 'text'
  | 'right'
  | 'pipe'
  | '('
  | ')'
  | ':='
  | '='
  | ','
  | 'space'
  | 'string'
  | 'char'
  | 'number'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'field'
  | 'variable'
  | 'word'
  | 'keyword'
  | 'other'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const KEYWORDS = new Set([
  ...['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with'],
]);

/** What a name, a field or a number ends before. */
const TERMINATOR = /^(?:[ \t\r\n.,|:()}]|$)/;

const RIGHT = /(?:[ \t\r\n]-)?\}\}/y;

/** By the first that fits. A quote that is not closed on its line is none of these. */
const RULES: readonly (readonly [TokenKind | 'name', RegExp])[] = [
  // As many as there are, but not the one that a trimming end begins with.
  ['space', /(?:[ \t\r\n](?!-\}\}))+/y],
  [':=', /:=/y],
  ['=', /=/y],
  ['pipe', /\|/y],
  ['(', /\(/y],
  [')', /\)/y],
  [',', /,/y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\[^\n])*'/y],
  ['number', /[-+]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?|\.\d)[\d_]*(?:[eE][-+]?[\d_]*)?)i?/y],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['name', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['other', /(?!["'`])[ -~]/y],
];

/** What has to end before a terminator. */
const ENDS: ReadonlySet<string> = new Set(['variable', 'field', 'dot', 'name', 'number']);

const kindOfName = (text: string): TokenKind => {
  if (KEYWORDS.has(text)) return 'keyword';
  if (text === 'nil') return 'nil';
  return text === 'true' || text === 'false' ? 'bool' : 'word';
};

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** A word of an action. @throws TemplateError where there is none */
const wordAt = (source: Source, at: number): Token => {
  for (const [kind, pattern] of RULES) {
    const text = matchAt(pattern, source.text, at);
    if (text === undefined) continue;
    const after = source.text.slice(at + text.length, at + text.length + 1);
    if (ENDS.has(kind) && !TERMINATOR.test(after)) {
      throw new TemplateError(source, at + text.length, `${JSON.stringify(after)} is not expected after ${text}`);
    }
    return { kind: kind === 'name' ? kindOfName(text) : kind, text, at };
  }
  const character = source.text.slice(at, at + 1);
  if (character === '') throw new TemplateError(source, at, 'an action is not closed: }} is missing');
  const why = /["'`]/.test(character) ? 'a quote is not closed' : `${JSON.stringify(character)} is not expected here`;
  throw new TemplateError(source, at, why);
};

/** Where the words of an action end, and whether the text behind is to be trimmed. */
interface Ended {
  readonly at: number;
  readonly trims: boolean;
}

const endAt = ({ text }: Source, at: number): Ended | undefined => {
  const right = matchAt(RIGHT, text, at);
  return right === undefined ? undefined : { at: at + right.length, trims: right.length > 2 };
};

/** The words of an action from where its `{{` ends; those of its end last. */
const actionAt = (source: Source, from: number, tokens: Token[]): Ended => {
  let at = from;
  for (;;) {
    const end = endAt(source, at);
    if (end) {
      tokens.push({ kind: 'right', text: '}}', at });
      return end;
    }
    const token = wordAt(source, at);
    tokens.push(token);
    at += token.text.length;
  }
};

const commentAt = (source: Source, from: number): Ended => {
  const close = source.text.indexOf('*/', from);
  if (close < 0) throw new TemplateError(source, from, 'a comment is not closed');
  const end = endAt(source, close + 2);
  if (end) return end;
  throw new TemplateError(source, close + 2, 'a comment is to end right before }}');
};

const SPACES = ' \t\r\n';

/** All words of a template. @throws TemplateError */
export const tokensOf = (source: Source): Token[] => {
  const { text } = source;
  const tokens: Token[] = [];
  let at = 0;
  let trims = false;
  while (at < text.length || tokens.length === 0) {
    const open = text.indexOf('{{', at);
    const isTrimming = open >= 0 && text[open + 2] === '-' && SPACES.includes(text[open + 3] ?? 'x');
    let between = text.slice(at, open < 0 ? text.length : open);
    const skipped = trims ? between.length - between.replace(/^[ \t\r\n]+/, '').length : 0;
    between = between.slice(skipped);
    if (isTrimming) between = trimmedEnd(between);
    if (between !== '') tokens.push({ kind: 'text', text: between, at: at + skipped });
    if (open < 0) break;
    const inside = open + (isTrimming ? 4 : 2);
    const ended = text.startsWith('/*', inside) ? commentAt(source, inside) : actionAt(source, inside, tokens);
    ({ at, trims } = ended);
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
};

/** Without the spaces at its end, in linear time. */
const trimmedEnd = (text: string): string => {
  let end = text.length;
  while (end > 0 && SPACES.includes(text[end - 1] ?? 'x')) end -= 1;
  return text.slice(0, end);
};
