import { raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import type { Image } from '../domain/image.ts';
import type { Operation } from '../domain/operation.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';
import * as vms from './vms.ts';

/** Where its row lies. */
export const keyOf = (id: string): table.Key => ({ pk: `op#${id}`, sk: 'op' });

/** How long one that has ended can be looked at; what is left after that is its entries in the audit log. */
const KEPT_DAYS = 90;

/** How operations lie in the state table: by id, listed by time in their project, and by time for their VM or host. */
export const entity: table.Entity<Operation> = {
  name: 'operation',
  key: ({ id }) => keyOf(id),
  indexes: (operation) => {
    const { id, vmId, hostId, createdAt } = operation;
    return {
      gsi1: { pk: partitionOf(projectOf(operation), 'op'), sk: `${createdAt}#${id}` },
      gsi2: { pk: vmId ? `vm#${vmId}` : `host#${hostId}`, sk: `op#${createdAt}#${id}` },
    };
  },
  // What waits for a person has not ended for that person.
  expiresAt: ({ state, endedAt }) =>
    endedAt === undefined || state === 'needs-attention'
      ? undefined
      : Math.floor(Date.parse(endedAt) / 1000) + KEPT_DAYS * 86_400,
};

export const find = (id: string): Promise<Operation | undefined> => table.get<Operation>(keyOf(id));

/** Those that there are of these, in no order. */
export const findAll = (ids: readonly string[]): Promise<Operation[]> =>
  table.getEach<Operation>([...new Set(ids)].map(keyOf));

/** @throws OperationNotFound, always */
export const notFound = (id: string): never => raise('OperationNotFound', `There is no operation ${id}.`);

/** Whosever it is: for jobs and workflows; requests come through api/gate.ts. @throws OperationNotFound */
export const get = async (id: string): Promise<Operation> => (await find(id)) ?? notFound(id);

/** An operation with the rows it is about, as of one moment (nearly: a batch is no transaction, compare-and-set is). */
export interface Scene {
  readonly operation: Operation;
  readonly vm?: Vm;
  readonly host?: Host;
  readonly image?: Image;
}

/** An operation, and where they are known the rows it is about. */
export interface Ids {
  readonly operationId: string;
  readonly vmId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly imageId?: string | undefined;
}

/** Reads an operation with its VM, host and image: in one call where the ids are known beside it. @throws OperationNotFound */
export const scene = async (ids: Ids): Promise<Scene> => {
  const { vmId, hostId } = ids.vmId || ids.hostId ? ids : await get(ids.operationId);
  const keys = [
    keyOf(ids.operationId),
    ...(vmId === undefined ? [] : [vms.keyOf(vmId)]),
    ...(hostId === undefined ? [] : [hosts.keyOf(hostId)]),
    ...(ids.imageId === undefined ? [] : [images.keyOf(ids.imageId)]),
  ];
  const rows = await table.getAll(keys);
  const operation = rows.get('op') ?? notFound(ids.operationId);
  // Each key was asked for by its entity's own sort key, which names the type of the row.
  return { operation, vm: rows.get('vm'), host: rows.get('host'), image: rows.get('image') } as Scene;
};

/** Writes the next version of an operation. @throws WriteConflict where another writer got there first */
export const swap = async (before: Operation, after: Operation): Promise<Operation> => {
  const next = table.next({ ...after, version: before.version });
  await table.save(table.swapping(entity, next));
  return next;
};

/** The same of an operation as it was read and changed, as a write beside others. */
export const changing = (operation: Operation): table.Write => table.swapping(entity, table.next(operation));

/** One page of a project's operations, newest first. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Operation>> =>
  table.query<Operation>({ ...range, index: 'gsi1', pk: partitionOf(project, 'op'), newestFirst: true });

/** One page of a VM's or a host's operations, newest first. */
export const pageOf = (
  subject: { vmId: string } | { hostId: string },
  range: Pick<table.Range, 'limit' | 'after'> = {},
): Promise<table.Slice<Operation>> =>
  table.query<Operation>({
    ...range,
    index: 'gsi2',
    pk: 'vmId' in subject ? `vm#${subject.vmId}` : `host#${subject.hostId}`,
    prefix: 'op#',
    newestFirst: true,
  });
