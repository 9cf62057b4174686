import { Fault, raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import type { Vm } from '../domain/vm.ts';
import * as table from './table.ts';

/** Where its row lies. */
export const keyOf = (id: string): table.Key => ({ pk: `host#${id}`, sk: 'host' });

/** How hosts lie in the state table: by id, listed by name, found by SSM node. */
export const entity: table.Entity<Host> = {
  name: 'host',
  key: ({ id }) => keyOf(id),
  indexes: ({ name, nodeId }) => ({
    gsi1: { pk: 'host', sk: name },
    ...(nodeId === undefined ? {} : { gsi2: { pk: `node#${nodeId}`, sk: 'host' } }),
  }),
};

export const find = (id: string): Promise<Host | undefined> => table.get<Host>(keyOf(id));

/** @throws HostNotFound */
export const get = async (id: string): Promise<Host> =>
  (await find(id)) ?? raise('HostNotFound', `There is no host ${id}.`);

/** Every host, by name: some hundreds at most, so placement reads them all. */
export const all = async (): Promise<Host[]> => Array.fromAsync(table.each<Host>({ index: 'gsi1', pk: 'host' }));

export const page = (range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Host>> =>
  table.query<Host>({ ...range, index: 'gsi1', pk: 'host' });

/** Writes the next version of a host. @throws WriteConflict where another writer got there first */
export const swap = async (before: Host, after: Host): Promise<Host> => {
  const next = table.next({ ...after, version: before.version });
  await table.save(table.swapping(entity, next));
  return next;
};

/** What a VM takes of its host. */
export const shareOf = ({ vcpus, memoryMiB, disks }: Pick<Vm, 'vcpus' | 'memoryMiB' | 'disks'>): Host['allocated'] => ({
  vcpus,
  memoryMiB,
  diskGiB: disks.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
});

type Share = Host['allocated'];

/** What is promised once a share is given back; rounding and old rows never make it negative. */
export const less = (allocated: Share, share: Share): Share => ({
  vcpus: Math.max(0, allocated.vcpus - share.vcpus),
  memoryMiB: Math.max(0, allocated.memoryMiB - share.memoryMiB),
  diskGiB: Math.max(0, allocated.diskGiB - share.diskGiB),
});

/** Adds a VM's share to what its host has promised. @throws PlacementRaced, when written after another change of the host */
export const allocating = (host: Host, share: Share): table.Write =>
  table.swapping(
    entity,
    table.next({
      ...host,
      allocated: {
        vcpus: host.allocated.vcpus + share.vcpus,
        memoryMiB: host.allocated.memoryMiB + share.memoryMiB,
        diskGiB: host.allocated.diskGiB + share.diskGiB,
      },
    }),
    () => new Fault('PlacementRaced', `${host.name} changed while the VM was being placed.`),
  );
