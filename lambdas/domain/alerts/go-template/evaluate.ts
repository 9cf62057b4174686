import type { Callable, Wanted } from './callable.ts';
import { Misuse, type Source, TemplateError } from './error.ts';
import { FUNCTIONS } from './functions.ts';
import { methodOf } from './methods.ts';
import type { Command, NumberNode, Operand, Pipe } from './nodes.ts';
import { int, isTrue, strings, textOf, typeOf, type Value } from './values.ts';

/** What operands, commands and pipes come to, as Go's text/template evaluates them (text/template/exec.go of Go 1.19). */

/** How much a text may cost: each command is one, and so are a hundred characters of what one comes to. */
export const MOST_STEPS = 500_000;

/** Where an evaluation is. */
export interface Run {
  readonly source: Source;
  /** The variables that there are, the youngest last. */
  readonly variables: { readonly name: string; value: Value }[];
  /** What has been spent, by all that are told into one text. */
  readonly spent: { steps: number };
}

/** What a command is given by the one before it in its pipe, where there is one. */
type Given = { readonly value: Value } | undefined;

export const fail = ({ source }: Run, at: number, why: string): never => {
  throw new TemplateError(source, at, why);
};

export const spend = (run: Run, at: number, steps: number): void => {
  run.spent.steps += steps;
  if (run.spent.steps > MOST_STEPS) fail(run, at, `it takes more than ${MOST_STEPS} steps`);
};

/** Does something whose complaints are about a place. */
export const placed = <T>(run: Run, at: number, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    if (error instanceof RangeError || error instanceof TypeError) throw error;
    return fail(run, at, error instanceof Error ? error.message : String(error));
  }
};

const fits = (value: Value, wanted: Wanted): boolean => {
  if (wanted === 'any') return true;
  return value !== undefined && typeOf(value) === wanted;
};

const checked = (run: Run, at: number, value: Value, wanted: Wanted): Value => {
  if (fits(value, wanted)) return value;
  if (value === undefined && wanted === '[]string') return strings([]);
  return fail(run, at, `a ${wanted} is wanted here, and this is a ${typeOf(value)}`);
};

const numberAs = (run: Run, node: NumberNode, wanted: Wanted): Value => {
  if (wanted === 'any' && node.isFloat) return node.float;
  const type = wanted === 'time.Duration' ? wanted : 'int';
  if (node.int === undefined || !['any', 'int', 'time.Duration'].includes(wanted))
    return fail(run, node.at, `a ${wanted} is wanted here`);
  return int(node.int, type);
};

const nilAs = (run: Run, at: number, wanted: Wanted): Value => {
  if (wanted === 'any') return undefined;
  return wanted === '[]string' ? strings([]) : fail(run, at, `nil is no ${wanted}`);
};

/** A literal that begins a pipe. */
const literal = (run: Run, dot: Value, operand: Operand, wanted: Wanted): Value => {
  switch (operand.kind) {
    case 'dot':
      return checked(run, operand.at, dot, wanted);
    case 'nil':
      return nilAs(run, operand.at, wanted);
    case 'number':
      return numberAs(run, operand, wanted);
    case 'bool':
    case 'string':
      return checked(run, operand.at, operand.value, wanted);
    default:
      throw new Misuse(`a ${operand.kind} is no literal`);
  }
};

export const variableOf = (run: Run, name: string, at: number): { value: Value } =>
  run.variables.findLast((each) => each.name === name) ?? fail(run, at, `there is no variable ${name}`);

/** An operand that something is given. */
const argument = (run: Run, dot: Value, operand: Operand, wanted: Wanted): Value => {
  const { at } = operand;
  switch (operand.kind) {
    case 'field':
    case 'variable':
    case 'function':
    case 'chain':
    case 'pipe':
      return checked(run, at, commandOf(run, dot, { at, operands: [operand] }, undefined), wanted);
    default:
      return literal(run, dot, operand, wanted);
  }
};

/** What is called, by which name, from where, and with what. */
interface Call {
  readonly name: string;
  readonly at: number;
  readonly given: readonly Operand[];
  readonly last: Given;
}

