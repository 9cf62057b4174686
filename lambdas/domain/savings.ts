import * as z from 'zod';
import { Instant } from './ids.ts';

/** How what schedules saved is asked for and shown; how it is summed up is savings-of.ts. */

/** By what savings are told apart. */
export const SavedBy = z.string().regex(/^(vm|owner|schedule|tag:[\p{L}\p{N} _.:/=+@-]{1,128})$/u, {
  error: 'vm, owner, schedule, or tag:<key>',
});

const Sum = z.strictObject({
  /** That VMs were off, each for itself. */
  seconds: z.number().int(),
  /** What that saved, to the millionth; disks are paid for either way. */
  usd: z.number(),
  /** Of `usd`, what rests on the price book and not on a list price. */
  estimatedUsd: z.number(),
  /** Of `seconds`, those of VMs whose price nobody knew. */
  unpricedSeconds: z.number().int(),
});

/** What schedules really saved in a range. */
export const Savings = z
  .strictObject({
    from: Instant,
    to: Instant,
    by: z.string(),
    total: Sum,
    /** By days of UTC; a day on which nothing was off is left out. */
    days: z.array(Sum.extend({ day: z.iso.date() })),
    /** The largest first. A VM without an owner, or without the tag, counts under the empty key. */
    groups: z.array(Sum.extend({ key: z.string(), name: z.string() })),
    /** More is to come: sums of several pages, those of one day or key among them, are to be added up. */
    cursor: z.string().optional(),
  })
  .meta({ id: 'Savings' });
export type Savings = z.infer<typeof Savings>;
