import type * as z from 'zod';

/** Where in a row something stands. */
export type Path = readonly string[];

/** An object or a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** All places in a row, the row itself first. */
export const placesIn = (value: unknown, path: Path = []): Path[] =>
  isObject(value) ? [path, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...path, key]))] : [path];

/** What stands there. */
export const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);

/** The row with something else at one place. */
export const withAt = (value: unknown, [key, ...rest]: Path, put: unknown): unknown => {
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.with(Number(key), withAt(value[Number(key)], rest, put));
  return isObject(value) ? { ...value, [key]: withAt(value[key], rest, put) } : value;
};

/** Whether a schema takes a row. */
export const holds = (schema: z.ZodType, row: unknown): boolean => schema.safeParse(row).success;
