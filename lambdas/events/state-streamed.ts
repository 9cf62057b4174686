import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { AuditEntry } from '../domain/audit-entry.ts';
import type { Host } from '../domain/host.ts';
import type { Operation } from '../domain/operation.ts';
import type { Vm } from '../domain/vm.ts';
import { publish } from '../runtime/bus.ts';
import { atMost } from '../runtime/chunks.ts';
import { orAside } from '../runtime/lay-aside.ts';
import { orderLook } from '../runtime/looks.ts';
import { noteTimeOff } from '../runtime/note-time-off.ts';
import { changesOf, eachChange, type RowChange } from '../runtime/records.ts';
import * as chain from '../store/chain.ts';
import { toRow } from '../store/write.ts';

/** VMs whose time off is noted at once. */
const AT_ONCE = 20;

/** The bus tells of operations that have ended, and of those that wait to be undone. */
const TOLD: Partial<Record<Operation['state'], string>> = {
  succeeded: 'Operation Succeeded',
  failed: 'Operation Failed',
  cancelled: 'Operation Cancelled',
  'needs-attention': 'Operation Needs Attention',
  'undo-pending': 'Operation Undo Pending',
};

const operationChanged = async (id: string, after: Operation, before?: Operation): Promise<void> => {
  // A wait is looked at because its row was written: no step can forget to order it.
  if (after.wait && after.wait.attempt !== before?.wait?.attempt) await orderLook(after, 0);
  const type = after.state === before?.state ? undefined : TOLD[after.state];
  if (type === undefined) return;
  const { kind, state, project, vmId, vmName, hostId, provider, by, error, createdAt, endedAt } = after;
  const detail = {
    operationId: after.id,
    project,
    kind,
    state,
    vmId,
    vmName,
    hostId,
    provider,
    by,
    error,
    createdAt,
    endedAt,
  };
  await publish({ noun: 'operation', type, id, detail });
};

const vmChanged = async (id: string, after: Vm, before?: Vm): Promise<void> => {
  const { name, project, provider, managed, state, lastState, ready, location, addresses } = after;
  const detail = { vmId: after.id, name, project, provider, managed, state, lastState, ready, location, addresses };
  if (state !== before?.state) {
    await publish({ noun: 'vm', type: 'VM State Changed', id, detail: { ...detail, from: before?.state } });
  }
  if (before && ready.status !== before.ready.status) {
    await publish({ noun: 'vm', type: 'VM Readiness Changed', id, detail });
  }
};

const hostChanged = async (id: string, after: Host, before?: Host): Promise<void> => {
  if (after.state === before?.state) return;
  const { name, state, reason } = after;
  const detail = { hostId: after.id, name, state, reason, from: before?.state };
  await publish({ noun: 'host', type: 'Host State Changed', id, detail });
};

const isAudit = ({ entity, before, after }: RowChange): boolean =>
  entity === 'audit' && before === undefined && after !== undefined;

const isVm = ({ entity, before, after }: RowChange): boolean =>
  entity === 'vm' && before !== undefined && after !== undefined;

const entryOf = ({ after = {} }: RowChange): AuditEntry => toRow<AuditEntry>(after);

/**
 * Chains the entries of a batch at once; where that fails each by itself, so that one which cannot be written keeps no
 * other from being. Answers what failed, by the change.
 */
const chained = async (changes: readonly RowChange[]): Promise<ReadonlyMap<string, unknown>> => {
  const failed = new Map<string, unknown>();
  try {
    await chain.append(changes.map(entryOf));
  } catch {
    for (const change of changes) {
      await chain.append([entryOf(change)]).catch((error: unknown) => failed.set(change.id, error));
    }
  }
  return failed;
};

/** Changes of one VM in their order, beside those of others; answers what failed, by the change. */
const noted = async (changes: readonly RowChange[]): Promise<ReadonlyMap<string, unknown>> => {
  const failed = new Map<string, unknown>();
  const byVm = Map.groupBy(changes, ({ after }) => String(after?.id));
  await atMost(AT_ONCE, [...byVm.values()], async (ofOne) => {
    for (const { id, before, after } of ofOne) {
      // Rows are written through store/ only, so `entity` names their type.
      await noteTimeOff(before as Vm | undefined, after as unknown as Vm).catch((error: unknown) =>
        failed.set(id, error),
      );
    }
  });
  return failed;
};

const told = async ({ id, entity, before, after }: RowChange): Promise<void> => {
  if (after === undefined) return;
  // Rows are written through store/ only, so `entity` names their type.
  if (entity === 'operation') await operationChanged(id, after as Operation, before as Operation | undefined);
  if (entity === 'vm') await vmChanged(id, after as Vm, before as Vm | undefined);
  if (entity === 'host') await hostChanged(id, after as Host, before as Host | undefined);
};

/**
 * The state table's stream: looks for waits, events for the bus, the time that VMs are off, in the order of each VM, and the audit
 * outbox, which is chained a batch at once.
 * All of these bear a second delivery. What may pass is delivered again until it has; what will not is laid aside at once.
 */
export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
  const changes = changesOf(event);
  const failed = new Map([...(await chained(changes.filter(isAudit))), ...(await noted(changes.filter(isVm)))]);
  return eachChange(
    orAside('change of a row', async (change: RowChange) => {
      if (failed.has(change.id)) throw failed.get(change.id);
      await told(change);
    }),
  )(event, context);
};
