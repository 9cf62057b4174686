import * as z from 'zod';
import { Instant } from './ids.ts';
import type { PlannedTime } from './planned-times.ts';
import { Want } from './schedule.ts';

/** A planned time as people read it. */
export const Moment = z.strictObject({
  at: Instant,
  /** When it is begun, where that is earlier: so that VMs are ready at their time. */
  askedAt: Instant.optional(),
  want: Want,
  because: z.string(),
});

const instant = (at: number): Instant => new Date(at).toISOString();
/** @see Moment; `from` is when it is begun */
export const momentOf = ({ at, want, because }: PlannedTime, from = at): z.infer<typeof Moment> => ({
  at: instant(at),
  ...(from < at ? { askedAt: instant(from) } : {}),
  want,
  because,
});
