import * as z from 'zod';
import { parseDuration } from './durations.ts';
import { checkedUrl } from './go-url.ts';
import { type YamlMap, YamlScalar } from './yaml-scalar.ts';

/**
 * The kinds of fields that a configuration has. What is absent takes its default; what is null is what Go calls zero: no text,
 * false, none, whatever the default.
 */
const refused = (context: z.RefinementCtx, message: string): never => {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
};

/** A field that is one scalar. */
export const scalar = <T>(zero: T, read: (scalar: YamlScalar) => T) =>
  z.unknown().transform((value, context): T => {
    if (value === null) return zero;
    if (!(value instanceof YamlScalar)) return refused(context, 'a single value is wanted here');
    try {
      return read(value);
    } catch (error) {
      return refused(context, error instanceof Error ? error.message : String(error));
    }
  });

export const text = scalar('', ({ text }) => text);

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);

export const bool = scalar(false, ({ text, isBare }) => {
  if (isBare && TRUE.has(text)) return true;
  if (isBare && FALSE.has(text)) return false;
  throw new Error(`${JSON.stringify(text)} is neither true nor false`);
});

const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|\d+)$/;
const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;

const numberOf = (plain: string): number => {
  const [, sign, digits = ''] = INTEGER.exec(plain) ?? [];
  if (sign === undefined) return FLOAT.test(plain) ? Math.trunc(Number(plain)) : Number.NaN;
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  return sign === '-' ? -value : value;
};

/** A whole number, in the ways that YAML 1.1 has of writing one. */
export const integer = scalar(0, ({ text, isBare }) => {
  const value = isBare ? numberOf(text.replaceAll('_', '')) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new Error(`${JSON.stringify(text)} is no whole number`);
});

/** Milliseconds; null is none. */
export const duration = scalar<number | undefined>(undefined, ({ text }) => parseDuration(text));

const GO_DURATION = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A duration as Go itself reads it: `1.5h`. Kept as it is. */
export const goDuration = scalar('0s', ({ text }) => {
  if (GO_DURATION.test(text)) return text;
  throw new Error(`invalid duration ${JSON.stringify(text)}`);
});

/** One of http or https with a host; null is none. */
export const url = scalar<string | undefined>(undefined, ({ text }) => checkedUrl(text));

/** What a configuration shows instead of a secret reads back. */
export const secretUrl = scalar<string | undefined>(undefined, ({ text }) =>
  text === '<secret>' ? text : checkedUrl(text),
);

const isMapping = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof YamlScalar);

const map = (value: unknown, context: z.RefinementCtx): unknown =>
  isMapping(value) ? value : refused(context, 'a map is wanted here');

/** A map of fields, and of no others. */
export const fields = <T extends z.core.$ZodLooseShape>(shape: T) => z.preprocess(map, z.strictObject(shape));

/** The same; null is one in which none is said. */
export const fieldsOrNone = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.preprocess((value, context) => map(value ?? {}, context), z.strictObject(shape));

/** A map of whatever names to values of one kind; absent and null it is empty. */
export const mapOf = <T extends z.ZodType>(item: T) =>
  z.preprocess((value, context) => map(value ?? {}, context), z.record(z.string(), item)).prefault({});

/** A map of texts. */
export const texts = mapOf(text);

/** What may be absent or null, which are one. */
export const maybe = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => value ?? undefined, schema.optional()).optional();

/** A list that is there. */
export const items = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value, context) => (Array.isArray(value) ? value : refused(context, 'a list is wanted here')),
    z.array(item),
  );

/** A list; absent and null it is one of nothing. */
export const list = <T extends z.ZodType>(item: T) => z.preprocess((value) => value ?? [], items(item)).prefault([]);

/** A check that of a text and a file which holds that text one is said. */
export const atMostOne =
  (first: string, second: string) =>
  (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    if (value[first] && value[second]) refused(context, `at most one of ${first} & ${second} must be configured`);
  };

/** Fields that are texts, each absent or not. */
export const optionalTexts = <K extends string>(...names: K[]) =>
  Object.fromEntries(names.map((name) => [name, text.optional()])) as Record<K, z.ZodOptional<typeof text>>;

/** Texts without which a receiver is none. */
export const needs =
  (names: readonly string[], what: string) => (value: Readonly<Record<string, unknown>>, context: z.RefinementCtx) => {
    for (const name of names)
      if (!value[name]) context.addIssue({ code: 'custom', message: `missing ${name} in ${what}` });
  };

const HOST_PORT = /^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]+$/;

/** `host:port`. */
export const hostPort = scalar('', ({ text }) => {
  if (text === '' || HOST_PORT.test(text)) return text;
  throw new Error(`address ${text}: host and port are wanted`);
});
