import type { NewSchedule } from '../api.ts';

/** Something that is otherwise here than where a schedule comes from. */
export interface Difference {
  /** As it is called there; `*` is about all of them. */
  readonly schedule: string;
  /** The setting, and what it is set to. */
  readonly setting: string;
  readonly value?: string;
  /** What happens there, and what happens here instead. */
  readonly there: string;
  readonly here: string;
  /** The schedule has no counterpart and is not in the file. */
  readonly leftOut?: true;
}

/** What an import comes to: schedules for a file, and what is otherwise about them. */
export interface Imported {
  readonly schedules: readonly NewSchedule[];
  readonly differences: readonly Difference[];
}
