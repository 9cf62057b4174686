import type { Beat } from '../domain/host.ts';
import * as table from './table.ts';

/** Where a host's beat lies: beside its row, so that both are read in one call. */
export const keyOf = (hostId: string): table.Key => ({ pk: `host#${hostId}`, sk: 'beat' });

/** In no index and heard by no listener: it is written six times a minute for each host. */
const entity: table.Entity<Beat> = { name: 'beat', key: ({ hostId }) => keyOf(hostId) };

export const find = (hostId: string): Promise<Beat | undefined> => table.get<Beat>(keyOf(hostId));

/** The last beats of these hosts, by host; one that never spoke is left out. */
export const of = async (hostIds: readonly string[]): Promise<ReadonlyMap<string, Beat>> => {
  const found = await table.getEach<Beat>(hostIds.map(keyOf));
  return new Map(found.map((beat) => [beat.hostId, beat]));
};

/** Writes a beat, unless it is a late repeat: then the later one stays. */
export const write = (beat: Beat): Promise<void> => table.saveNewer(entity, beat);

/** Forgets it, for a unit whose reports count from 1 again. */
export const forgetting = (hostId: string): table.Write => table.remove(keyOf(hostId));
