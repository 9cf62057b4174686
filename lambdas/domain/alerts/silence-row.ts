import type * as z from 'zod';
import { WindowSpec } from '../maintenance-window.ts';
import type { Silence } from './silence.ts';

/** When a silence that recurs holds, said as a window's times are. */
export const SilenceTimes = WindowSpec.pick({ timeZone: true, periods: true, closures: true });
export type SilenceTimes = z.infer<typeof SilenceTimes>;

/**
 * The row of a silence. One that recurs holds while its window is open, or by times of its own, from `startsAt` until `endsAt`;
 * occurrence.ts says when that is.
 */
export interface SilenceRow extends Silence {
  readonly project: string;
  readonly version: number;
  /** The window, by its id, while which is open it holds. */
  readonly window?: string | undefined;
  readonly times?: SilenceTimes | undefined;
  /** How long before its end people are told which alerts will be heard again, as a duration; `0s` is never. */
  readonly remindBefore?: string | undefined;
  /** An Instant: until when nothing of it holds, because somebody has ended an occurrence before its time. */
  readonly skippedUntil?: string;
  /** The end, an Instant, of which people were told that it comes. */
  readonly reminded?: string;
  /** When it is next to be looked at whether they are to be told, an Instant. */
  readonly lookAt?: string;
}
