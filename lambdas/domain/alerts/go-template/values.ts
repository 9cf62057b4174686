import { byBytes } from '../go-text.ts';

/**
 * What templates reckon with: Go's values, as far as Alertmanager's data and functions come to them. None is an object that
 * anybody else made: names are looked up in maps, never in objects.
 */

/** `undefined` is Go's nil. A number is a float64. */
export type Value = undefined | boolean | number | string | Int | Html | Slice | Kv | Struct | Time;

export interface Int {
  readonly kind: 'int';
  readonly type: 'int' | 'int64' | 'uint8' | 'time.Duration' | 'time.Month' | 'time.Weekday';
  readonly value: bigint;
}

/** A text that says of itself that it is HTML. */
export interface Html {
  readonly kind: 'html';
  readonly text: string;
}

export interface Slice {
  readonly kind: 'slice';
  readonly type: '[]string' | '[]template.Alert' | 'template.Alerts' | 'template.Pairs';
  readonly items: readonly Value[];
}

/** Names and values, in the order of the names. */
export interface Kv {
  readonly kind: 'kv';
  readonly entries: ReadonlyMap<string, string>;
}

export interface Struct {
  readonly kind: 'struct';
  readonly type: 'template.Data' | 'template.Alert' | 'template.Pair';
  readonly fields: ReadonlyMap<string, Value>;
}

/** A moment in UTC, in nanoseconds since the epoch. */
export interface Time {
  readonly kind: 'time';
  readonly ns: bigint;
}

export const int = (value: number | bigint, type: Int['type'] = 'int'): Int => ({
  kind: 'int',
  type,
  value: BigInt.asIntN(64, BigInt(value)),
});

export const strings = (items: readonly string[]): Slice => ({ kind: 'slice', type: '[]string', items });

export const kv = (entries: Iterable<readonly [string, string]>): Kv => ({
  kind: 'kv',
  entries: new Map(Array.from(entries).sort(([a], [b]) => byBytes(a, b))),
});

export const struct = (type: Struct['type'], fields: readonly (readonly [string, Value])[]): Struct => ({
  kind: 'struct',
  type,
  fields: new Map(fields),
});

/** What Go calls the type of a value. */
export const typeOf = (value: Value): string => {
  switch (typeof value) {
    case 'undefined':
      return '<nil>';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'string':
      return 'string';
    default:
      break;
  }
  switch (value.kind) {
    case 'html':
      return 'template.HTML';
    case 'kv':
      return 'template.KV';
    case 'time':
      return 'time.Time';
    default:
      return value.type;
  }
};

/** The text of a value that Go counts among texts. */
export const textOf = (value: Value): string | undefined => {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value.kind === 'html' ? value.text : undefined;
};

/** Whether `if` takes it for true. */
export const isTrue = (value: Value): boolean => {
  if (typeof value !== 'object') return Boolean(value);
  switch (value.kind) {
    case 'int':
      return value.value !== 0n;
    case 'html':
      return value.text !== '';
    case 'slice':
      return value.items.length > 0;
    case 'kv':
      return value.entries.size > 0;
    default:
      return true;
  }
};
