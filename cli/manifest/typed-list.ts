import type * as z from 'zod';
import { type Form, FormError, same } from './kind.ts';

/** How one thing of a list is typed. */
interface Typed<T> {
  readonly schema: z.ZodType<T>;
  /** Nothing where the text is none. */
  readonly read: (text: string) => unknown;
  readonly write: (value: T) => string;
  /** What a text that cannot be read is told. */
  readonly form: string;
}

/** A list whose things are written as they are typed, where that says all of one. */
export const typedList = <T>({ schema, read, write, form }: Typed<T>): Form => {
  const readOne = (value: unknown, index: number): unknown => {
    const found = typeof value === 'string' ? read(value) : value;
    if (found === undefined) throw new FormError([index], form);
    return found;
  };
  const writeOne = (value: unknown): unknown => {
    const { success, data } = schema.safeParse(value);
    const text = success ? write(data) : '';
    return same(read(text), value) ? text : value;
  };
  return {
    read: async (value) => (Array.isArray(value) ? value.map(readOne) : value),
    write: async (value) => (Array.isArray(value) ? value.map(writeOne) : value),
  };
};
