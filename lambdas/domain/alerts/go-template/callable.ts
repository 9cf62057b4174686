import type { Value } from './values.ts';

/** Something that a template calls: a function, or a method of a value. */

/** What is taken in a place: anything, or a type of Go's. A number that is written takes the type that is wanted. */
export type Wanted = 'any' | 'string' | 'int' | 'time.Duration' | 'time.Time' | '[]string';

export interface Callable {
  readonly takes: readonly Wanted[];
  /** What it takes as many of as there are, behind those. */
  readonly more?: Wanted;
  /** @throws Misuse, Error */
  readonly call: (...values: Value[]) => Value;
}

export const callable = (takes: readonly Wanted[], call: Callable['call'], more?: Wanted): Callable => ({
  takes,
  call,
  ...(more === undefined ? {} : { more }),
});
