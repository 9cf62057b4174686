import * as table from './table.ts';

/** Under which rules that are always so, and on, lie in an index, of whatever project. */
export const ALWAYS = 'rule-always';

/** Whether there is one. */
export const isAny = async (): Promise<boolean> =>
  (await table.query({ index: 'gsi1', pk: ALWAYS, limit: 1 })).rows.length > 0;
