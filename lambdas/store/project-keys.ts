import { DEFAULT_PROJECT } from '../domain/ids.ts';

/**
 * The partition in which a project's rows of one noun are listed. `default` keeps the partitions of before there were
 * projects, so that no row had to move. An id has no `#`: no project's prefix is the beginning of another's.
 */
export const partitionOf = (project: string, noun: string): string =>
  project === DEFAULT_PROJECT ? noun : `p#${project}#${noun}`;
