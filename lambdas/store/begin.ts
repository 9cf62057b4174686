import { randomUUID } from 'node:crypto';
import { type Asked, assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { asEnrolling, shareOf } from '../domain/host-life.ts';
import { operationIdOf } from '../domain/ids.ts';
import { type Change, intentOf, locked, underWay } from '../domain/intent.ts';
import { isAnew, type Operation } from '../domain/operation.ts';
import { projectOf } from '../domain/project.ts';
import { assertMay } from '../domain/vm.ts';
import { atMost } from '../runtime/chunks.ts';
import * as audit from './audit.ts';
import * as beats from './beats.ts';
import { measuring } from './due-key.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import * as keys from './keys.ts';
import * as names from './names.ts';
import * as opens from './opens.ts';
import * as operations from './operations.ts';
import * as pace from './pace.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';
import * as vms from './vms.ts';

const vmWrites = (operation: Operation, { kind, vm, host }: Change): table.Write[] => {
  if (vm === undefined || kind === 'enrol-host') return [];
  const kept = kind === 'undelete-vm' ? { diskGiB: 0 } : {};
  const share = host ? [hosts.allocating(host, { ...shareOf(vm), ...kept })] : [];
  const clone = vm.spec?.imageId === undefined ? [] : [images.cloning(vm.spec.imageId, vm)];
  if (kind === 'create-vm') {
    const row = table.putNew(vms.entity, locked(vm, operation));
    return [row, names.taking('vm', vm), ...projects.occupying(projectOf(vm)), ...clone, ...share];
  }
  const row = table.swapping(vms.entity, table.next(underWay(vm, operation, kind)));
  return kind === 'undelete-vm'
    ? [row, names.taking('vm', vm), ...projects.occupying(projectOf(vm)), ...clone, ...share]
    : [row];
};

/** A host is taken in with its name; one that was here before (version above 0) enrols again. */
const hostWrites = (operation: Operation, { kind, host, input }: Change): table.Write[] => {
  if (kind !== 'enrol-host' || host === undefined) return [];
  // Taken anew it stays as it is until it is proved; that it is as it was read is all that is written.
  const after = table.next(isAnew({ input }) ? host : asEnrolling(host, operation.createdAt));
  if (host.version === 0) return [table.putNew(hosts.entity, after), names.taking('host', host), measuring()];
  const beat = host.state === 'retired' ? [beats.forgetting(host.id)] : [];
  return [table.swapping(hosts.entity, after), ...beat];
};

const entryOf = (asked: Asked, operation: Operation, { vm }: Change): audit.Untold => ({
  at: asked.at,
  project: projectOf(operation),
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

/** The rows of a beginning, beside that it is open, its entry in the audit log and what its project's pace asks for. */
const writesOf = (operation: Operation, change: Change): table.Write[] => [
  table.putNew(operations.entity, operation),
  ...vmWrites(operation, change),
  ...hostWrites(operation, change),
];

const intent = (asked: Asked, change: Change): Operation =>
  intentOf(operationIdOf(asked.by, asked.key ?? randomUUID()), asked, change);

const attempt = async (asked: Asked, change: Change): Promise<Operation> => {
  const operation = intent(asked, change);
  const counted = await pace.keeping(projectOf(operation), asked.at);
  await table.transact([
    ...writesOf(operation, change),
    opens.opening(operation),
    audit.writing(entryOf(asked, operation, change)),
    ...counted,
  ]);
  return operation;
};

/** What the VM's row says to this change, before or after a lost race. @throws PreconditionFailed, VmLocked, InvalidTransition … */
const assertAllowed = (asked: Asked, { kind, vm }: Change): void => {
  if (vm === undefined || kind === 'create-vm' || kind === 'enrol-host') return;
  assertUnchanged(vm, asked);
  assertMay(vm, kind);
};

/** A look at the host or an event may write the VM's row between our read and our write; then we read again. */
const TRIES = 5;

/**
 * Begins an operation in ONE transaction: its intent row, the VM's lock and state, the name and the host's share of a
 * create, the audit row. Where that is refused the reason is read back: an honest repeat gets its first operation.
 * @throws KeyReused, PreconditionFailed, VmLocked, InvalidTransition, VmNotManaged, NameTaken, ProjectFull, TooManyRequests,
 * PlacementRaced, WriteConflict
 */
export const begin = async (asked: Asked, change: Change, tries = TRIES): Promise<Operation> => {
  assertAllowed(asked, change);
  try {
    return await attempt(asked, change);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return afterRefusal(error, asked, change, tries);
  }
};

/** The first operation of an honest repeat, or that of another try. @throws as `begin` */
const afterRefusal = async (refusal: Fault, asked: Asked, change: Change, tries = TRIES): Promise<Operation> => {
  const { operation } = await keys.earlierOf(asked);
  if (operation) return operation;
  if (refusal.name === 'ProjectFull') throw await projects.whyRefused(asked.by.project);
  if (refusal.name !== 'WriteConflict' || tries <= 1) throw refusal;
  return begin(asked, await readAgain(change), tries - 1);
};

/** One of many operations that are to be begun. */
export interface Beginning {
  readonly asked: Asked;
  readonly change: Change;
}

/** What is refused is asked for again by itself, so many at a time. */
const AT_ONCE = 20;

const isAllowed = ({ asked, change }: Beginning): boolean => {
  try {
    assertAllowed(asked, change);
    return true;
  } catch {
    // Whoever asks for it alone is told why.
    return false;
  }
};

/** Where a project counts its operations of a minute, each is counted in its own transaction. */
const isCounted = async ({ asked, change: { vm } }: Beginning): Promise<boolean> =>
  (await pace.keeping(projectOf(vm ?? {}), asked.at)).length > 0;

const alone = async ({ asked, change }: Beginning, refusal: Fault | undefined): Promise<Operation | Fault> => {
  try {
    return await (refusal ? afterRefusal(refusal, asked, change) : begin(asked, change));
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};

/** One that is begun where its transaction is made. */
interface Begun {
  readonly beginning: Beginning;
  readonly operation: Operation;
}

/** Of many that are begun by one call: that they are open, and their entries in the audit log. */
const besides = (begun: readonly Begun[]): table.Write[] => [
  ...opens.openingTogether(begun.map(({ operation }) => operation)),
  ...audit.writingTogether(
    begun.map(({ beginning: { asked, change }, operation }) => entryOf(asked, operation, change)),
  ),
];

/** What came of many. */
export interface Came {
  /** For each, in their order, the operation or why there is none. */
  readonly each: readonly (Operation | Fault)[];
  /** Whether what was to be written with the last of them is; else it is left to who asked. */
  readonly isLastWritten: boolean;
}

const madeOf = async (groups: ReadonlyMap<table.Group, Begun>, last: table.Write | undefined): Promise<table.Made> => {
  const all = [...groups.keys()];
  const beside: table.Beside = (of) => besides(of.flatMap((writes) => groups.get(writes) ?? []));
  return last === undefined || all.length === 0
    ? { refused: await table.transactEach(all, beside), isLastWritten: false }
    : table.transactEachThen(all, beside, last);
};

/**
 * Begins many operations of one project, each about another VM, in as few transactions as take them; what is refused to one is
 * no trouble of another. `last` says that all of them are begun, and is written with the last of them where that is so.
 * @throws its `lost` Fault
 */
export const beginEach = async (beginnings: readonly Beginning[], last?: table.Write): Promise<Came> => {
  const [first] = beginnings;
  if (first === undefined) return { each: [], isLastWritten: false };
  const together = (await isCounted(first)) ? [] : beginnings.filter(isAllowed);
  const groups = new Map<table.Group, Begun>(
    together.map((beginning) => {
      const operation = intent(beginning.asked, beginning.change);
      return [writesOf(operation, beginning.change), { beginning, operation }];
    }),
  );
  const isWhole = together.length === beginnings.length;
  const { refused, isLastWritten } = await madeOf(groups, isWhole ? last : undefined);
  const came = new Map<Beginning, Operation | Fault>();
  const refusals = new Map<Beginning, Fault>();
  for (const [writes, { beginning, operation }] of groups) {
    const refusal = refused.get(writes);
    if (refusal) refusals.set(beginning, refusal);
    else came.set(beginning, operation);
  }
  const left = beginnings.filter((beginning) => !came.has(beginning));
  await atMost(AT_ONCE, left, async (each) => came.set(each, await alone(each, refusals.get(each))));
  return { each: beginnings.flatMap((beginning) => came.get(beginning) ?? []), isLastWritten };
};

const readAgain = async (change: Change): Promise<Change> => ({
  ...change,
  ...(change.vm && change.kind !== 'create-vm' ? { vm: await vms.get(change.vm.id) } : {}),
  ...(change.kind === 'enrol-host' && change.host && change.host.version > 0
    ? { host: await hosts.get(change.host.id) }
    : {}),
});
