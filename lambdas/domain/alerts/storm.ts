import type { AlertGroup } from './alert-group.ts';

/** A digest of groups as receivers are told of it: as of one group of all their alerts, in words of its own. */
export interface Digest extends AlertGroup {
  readonly digest: {
    /** How many groups and alerts fire, and are over. */
    readonly said: string;
    /** Why they are told of together. */
    readonly why: string;
  };
}

/** Whether what is told of is a digest. */
export const isDigest = (group: Pick<AlertGroup, 'id' | 'project'>): group is Digest => 'digest' in group;
