import { byBytes } from '../go-text.ts';
import { Misuse } from './error.ts';
import { type Kv, type Slice, type Struct, type Time, typeOf, type Value } from './values.ts';

/** Go's comparisons in templates (text/template/funcs.go): of numbers, of texts and of truths, each with its own kind alone. */

type Basic = boolean | bigint | number | string;

/** What is compared of a value of a basic kind. */
const basicOf = (value: Value): Basic | undefined => {
  if (typeof value !== 'object') return value;
  if (value.kind === 'int') return value.value;
  return value.kind === 'html' ? value.text : undefined;
};

const isComparable = (value: Value): boolean =>
  typeof value !== 'object' ||
  !(value.kind === 'slice' || value.kind === 'kv' || (value.kind === 'struct' && value.type !== 'template.Pair'));

const checkComparable = (value: Value): void => {
  if (!isComparable(value)) throw new Misuse(`a ${typeOf(value)} is not compared`);
};

type Whole = Kv | Slice | Struct | Time;

/** Of values without a basic kind: moments and pairs. */
const isSame = (a: Whole, b: Whole): boolean => {
  if (a.kind === 'time' && b.kind === 'time') return a.ns === b.ns;
  if (a.kind !== 'struct' || b.kind !== 'struct' || a.type !== b.type) return false;
  return Array.from(a.fields).every(([name, value]) => b.fields.get(name) === value);
};

const equals = (a: Value, b: Value): boolean => {
  if (a === undefined || b === undefined) return a === b;
  const [first, second] = [basicOf(a), basicOf(b)];
  if (first !== undefined && second !== undefined && typeof first === typeof second) return first === second;
  if (first !== undefined || second !== undefined)
    throw new Misuse(`a ${typeOf(a)} is not compared with a ${typeOf(b)}`);
  checkComparable(b);
  // Neither has a basic kind.
  return isSame(a as Whole, b as Whole);
};

/** Whether the first is any of the others. @throws Misuse */
export const eq = (first: Value, others: readonly Value[]): boolean => {
  if (others.length === 0) throw new Misuse('something is missing to compare with');
  return others.some((other) => equals(first, other));
};

/** @throws Misuse */
export const lt = (a: Value, b: Value): boolean => {
  const [first, second] = [basicOf(a), basicOf(b)];
  if (typeof first === 'string' && typeof second === 'string') return byBytes(first, second) < 0;
  if (typeof first === 'bigint' && typeof second === 'bigint') return first < second;
  if (typeof first === 'number' && typeof second === 'number') return first < second;
  throw new Misuse(`it is not known which is less, a ${typeOf(a)} or a ${typeOf(b)}`);
};
