import { UsageError } from './exit-codes.ts';

/** The options by which a person says when something ends: after so many seconds, or at an instant. */
export interface EndSaid {
  readonly for?: number;
  readonly until?: string;
}

/** When it ends, as an instant; undefined where neither is said. @throws UsageError where both are */
export const endSaid = ({ for: seconds, until }: EndSaid, from: string): string | undefined => {
  if (seconds !== undefined && until !== undefined) throw new UsageError('Say --for or --until, not both.');
  return seconds === undefined ? until : new Date(Date.parse(from) + seconds * 1000).toISOString();
};
