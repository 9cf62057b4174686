import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Host } from '../domain/host.ts';
import type { Operation } from '../domain/operation.ts';
import type { Vm } from '../domain/vm.ts';
import { publish } from '../runtime/bus.ts';
import { dynamo } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { orderLook } from '../runtime/looks.ts';
import { eachChange, type RowChange } from '../runtime/records.ts';

const { AUDIT_TABLE } = env({ AUDIT_TABLE: text });

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
  const { kind, state, vmId, vmName, hostId, provider, by, error, createdAt, endedAt } = after;
  const detail = { operationId: after.id, kind, state, vmId, vmName, hostId, provider, by, error, createdAt, endedAt };
  await publish({ noun: 'operation', type, id, detail });
};

const vmChanged = async (id: string, after: Vm, before?: Vm): Promise<void> => {
  const { name, provider, managed, state, lastState, ready, location, addresses } = after;
  const detail = { vmId: after.id, name, provider, managed, state, lastState, ready, location, addresses };
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

/** Audit rows are copied once, under their own key, and never changed: the table's writer may put new rows only. */
const auditWritten = async ({ expiresAt: _, ...row }: Record<string, unknown>): Promise<void> => {
  try {
    const once = { TableName: AUDIT_TABLE, Item: row, ConditionExpression: 'attribute_not_exists(pk)' };
    await dynamo().send(new PutCommand(once));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
  }
};

/** The state table's stream: looks for waits, events for the bus, and the audit outbox. All of these bear a second delivery. */
export const handler = eachChange(async ({ id, entity, before, after }: RowChange) => {
  if (after === undefined) return;
  // Rows are written through store/ only, so `entity` names their type.
  if (entity === 'operation') await operationChanged(id, after as Operation, before as Operation | undefined);
  if (entity === 'vm') await vmChanged(id, after as Vm, before as Vm | undefined);
  if (entity === 'host') await hostChanged(id, after as Host, before as Host | undefined);
  if (entity === 'audit' && before === undefined) await auditWritten(after);
});
