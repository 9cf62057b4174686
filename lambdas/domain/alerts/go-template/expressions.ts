import type { Token } from './lex.ts';
import { characterOf, numberOf, unquoted } from './literals.ts';
import type { Command, Operand, Pipe } from './nodes.ts';
import { deeper, fail, peek, peekWord, type Reader, take, unexpected } from './reader.ts';

/** What has a value: operands, commands and pipes of them. */

const numeric = (reader: Reader, at: number, read: ReturnType<typeof numberOf>): Operand =>
  typeof read === 'string' ? fail(reader, at, read) : { ...read, at };

export const textIn = (reader: Reader, { text, at }: Token): string =>
  unquoted(text) ?? fail(reader, at, `${text} has an escape that is none`);

const variableAt = (reader: Reader, { text, at }: Token): Operand => {
  if (!reader.variables.includes(text)) fail(reader, at, `there is no variable ${text}`);
  return { kind: 'variable', at, name: text, names: [] };
};

const functionAt = (reader: Reader, { text, at }: Token): Operand => {
  if (!reader.functions.has(text)) fail(reader, at, `there is no function ${text}`);
  return { kind: 'function', at, name: text };
};

/** What an operand begins with; nothing where none begins. */
const termAt = (reader: Reader): Operand | undefined => {
  const token = peekWord(reader);
  const { kind, text, at } = token;
  reader.next += 1;
  switch (kind) {
    case 'dot':
    case 'nil':
      return { kind, at };
    case 'bool':
      return { kind, at, value: text === 'true' };
    case 'string':
      return { kind, at, value: textIn(reader, token) };
    case 'number':
      return numeric(reader, at, numberOf(text));
    case 'char':
      return numeric(reader, at, characterOf(text));
    case 'field':
      return { kind, at, names: [text.slice(1)] };
    case 'variable':
      return variableAt(reader, token);
    case 'word':
      return functionAt(reader, token);
    case '(':
      return deeper(reader, at, () => pipeUntil(reader, ')', 'parentheses'));
    default:
      reader.next -= 1;
      return undefined;
  }
};

/** With the fields that come right behind it. */
const operandAt = (reader: Reader): Operand | undefined => {
  const term = termAt(reader);
  if (term === undefined || peek(reader).kind !== 'field') return term;
  const { at } = peek(reader);
  const names: string[] = [];
  while (peek(reader).kind === 'field') names.push(take(reader).text.slice(1));
  switch (term.kind) {
    case 'field':
    case 'variable':
      return { ...term, names: [...term.names, ...names] };
    case 'function':
    case 'pipe':
      return { kind: 'chain', at, of: term, names };
    default:
      return fail(reader, at, 'nothing of this kind has fields');
  }
};

const commandAt = (reader: Reader): Command => {
  const { at } = peekWord(reader);
  const operands: Operand[] = [];
  for (;;) {
    const operand = operandAt(reader);
    if (operand) operands.push(operand);
    const token = peek(reader);
    if (token.kind === 'space') {
      reader.next += 1;
      continue;
    }
    if (token.kind === 'pipe') reader.next += 1;
    else if (token.kind !== 'right' && token.kind !== ')') unexpected(reader, token, 'a command');
    const [first, ...rest] = operands;
    if (first === undefined) return fail(reader, at, 'a command is empty');
    return { at, operands: [first, ...rest] };
  }
};

interface Declared {
  readonly names: readonly string[];
  readonly isAssignment: boolean;
}

/** The variables that a pipe is put into; none where it begins with a variable that it only reads. */
const declaredAt = (reader: Reader, isRange: boolean): Declared => {
  const names: string[] = [];
  for (;;) {
    const back = reader.next;
    const variable = peekWord(reader);
    if (variable.kind !== 'variable') {
      if (names.length > 0) fail(reader, variable.at, 'range puts things into variables alone');
      return { names, isAssignment: false };
    }
    reader.next += 1;
    const after = peekWord(reader);
    if (after.kind === ':=' || after.kind === '=') {
      reader.next += 1;
      reader.variables.push(variable.text);
      return { names: [...names, variable.text], isAssignment: after.kind === '=' };
    }
    if (after.kind !== ',') {
      if (names.length > 0) unexpected(reader, after, 'range');
      reader.next = back;
      return { names, isAssignment: false };
    }
    if (!isRange || names.length > 0) fail(reader, after.at, 'too many variables');
    reader.next += 1;
    reader.variables.push(variable.text);
    names.push(variable.text);
  }
};

/** Only the first command of a pipe may be something that takes nothing. */
const checkCommands = (reader: Reader, at: number, commands: readonly Command[], where: string): void => {
  if (commands.length === 0) fail(reader, at, `a value is missing in ${where}`);
  for (const { at: place, operands } of commands.slice(1)) {
    if (['bool', 'dot', 'nil', 'number', 'string'].includes(operands[0].kind))
      fail(reader, place, 'what stands behind | is to be a function or a method');
  }
};

export function pipeUntil(reader: Reader, end: 'right' | ')', where: string): Pipe {
  const { at } = peekWord(reader);
  const { names, isAssignment } = declaredAt(reader, where === 'range');
  const commands: Command[] = [];
  for (;;) {
    const token = peekWord(reader);
    if (token.kind === end) {
      reader.next += 1;
      checkCommands(reader, at, commands, where);
      return { kind: 'pipe', at, names, isAssignment, commands };
    }
    if (['right', ')', 'pipe', 'space', ',', ':=', '=', 'other', 'keyword', 'end', 'text'].includes(token.kind))
      unexpected(reader, token, where);
    commands.push(commandAt(reader));
  }
}
