import { raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import type { Operation } from '../domain/operation.ts';
import type { Vm } from '../domain/vm.ts';
import * as hosts from './hosts.ts';
import * as table from './table.ts';
import * as vms from './vms.ts';

/** Where its row lies. */
export const keyOf = (id: string): table.Key => ({ pk: `op#${id}`, sk: 'op' });

/** How operations lie in the state table: by id, listed by time, and by time for their VM or host. */
export const entity: table.Entity<Operation> = {
  name: 'operation',
  key: ({ id }) => keyOf(id),
  indexes: ({ id, vmId, hostId, createdAt }) => ({
    gsi1: { pk: 'op', sk: `${createdAt}#${id}` },
    gsi2: { pk: vmId ? `vm#${vmId}` : `host#${hostId}`, sk: `op#${createdAt}#${id}` },
  }),
};

/** One small row for each operation that is not at its end: the sweeper reads these, not the history. */
interface Open {
  readonly operationId: string;
  readonly version: number;
}
const openEntity: table.Entity<Open> = {
  name: 'open-operation',
  key: ({ operationId }) => ({ pk: 'open', sk: operationId }),
};

export const find = (id: string): Promise<Operation | undefined> => table.get<Operation>(keyOf(id));

/** @throws OperationNotFound */
export const get = async (id: string): Promise<Operation> =>
  (await find(id)) ?? raise('OperationNotFound', `There is no operation ${id}.`);

/** An operation with the rows it is about, as of one moment (nearly: a batch is no transaction, compare-and-set is). */
export interface Scene {
  readonly operation: Operation;
  readonly vm?: Vm;
  readonly host?: Host;
}

/** An operation, and where they are known the rows it is about. */
export interface Ids {
  readonly operationId: string;
  readonly vmId?: string | undefined;
  readonly hostId?: string | undefined;
}

/** Reads an operation with its VM and host: in one call where the ids are known beside it. @throws OperationNotFound */
export const scene = async (ids: Ids): Promise<Scene> => {
  const { vmId, hostId } = ids.vmId || ids.hostId ? ids : await get(ids.operationId);
  const keys = [
    keyOf(ids.operationId),
    ...(vmId === undefined ? [] : [vms.keyOf(vmId)]),
    ...(hostId === undefined ? [] : [hosts.keyOf(hostId)]),
  ];
  const rows = await table.getAll(keys);
  const operation = rows.get('op') ?? raise('OperationNotFound', `There is no operation ${ids.operationId}.`);
  // Each key was asked for by its entity's own sort key, which names the type of the row.
  return { operation, vm: rows.get('vm'), host: rows.get('host') } as Scene;
};

/** Writes the next version of an operation. @throws WriteConflict where another writer got there first */
export const swap = async (before: Operation, after: Operation): Promise<Operation> => {
  const next = table.next({ ...after, version: before.version });
  await table.save(table.swapping(entity, next));
  return next;
};

/** One page of all operations, newest first. */
export const page = (range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Operation>> =>
  table.query<Operation>({ ...range, index: 'gsi1', pk: 'op', newestFirst: true });

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

/** Every operation that is not at its end. */
export async function* open(): AsyncGenerator<Operation> {
  for await (const { operationId } of table.each<Open>({ pk: 'open' })) {
    const operation = await find(operationId);
    if (operation) yield operation;
  }
}

/** The row that says that an operation is not at its end, to be written with its first. */
export const opening = ({ id }: Operation): table.Write => table.putNew(openEntity, { operationId: id, version: 1 });

/** The same, to be taken away with its last write. */
export const closing = (operation: Operation): table.Write =>
  table.remove(openEntity.key({ operationId: operation.id, version: 1 }));
