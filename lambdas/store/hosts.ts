import { Fault, raise } from '../domain/faults.ts';
import type { Beat, Host } from '../domain/host.ts';
import * as beats from './beats.ts';
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

/** A host with its last beat. @throws HostNotFound */
export const withBeat = async (id: string): Promise<{ readonly host: Host; readonly beat?: Beat }> => {
  const rows = await table.getAll([keyOf(id), beats.keyOf(id)]);
  // Each key was asked for by its entity's own sort key, which names the type of the row.
  const { host, beat } = Object.fromEntries(rows) as { host?: Host; beat?: Beat };
  return { host: host ?? raise('HostNotFound', `There is no host ${id}.`), ...(beat ? { beat } : {}) };
};

/** Every host, by name: some hundreds at most, so placement reads them all. */
export const all = async (): Promise<Host[]> => Array.fromAsync(table.each<Host>({ index: 'gsi1', pk: 'host' }));

const timeOf = (beat: Beat | undefined): Pick<Host, 'beatAt'> => (beat ? { beatAt: beat.at } : {});

/** One page of hosts, by name, each with the time of its last beat. */
export const page = async (range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Host>> => {
  const slice = await table.query<Host>({ ...range, index: 'gsi1', pk: 'host' });
  const last = await beats.of(slice.rows.map(({ id }) => id));
  const told = (host: Host): Host => ({ ...host, ...timeOf(last.get(host.id)) });
  return { ...slice, rows: slice.rows.map(told) };
};

/** Writes the next version of a host. @throws WriteConflict where another writer got there first */
export const swap = async (before: Host, after: Host): Promise<Host> => {
  const next = table.next({ ...after, version: before.version });
  await table.save(table.swapping(entity, next));
  return next;
};

type Share = Host['allocated'];

/** What is promised once a share is given back; rounding and old rows never make it negative. */
export const less = (allocated: Share, share: Share): Share => ({
  vcpus: Math.max(0, allocated.vcpus - share.vcpus),
  memoryMiB: Math.max(0, allocated.memoryMiB - share.memoryMiB),
  diskGiB: Math.max(0, allocated.diskGiB - share.diskGiB),
});

const raced = (host: Host) => (): Fault =>
  new Fault('PlacementRaced', `${host.name} changed while the VM was being placed.`);

/** Adds a VM's share to what its host has promised. @throws PlacementRaced or what `lost` says, when written after another change of the host */
export const allocating = (host: Host, share: Share, lost = raced(host)): table.Write =>
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
    lost,
  );
