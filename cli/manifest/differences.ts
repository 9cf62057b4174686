import { type Fields, same } from './kind.ts';

/** One place in which two things differ; one of both is undefined where it is not there. */
export interface Difference {
  /** `targets.filter` */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place in which two things differ, keys before values; lists are told whole. */
export const differences = (before: Fields, after: Fields, at = ''): Difference[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): Difference[] => {
    const [old, now] = [before[key], after[key]];
    const field = `${at}${key}`;
    if (same(old, now)) return [];
    if (isFields(old) && isFields(now)) return differences(old, now, `${field}.`);
    return [{ field, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
