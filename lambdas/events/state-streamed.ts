import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { isHostAlerting } from '../domain/alerts/host-conditions.ts';
import { isVmAlerting } from '../domain/alerts/vm-conditions.ts';
import type { AuditEntry } from '../domain/audit-entry.ts';
import type { Host } from '../domain/host.ts';
import type { Operation } from '../domain/operation.ts';
import type { Vm } from '../domain/vm.ts';
import { type OurEvent, publishAll } from '../runtime/bus.ts';
import { atMost } from '../runtime/chunks.ts';
import { orAside } from '../runtime/lay-aside.ts';
import { orderFirstLooks } from '../runtime/looks.ts';
import { noteTimeOff } from '../runtime/note-time-off.ts';
import { changesOf, eachChange, type RowChange } from '../runtime/records.ts';
import { entriesIn } from '../store/audit.ts';
import * as chain from '../store/chain.ts';

/** What failed, by the id of its change. */
type Failed = ReadonlyMap<string, unknown>;

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

const operationEvents = (id: string, after: Operation, before?: Operation): OurEvent[] => {
  const type = after.state === before?.state ? undefined : TOLD[after.state];
  if (type === undefined) return [];
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
  return [{ noun: 'operation', type, id, detail }];
};

/** That alerts about a VM or a host may begin or end. What is so is read from the rows: the event need not say it, nor be the last one. */
const alertEvents = (id: string, subject: string, isAlerting: boolean): OurEvent[] =>
  isAlerting ? [{ noun: 'alert', type: 'Alert Condition Changed', id: `${id}:alerts`, detail: { subject } }] : [];

const vmEvents = (id: string, after: Vm, before?: Vm): OurEvent[] => {
  const { name, project, provider, managed, state, lastState, ready, location, addresses } = after;
  const detail = { vmId: after.id, name, project, provider, managed, state, lastState, ready, location, addresses };
  const isReadyAnew = before !== undefined && ready.status !== before.ready.status;
  return [
    ...(state === before?.state
      ? []
      : [{ noun: 'vm', type: 'VM State Changed', id, detail: { ...detail, from: before?.state } } as const]),
    ...(isReadyAnew ? [{ noun: 'vm', type: 'VM Readiness Changed', id, detail } as const] : []),
  ];
};

const hostEvents = (id: string, after: Host, before?: Host): OurEvent[] => {
  if (after.state === before?.state) return [];
  const { name, state, reason } = after;
  const detail = { hostId: after.id, name, state, reason, from: before?.state };
  return [{ noun: 'host', type: 'Host State Changed', id, detail }];
};

const ofVm = (id: string, after: Vm | undefined, before: Vm | undefined): OurEvent[] => [
  ...(after ? vmEvents(id, after, before) : []),
  ...alertEvents(id, (after ?? before)?.id ?? '', isVmAlerting(before, after)),
];

const ofHost = (id: string, after: Host | undefined, before: Host | undefined): OurEvent[] => [
  ...(after ? hostEvents(id, after, before) : []),
  ...alertEvents(id, (after ?? before)?.id ?? '', isHostAlerting(before, after)),
];

/** What the bus is told of a change. */
const eventsOf = ({ id, entity, before, after }: RowChange): OurEvent[] => {
  // Rows are written through store/ only, so `entity` names their type.
  if (entity === 'vm') return ofVm(id, after as Vm | undefined, before as Vm | undefined);
  if (entity === 'host') return ofHost(id, after as Host | undefined, before as Host | undefined);
  if (entity !== 'operation' || after === undefined) return [];
  return operationEvents(id, after as Operation, before as Operation | undefined);
};

/** The operation whose wait begins with a change. */
const begunWait = ({ entity, before, after }: RowChange): Operation[] => {
  if (entity !== 'operation' || after === undefined) return [];
  const operation = after as Operation;
  const isNew = operation.wait && operation.wait.attempt !== (before as Operation | undefined)?.wait?.attempt;
  return isNew ? [operation] : [];
};

const isAudit = ({ entity, before, after }: RowChange): boolean =>
  entity === 'audit' && before === undefined && after !== undefined;

const isVm = ({ entity, before, after }: RowChange): boolean =>
  entity === 'vm' && before !== undefined && after !== undefined;

const entriesOf = ({ after = {} }: RowChange): readonly AuditEntry[] => entriesIn(after);

/**
 * Chains the entries of a batch at once; where that fails each by itself, so that one which cannot be written keeps no
 * other from being. Answers what failed, by the change.
 */
const chained = async (changes: readonly RowChange[]): Promise<Failed> => {
  const failed = new Map<string, unknown>();
  try {
    await chain.append(changes.flatMap(entriesOf));
  } catch {
    for (const change of changes) {
      await chain.append(entriesOf(change)).catch((error: unknown) => failed.set(change.id, error));
    }
  }
  return failed;
};

/** Changes of one VM in their order, beside those of others; answers what failed, by the change. */
const noted = async (changes: readonly RowChange[]): Promise<Failed> => {
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

/**
 * Does together what comes of each change of a batch. @returns what failed, by the change: a row that
 * cannot be read keeps no other from being told
 */
const together = async <T>(
  changes: readonly RowChange[],
  make: (change: RowChange) => readonly T[],
  work: (made: readonly T[]) => Promise<ReadonlyMap<T, unknown>>,
): Promise<Failed> => {
  const failed = new Map<string, unknown>();
  const changeOf = new Map<T, string>();
  for (const change of changes) {
    try {
      for (const one of make(change)) changeOf.set(one, change.id);
    } catch (error) {
      failed.set(change.id, error);
    }
  }
  for (const [one, error] of await work([...changeOf.keys()])) failed.set(changeOf.get(one) ?? '', error);
  return failed;
};

/**
 * The state table's stream: looks for waits, events for the bus, the time that VMs are off, in the order of each VM, and the audit
 * outbox, each of a batch together.
 * All of these bear a second delivery. What may pass is delivered again until it has; what will not is laid aside at once.
 */
export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
  const changes = changesOf(event);
  const failed = new Map([
    ...(await chained(changes.filter(isAudit))),
    ...(await noted(changes.filter(isVm))),
    // A wait is looked at because its row was written: no step can forget to order it.
    ...(await together(changes, begunWait, orderFirstLooks)),
  ]);
  // Of what is delivered again nothing is told before it is done.
  const well = changes.filter(({ id }) => !failed.has(id));
  for (const [id, error] of await together(well, eventsOf, publishAll)) failed.set(id, error);
  return eachChange(
    orAside('change of a row', async ({ id }: RowChange) => {
      if (failed.has(id)) throw failed.get(id);
    }),
  )(event, context);
};
