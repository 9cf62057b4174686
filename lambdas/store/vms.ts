import { raise } from '../domain/faults.ts';
import { shareOf } from '../domain/host-life.ts';
import { observe as observed, rowOf, strangerId } from '../domain/observation.ts';
import { projectOf } from '../domain/project.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import * as events from './events.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import * as names from './names.ts';
import { partitionOf } from './project-keys.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';

/** How long a deleted VM without kept disks stays to be looked at. */
const DELETED_DAYS = 7;

const epochSeconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000);

/** KVM VMs are found by their host, EC2 instances by their id; both are listed in their project by id, which is the order of their making. */
const whereabouts = ({ id, provider, providerId, location }: Vm): table.Key | undefined => {
  if (location.hostId !== undefined) return { pk: `host#${location.hostId}`, sk: `vm#${id}` };
  return provider === 'ec2' && providerId !== undefined ? { pk: `provider#${providerId}`, sk: 'vm' } : undefined;
};

/** How VMs lie in the state table. */
export const entity: table.Entity<Vm> = {
  name: 'vm',
  key: ({ id }) => keyOf(id),
  indexes: (vm) => {
    const place = whereabouts(vm);
    return { gsi1: { pk: partitionOf(projectOf(vm), 'vm'), sk: vm.id }, ...(place ? { gsi2: place } : {}) };
  },
  expiresAt: ({ state, retainedUntil, changedAt }) =>
    state === 'deleted' ? epochSeconds(retainedUntil ?? changedAt) + DELETED_DAYS * 86_400 : undefined,
};

/** Where its row lies. */
export const keyOf = (id: string): table.Key => ({ pk: `vm#${id}`, sk: 'vm' });

export const find = (id: string): Promise<Vm | undefined> => table.get<Vm>(keyOf(id));

/** Those of these ids that are there, whosever they are. */
export const findAll = (ids: readonly string[]): Promise<Vm[]> => table.getEach<Vm>([...new Set(ids)].map(keyOf));

/** @throws VmNotFound, always */
export const notFound = (id: string): never => raise('VmNotFound', `There is no VM ${id}, or it was deleted long ago.`);

/** Whosever it is: for jobs and workflows; requests come through api/gate.ts. @throws VmNotFound */
export const get = async (id: string): Promise<Vm> => (await find(id)) ?? notFound(id);

/** The VM of an EC2 instance. The index lags a moment behind the row. */
export const byProviderId = async (providerId: string): Promise<Vm | undefined> =>
  (await table.query<Vm>({ index: 'gsi2', pk: `provider#${providerId}`, prefix: 'vm', limit: 1 })).rows[0];

/** Every VM of a host, strangers and deleted ones included. */
export const onHost = (hostId: string): AsyncGenerator<Vm> =>
  table.each<Vm>({ index: 'gsi2', pk: `host#${hostId}`, prefix: 'vm#' });

/** Those of a host that are ours, and there. */
export const livingOn = async (hostId: string): Promise<readonly Vm[]> =>
  (await Array.fromAsync(onHost(hostId))).filter(({ managed, state }) => managed && state !== 'deleted');

/** One page of a project's VMs, oldest first. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Vm>> =>
  table.query<Vm>({ ...range, index: 'gsi1', pk: partitionOf(project, 'vm') });

/** Every VM of a project. */
export const allOf = (project: string): AsyncGenerator<Vm> =>
  table.each<Vm>({ index: 'gsi1', pk: partitionOf(project, 'vm'), limit: 1000 });

/** Those of these VMs that are there and are this project's, in no order. */
export const ownOf = async (project: string, ids: readonly string[]): Promise<Vm[]> =>
  (await table.getEach<Vm>([...new Set(ids)].map(keyOf))).filter((vm) => projectOf(vm) === project);

/** The VMs of a project that are not deleted, or have disks that are kept. */
export const remaining = async (project: string): Promise<Vm[]> => {
  const found: Vm[] = [];
  for await (const vm of allOf(project)) if (vm.state !== 'deleted' || vm.retainedUntil !== undefined) found.push(vm);
  return found;
};

/** Every VM of every project: for jobs, not for requests. */
export async function* all(): AsyncGenerator<Vm> {
  for await (const project of projects.everyId()) yield* allOf(project);
}

