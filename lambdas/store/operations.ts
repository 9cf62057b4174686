import { randomUUID } from 'node:crypto';
import { type Asked, etagOf, matches } from '../domain/asked.ts';
import { Fault, raise } from '../domain/faults.ts';
import { asEnrolling, type Host } from '../domain/host.ts';
import { operationIdOf } from '../domain/ids.ts';
import { type Change, intentOf, locked, underWay } from '../domain/intent.ts';
import type { Operation } from '../domain/operation.ts';
import { assertMay, type Vm } from '../domain/vm.ts';
import * as audit from './audit.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import * as names from './names.ts';
import * as table from './table.ts';
import * as vms from './vms.ts';

const keyOf = (id: string): table.Key => ({ pk: `op#${id}`, sk: 'op' });

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

/** The row that says an operation is not at its end, to be taken away with its last write. */
export const closing = (operation: Operation): table.Write =>
  table.remove(openEntity.key({ operationId: operation.id, version: 1 }));

const idOf = ({ by, key }: Asked): string => operationIdOf(by.id, key ?? randomUUID());

/**
 * The operation that this very request has begun before: its answer is given again, whatever has become of the VM.
 * @throws KeyReused where the key belongs to another request
 */
export const begun = async (asked: Asked): Promise<Operation | undefined> => {
  if (asked.key === undefined) return undefined;
  const stored = await find(idOf(asked));
  return stored && sameRequest(stored, asked);
};

const sameRequest = (stored: Operation, asked: Asked): Operation =>
  stored.requestHash === asked.hash
    ? stored
    : raise('KeyReused', `Idempotency-Key ${asked.key} was used for another request (${stored.id}, ${stored.kind}).`);

const vmWrites = (operation: Operation, { kind, vm, host }: Change): table.Write[] => {
  if (vm === undefined || kind === 'enrol-host') return [];
  const kept = kind === 'undelete-vm' ? { diskGiB: 0 } : {};
  const share = host ? [hosts.allocating(host, { ...hosts.shareOf(vm), ...kept })] : [];
  const clone = vm.spec?.imageId === undefined ? [] : [images.cloning(vm.spec.imageId, vm)];
  if (kind === 'create-vm') {
    const row = table.putNew(vms.entity, locked(vm, operation));
    return [row, names.taking('vm', vm.name, vm.id), ...clone, ...share];
  }
  const row = table.swapping(vms.entity, table.next(underWay(vm, operation, kind)));
  return kind === 'undelete-vm' ? [row, names.taking('vm', vm.name, vm.id), ...clone, ...share] : [row];
};

/** A host is taken in with its name; one that was here before (version above 0) enrols again. */
const hostWrites = (operation: Operation, { kind, host }: Change): table.Write[] => {
  if (kind !== 'enrol-host' || host === undefined) return [];
  const after = table.next(asEnrolling(host, operation.createdAt));
  return host.version === 0
    ? [table.putNew(hosts.entity, after), names.taking('host', host.name, host.id)]
    : [table.swapping(hosts.entity, after)];
};

const auditOf = (asked: Asked, operation: Operation, { vm }: Change): table.Write =>
  audit.writing({
    at: asked.at,
    action: asked.action,
    by: asked.by.id,
    role: asked.by.role,
    from: asked.from,
    requestId: asked.requestId,
    ...(operation.vmId || operation.hostId ? { subject: operation.vmId ?? operation.hostId } : {}),
    operationId: operation.id,
    outcome: 'accepted',
    ...(vm && operation.before ? { before: { state: vm.state, desired: vm.desired } } : {}),
    after: { kind: operation.kind, input: operation.input },
  });

const attempt = async (asked: Asked, change: Change): Promise<Operation> => {
  const operation = intentOf(idOf(asked), asked, change);
  await table.transact([
    table.putNew(entity, operation),
    table.putNew(openEntity, { operationId: operation.id, version: 1 }),
    ...vmWrites(operation, change),
    ...hostWrites(operation, change),
    auditOf(asked, operation, change),
  ]);
  return operation;
};

/** What the VM's row says to this change, before or after a lost race. @throws PreconditionFailed, VmLocked, InvalidTransition … */
const assertAllowed = (asked: Asked, { kind, vm }: Change): void => {
  if (vm === undefined || kind === 'create-vm' || kind === 'enrol-host') return;
  if (!matches(asked.ifMatch, vm)) {
    throw new Fault('PreconditionFailed', `${vm.name} is ${etagOf(vm)} now, not ${asked.ifMatch}.`);
  }
  assertMay(vm, kind);
};

/** A look at the host or an event may write the VM's row between our read and our write; then we read again. */
const TRIES = 5;

/**
 * Begins an operation in ONE transaction: its intent row, the VM's lock and state, the name and the host's share of a
 * create, the audit row. Where that is refused the reason is read back: an honest repeat gets its first operation.
 * @throws KeyReused, PreconditionFailed, VmLocked, InvalidTransition, VmNotManaged, NameTaken, PlacementRaced, WriteConflict
 */
export const begin = async (asked: Asked, change: Change, tries = TRIES): Promise<Operation> => {
  assertAllowed(asked, change);
  try {
    return await attempt(asked, change);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const earlier = await begun(asked);
    if (earlier) return earlier;
    if (error.name !== 'WriteConflict' || tries <= 1) throw error;
    return begin(asked, await readAgain(change), tries - 1);
  }
};

const readAgain = async (change: Change): Promise<Change> => ({
  ...change,
  ...(change.vm && change.kind !== 'create-vm' ? { vm: await vms.get(change.vm.id) } : {}),
  ...(change.kind === 'enrol-host' && change.host && change.host.version > 0
    ? { host: await hosts.get(change.host.id) }
    : {}),
});
