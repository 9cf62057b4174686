import { type Source, TemplateError } from './error.ts';
import type { Token, TokenKind } from './lex.ts';
import type { Tree } from './nodes.ts';

/** How deep actions and parentheses go into each other at most. */
const DEEPEST = 100;

/** Where a reading is. */
export interface Reader {
  readonly source: Source;
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
  loops: number;
  /** Variables that may be named here. */
  variables: string[];
  readonly functions: ReadonlySet<string>;
  /** What is defined in this text, by name. */
  readonly defined: Map<string, Tree>;
}

export const peek = (reader: Reader): Token => {
  // The last word is the end, and nobody reads on behind it.
  return reader.tokens[Math.min(reader.next, reader.tokens.length - 1)] as Token;
};

export const take = (reader: Reader): Token => {
  const token = peek(reader);
  reader.next += 1;
  return token;
};

const skipSpace = (reader: Reader): void => {
  while (peek(reader).kind === 'space') reader.next += 1;
};

export const peekWord = (reader: Reader): Token => {
  skipSpace(reader);
  return peek(reader);
};

export const fail = ({ source }: Reader, at: number, why: string): never => {
  throw new TemplateError(source, at, why);
};

export const unexpected = (reader: Reader, { kind, text, at }: Token, where: string): never =>
  fail(
    reader,
    at,
    kind === 'end' ? `it ends within ${where}` : `${text.trim() || 'a space'} is not expected in ${where}`,
  );

export const expect = (reader: Reader, kinds: readonly TokenKind[], where: string): Token => {
  skipSpace(reader);
  const token = take(reader);
  return kinds.includes(token.kind) ? token : unexpected(reader, token, where);
};

export const deeper = <T>(reader: Reader, at: number, read: () => T): T => {
  if (reader.depth >= DEEPEST) fail(reader, at, `it goes more than ${DEEPEST} deep`);
  reader.depth += 1;
  const made = read();
  reader.depth -= 1;
  return made;
};
