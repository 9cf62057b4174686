import * as z from 'zod';

/** One page of a list; `cursor` is there while more may follow. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), cursor: z.string().optional() });