/** Writes the next version of a VM. @throws WriteConflict where another writer got there first */
export const swap = async (before: Vm, after: Vm): Promise<Vm> => {
  const next = table.next({ ...after, version: before.version });
  await table.save(table.swapping(entity, next));
  return next;
};

/** The same of a VM as it was read and changed, as a write beside others. */
export const changing = (vm: Vm): table.Write => table.swapping(entity, table.next(vm));

/** Takes the row of a stranger away that is gone at its provider. */
export const forget = (vm: Vm): Promise<void> => table.save(table.deleting(entity, vm));

/** The row that tells of what was observed: ours by its mark, else by instance id, else the stranger's. */
const rowFor = async (installation: string, look: Observed): Promise<Vm | undefined> => {
  if (look.vmId !== undefined) return find(look.vmId);
  const known = look.location.hostId === undefined ? await byProviderId(look.providerId) : undefined;
  return known ?? find(strangerId(installation, look));
};

export interface Change {
  readonly before?: Vm;
  readonly after?: Vm;
}

/** A copy that carries the mark of a VM which is another instance (an AMI or a snapshot started by hand) is a stranger. */
const unmarked = (look: Observed): Observed => {
  const { vmId: _, ...stranger } = look;
  return stranger;
};

const insert = async (installation: string, look: Observed, at: string): Promise<Change> => {
  if (look.state === 'deleted') return {};
  const after = rowOf(installation, look, at);
  await table.save(table.putNew(entity, after));
  return { after };
};

const record = async (before: Vm, look: Observed, at: string): Promise<Change> => {
  if (!before.managed && look.state === 'deleted') {
    await forget(before);
    return { before };
  }
  const after = observed(before, look, at);
  if (after === before) return { before, after };
  const written = await swap(before, after);
  if (before.state !== after.state) await events.append(changeEvent(before, after, at));
  return { before, after: written };
};

const changeEvent = (before: Vm, after: Vm, at: string) => ({
  vmId: before.id,
  project: projectOf(before),
  at,
  type: 'StateChanged',
  message: `Seen ${after.state} at its provider; it was ${before.state}.`,
  detail: { from: before.state, to: after.state },
});

/** What a VM that lives after all holds again: its image, and of its host what was given back; a kept disk never was. */
const heldAgain = async (vm: Vm): Promise<table.Write[]> => {
  const { spec, location, retainedUntil } = vm;
  const host = location.hostId === undefined ? undefined : await hosts.find(location.hostId);
  const share = { ...shareOf(vm), ...(retainedUntil === undefined ? {} : { diskGiB: 0 }) };
  return [
    ...(spec?.imageId === undefined ? [] : [images.cloning(spec.imageId, vm)]),
    ...(host ? [hosts.allocating(host, share, table.changed)] : []),
  ];
};

/**
 * Writes a VM back that lives after all, with what it holds, and its name where nobody else has taken it meanwhile.
 * @throws WriteConflict: look again
 */
export const restore = async (before: Vm, after: Vm, at: string): Promise<void> => {
  const row = table.swapping(entity, table.next({ ...after, version: before.version }));
  const told = events.writing({
    vmId: before.id,
    project: projectOf(before),
    at,
    type: 'Returned',
    message: `Seen ${after.state} at its provider, though it was deleted here.`,
    detail: { from: before.state, to: after.state },
  });
  const isFree = (await names.holderOf('vm', before)) === undefined;
  await table.transact([
    row,
    told,
    ...(await heldAgain(before)),
    ...(isFree ? [names.taking('vm', before), ...projects.counting(projectOf(before), 1)] : []),
  ]);
};

/**
 * Brings the table up to what a provider was seen to hold: updates the VM's row, or inserts a stranger's. Writes
 * nothing where nothing is new. `before` is the VM's row as it was when the look was laid beside it: a row that was written
 * since tells of later than the look. @throws WriteConflict: look again
 */
export const observe = async (installation: string, look: Observed, at: string, before?: Vm): Promise<Change> => {
  const row = await rowFor(installation, look);
  if (row === undefined) return insert(installation, look, at);
  if (row.id === before?.id && row.version !== before.version) throw table.changed();
  const copy = look.vmId !== undefined && row.providerId !== undefined && row.providerId !== look.providerId;
  return copy ? observe(installation, unmarked(look), at) : record(row, look, at);
};