const argumentsOf = (run: Run, dot: Value, { takes, more }: Callable, { name, at, given, last }: Call): Value[] => {
  const count = given.length + (last ? 1 : 0);
  const isMany = more !== undefined;
  if (count < takes.length || (!isMany && count > takes.length))
    fail(run, at, `${name} takes ${isMany ? 'at least ' : ''}${takes.length}, and is given ${count}`);
  const wantedAt = (index: number): Wanted => takes[index] ?? more ?? 'any';
  const values = given.map((operand, index) => argument(run, dot, operand, wantedAt(index)));
  return last ? [...values, checked(run, at, last.value, wantedAt(given.length))] : values;
};

const called = (run: Run, dot: Value, callable: Callable, call: Call): Value => {
  const values = argumentsOf(run, dot, callable, call);
  for (const value of values) spend(run, call.at, Math.ceil((textOf(value)?.length ?? 0) / 100));
  const value = placed(run, call.at, () => callable.call(...values));
  spend(run, call.at, Math.ceil((textOf(value)?.length ?? 0) / 100));
  return value;
};

/** `and` and `or` end at the first that decides, and evaluate nothing behind it. */
const decided = (run: Run, dot: Value, { name, at, given, last }: Call): Value => {
  if (given.length === 0 && last === undefined) fail(run, at, `${name} takes at least 1, and is given 0`);
  let value: Value;
  for (const operand of given) {
    value = argument(run, dot, operand, 'any');
    if (isTrue(value) === (name === 'or')) return value;
  }
  return last ? last.value : value;
};

const functionCalled = (run: Run, dot: Value, call: Call): Value => {
  if (call.name === 'and' || call.name === 'or') return decided(run, dot, call);
  const callable = FUNCTIONS.get(call.name);
  return callable ? called(run, dot, callable, call) : fail(run, call.at, `there is no function ${call.name}`);
};

/** A method of a value, a field of it, or what it has under a name. */
const member = (run: Run, dot: Value, of: Value, call: Call): Value => {
  const { name, at, given, last } = call;
  if (of === undefined) return undefined;
  const method = methodOf(of, name);
  if (method) return called(run, dot, method, call);
  const isGiven = given.length > 0 || last !== undefined;
  const known = typeof of === 'object' && (of.kind === 'kv' || (of.kind === 'struct' && of.fields.has(name)));
  if (!known) return fail(run, at, `a ${typeOf(of)} has no ${name}`);
  if (isGiven) return fail(run, at, `${name} is no method, and is given something`);
  return of.kind === 'kv' ? (of.entries.get(name) ?? '') : of.fields.get(name);
};

/** One of another of another; the last is given what there is to give. */
const members = (run: Run, dot: Value, of: Value, names: readonly string[], call: Omit<Call, 'name'>): Value => {
  const { at } = call;
  const owner = names
    .slice(0, -1)
    .reduce<Value>((value, name) => member(run, dot, value, { name, at, given: [], last: undefined }), of);
  return member(run, dot, owner, { ...call, name: names.at(-1) ?? '' });
};

/** What a command comes to. */
function commandOf(run: Run, dot: Value, { operands }: Command, last: Given): Value {
  const [first, ...given] = operands;
  const { at } = first;
  spend(run, at, 1);
  const call = { at, given, last };
  switch (first.kind) {
    case 'field':
      return members(run, dot, dot, first.names, call);
    case 'chain':
      return members(run, dot, argument(run, dot, first.of, 'any'), first.names, call);
    case 'function':
      return functionCalled(run, dot, { ...call, name: first.name });
    case 'variable':
      if (first.names.length > 0) return members(run, dot, variableOf(run, first.name, at).value, first.names, call);
      break;
    default:
      break;
  }
  if (given.length > 0 || last) fail(run, at, 'this is no function, and is given something');
  switch (first.kind) {
    case 'variable':
      return variableOf(run, first.name, at).value;
    case 'pipe':
      return evaluate(run, dot, first);
    case 'nil':
      return fail(run, at, 'nil is no command');
    default:
      return literal(run, dot, first, 'any');
  }
}

/** What a pipe comes to, which is put into no variable. */
export const pipeValue = (run: Run, dot: Value, { commands }: Pipe): Value =>
  commands.reduce<Given>((last, command) => ({ value: commandOf(run, dot, command, last) }), undefined)?.value;

/** What a pipe comes to; it is put into the variables that the pipe has. */
export function evaluate(run: Run, dot: Value, pipe: Pipe): Value {
  const value = pipeValue(run, dot, pipe);
  for (const name of pipe.names) {
    if (pipe.isAssignment) variableOf(run, name, pipe.at).value = value;
    else run.variables.push({ name, value });
  }
  return value;
}
