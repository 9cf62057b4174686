import type { Silence } from './silence.ts';

/** The row of a silence. */
export interface SilenceRow extends Silence {
  readonly project: string;
  readonly version: number;
}
