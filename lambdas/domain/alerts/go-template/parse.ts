import type { Source } from './error.ts';
import { pipeUntil, textIn } from './expressions.ts';
import { type Token, tokensOf } from './lex.ts';
import type { Branch, Statement, Tree, Trees } from './nodes.ts';
import { deeper, expect, fail, peek, peekWord, type Reader } from './reader.ts';

/** Templates as Go's text/template reads them (text/template/parse/parse.go of Go 1.19). */

/** How a list of statements ended: its keyword has been read, and what comes behind it has not. */
interface Listed {
  readonly body: readonly Statement[];
  readonly ended: 'end' | 'else' | 'out';
  readonly at: number;
}

const closeAction = (reader: Reader, where: string): void => {
  expect(reader, ['right'], where);
};

const elseOf = (reader: Reader, kind: Branch['kind']): readonly Statement[] => {
  const token = peekWord(reader);
  if (kind === 'if' && token.kind === 'keyword' && token.text === 'if') {
    reader.next += 1;
    return [deeper(reader, token.at, () => branchAt(reader, 'if', token.at))];
  }
  closeAction(reader, 'else');
  const { body, ended, at } = listUntil(reader);
  if (ended !== 'end') fail(reader, at, ended === 'else' ? 'there is an else already' : 'an end is missing');
  closeAction(reader, 'end');
  return body;
};

function branchAt(reader: Reader, kind: Branch['kind'], at: number): Branch {
  const known = reader.variables.length;
  const pipe = pipeUntil(reader, 'right', kind);
  if (kind === 'range') reader.loops += 1;
  const { body, ended, at: place } = deeper(reader, at, () => listUntil(reader));
  if (kind === 'range') reader.loops -= 1;
  if (ended === 'out')
    fail(reader, place, `the ${kind} of line ${reader.source.text.slice(0, at).split('\n').length} has no end`);
  if (ended === 'end') closeAction(reader, 'end');
  const otherwise = ended === 'else' ? elseOf(reader, kind) : [];
  reader.variables.length = known;
  return { kind, at, pipe, body, otherwise };
}

const nameAt = (reader: Reader, where: string): string => textIn(reader, expect(reader, ['string'], where));

const templateAt = (reader: Reader, at: number): Statement => {
  const name = nameAt(reader, 'template');
  if (peekWord(reader).kind !== 'right')
    return { kind: 'template', at, name, pipe: pipeUntil(reader, 'right', 'template') };
  closeAction(reader, 'template');
  return { kind: 'template', at, name, pipe: undefined };
};

/** Whether it says nothing, so that it takes no other's place. */
export const isEmpty = (body: readonly Statement[]): boolean =>
  body.every((each) => each.kind === 'text' && each.text.trim() === '');

const define = (reader: Reader, name: string, at: number): void => {
  const { variables, loops } = reader;
  Object.assign(reader, { variables: ['$'], loops: 0 });
  const { body, ended, at: place } = deeper(reader, at, () => listUntil(reader));
  if (ended !== 'end') fail(reader, place, `an end of ${JSON.stringify(name)} is missing`);
  closeAction(reader, 'end');
  Object.assign(reader, { variables, loops });
  const before = reader.defined.get(name);
  if (before && !isEmpty(before.body) && !isEmpty(body)) fail(reader, at, `${JSON.stringify(name)} is defined twice`);
  if (before === undefined || isEmpty(before.body))
    reader.defined.set(name, { source: { ...reader.source, name }, body });
};

const defineAt = (reader: Reader, at: number): void => {
  const name = nameAt(reader, 'define');
  closeAction(reader, 'define');
  define(reader, name, at);
};

const blockAt = (reader: Reader, at: number): Statement => {
  const name = nameAt(reader, 'block');
  const pipe = pipeUntil(reader, 'right', 'block');
  define(reader, name, at);
  return { kind: 'template', at, name, pipe };
};

/** The statement of an action that begins with a keyword. */
const keywordAt = (reader: Reader, { text, at }: Token): Statement => {
  switch (text) {
    case 'if':
    case 'with':
    case 'range':
      return branchAt(reader, text, at);
    case 'template':
      return templateAt(reader, at);
    case 'block':
      return blockAt(reader, at);
    case 'break':
    case 'continue':
      if (reader.loops === 0) fail(reader, at, `${text} is outside of range`);
      closeAction(reader, text);
      return { kind: text, at };
    default:
      return fail(reader, at, `${text} is not expected here`);
  }
};

function listUntil(reader: Reader, isTop = false): Listed {
  const body: Statement[] = [];
  for (;;) {
    const { kind, text, at } = peek(reader);
    if (kind === 'end') return { body, ended: 'out', at };
    if (kind === 'text') {
      reader.next += 1;
      body.push({ kind, text, at });
      continue;
    }
    const first = peekWord(reader);
    if (first.kind !== 'keyword') {
      body.push({ kind: 'action', at: first.at, pipe: pipeUntil(reader, 'right', 'an action') });
      continue;
    }
    reader.next += 1;
    if (first.text === 'end' || first.text === 'else') return { body, ended: first.text, at: first.at };
    if (isTop && first.text === 'define') defineAt(reader, first.at);
    else body.push(keywordAt(reader, first));
  }
}

/** What stands in a text: its own template, and those that it defines, by name. */
export interface Parsed {
  readonly own: Tree;
  readonly defined: Trees;
}

/** Reads a text. `functions` are those that it may name. @throws TemplateError */
export const parse = (source: Source, functions: ReadonlySet<string>): Parsed => {
  const defined = new Map<string, Tree>();
  const reader: Reader = {
    source,
    tokens: tokensOf(source),
    next: 0,
    depth: 0,
    loops: 0,
    variables: ['$'],
    functions,
    defined,
  };
  const { body, ended, at } = listUntil(reader, true);
  if (ended !== 'out') fail(reader, at, `there is nothing here that ${ended} belongs to`);
  return { own: { source, body }, defined };
};
