import { Fault } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { shareOf } from '../domain/host-life.ts';
import { isOpen, type Operation } from '../domain/operation.ts';
import { projectOf } from '../domain/project.ts';
import { freedBy } from '../domain/settlement.ts';
import type { Vm } from '../domain/vm.ts';
import * as audit from './audit.ts';
import * as events from './events.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import * as names from './names.ts';
import * as opens from './opens.ts';
import * as operations from './operations.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';
import * as vms from './vms.ts';

/** The rows as they shall be; what is left out stays as it is. Versions are the store's to raise. */
export interface Settled {
  readonly operation: Operation;
  readonly vm?: Vm;
  readonly host?: Host;
}

/** The image's account of who stands on it: a kept disk until its end, a removed one not any more. */
const cloneWrites = (vm: Vm): table.Write[] => {
  const imageId = vm.spec?.imageId;
  if (imageId === undefined || vm.state !== 'deleted') return [];
  return [
    vm.retainedUntil === undefined ? images.uncloning(imageId, vm) : images.cloning(imageId, vm, vm.retainedUntil),
  ];
};

const vmWrites = async (before: Vm | undefined, after: Vm | undefined): Promise<table.Write[]> => {
  if (before === undefined || after === undefined) return [];
  const row = table.swapping(vms.entity, table.next({ ...after, version: before.version }));
  const name = after.state === 'deleted' ? await names.freeing('vm', before) : [];
  // What held a name was counted, and nothing else.
  const room = name.length > 0 ? projects.counting(projectOf(before), -1) : [];
  return [row, ...name, ...room, ...cloneWrites(after)];
};

type Scenery = Omit<operations.Scene, 'operation'>;

/** The host with what the outcome changes on it, and without what a VM that went gives back. */
const hostAfter = ({ host, vm }: Scenery, settled: Omit<Settled, 'operation'>): Host | undefined => {
  const freed = vm && settled.vm ? freedBy(vm, settled.vm, shareOf(vm)) : undefined;
  const base = settled.host ?? (freed ? host : undefined);
  return base && freed ? { ...base, allocated: hosts.less(base.allocated, freed) } : base;
};

const hostWrites = (scene: Scenery, settled: Omit<Settled, 'operation'>): table.Write[] => {
  const after = hostAfter(scene, settled);
  return after && scene.host
    ? [table.swapping(hosts.entity, table.next({ ...after, version: scene.host.version }))]
    : [];
};

const subjectOf = ({ vmId, hostId }: Operation) => {
  const subject = vmId ?? hostId;
  return subject === undefined ? {} : { subject };
};

const auditWrite = (operation: Operation, { vm: before }: operations.Scene, { vm: after }: Settled, at: string) =>
  audit.writing({
    at,
    project: projectOf(operation),
    action: operation.kind,
    by: operation.by,
    ...subjectOf(operation),
    operationId: operation.id,
    outcome: operation.state,
    ...(operation.error ? { reason: `${operation.error.name}: ${operation.error.detail}`.slice(0, 2000) } : {}),
    ...(before && after ? { before: { state: before.state }, after: { state: after.state } } : {}),
  });

const eventWrites = (operation: Operation, at: string): table.Write[] => {
  const { vmId, kind, state, id, error } = operation;
  if (vmId === undefined) return [];
  return [
    events.writing({
      vmId,
      project: projectOf(operation),
      at,
      type: state === 'succeeded' ? 'OperationSucceeded' : 'OperationFailed',
      message: `${kind} ${state}${error ? `: ${error.detail}` : ''}`.slice(0, 2000),
      operationId: id,
      ...(error ? { detail: { error: error.name } } : {}),
    }),
  ];
};

const attempt = async (scene: operations.Scene, settled: Settled, at: string): Promise<Operation> => {
  const after = table.next({ ...settled.operation, version: scene.operation.version });
  await table.transact([
    table.swapping(operations.entity, after),
    ...(isOpen(after) ? [] : [opens.closing(after)]),
    ...(await vmWrites(scene.vm, settled.vm)),
    ...hostWrites(scene, settled),
    auditWrite(after, scene, settled, at),
    ...eventWrites(after, at),
  ]);
  return after;
};

/** Beats and looks write the same host and VM rows; each try reads all of them again. */
const TRIES = 8;

/** What has become of an operation, and whether it was this call that wrote it: of several exactly one does. */
export interface Settlement {
  readonly operation: Operation;
  /** Its VM, as it was found. */
  readonly vm?: Vm;
  readonly written: boolean;
}

/**
 * Ends an operation in ONE transaction: its row, the VM's, its name and share of the host where it is gone, the audit
 * row and the VM's event. `decide` says what the rows become; after a lost race it is asked again with fresh ones. An
 * operation at its end is left as it is, so that a repeated step is harmless. @throws OperationNotFound, WriteConflict
 */
export const settle = async (
  ids: operations.Ids,
  decide: (scene: operations.Scene) => Settled,
  at: string,
): Promise<Settlement> => {
  for (let tries = TRIES; ; tries -= 1) {
    const scene = await operations.scene(ids);
    const subject = scene.vm ? { vm: scene.vm } : {};
    if (!isOpen(scene.operation)) return { operation: scene.operation, ...subject, written: false };
    try {
      return { operation: await attempt(scene, decide(scene), at), ...subject, written: true };
    } catch (error) {
      if (!(error instanceof Fault) || error.name !== 'WriteConflict' || tries <= 1) throw error;
    }
  }
};

/** Why nobody waits for a VM any more. */
export interface GivingUp {
  readonly at: string;
  /** Who gives it up, in the audit log. */
  readonly by: string;
  /** In words, for its history. */
  readonly why: string;
}

/**
 * Ends a VM that nobody will see again (gone at its provider, or on a host that is gone), without an operation and without a word to
 * its provider: its row, its name, what its project counts, its image's account and its share of the host, its history and the audit
 * entry, in ONE transaction. @throws WriteConflict where somebody has written one of these rows since
 */
export const giveUp = async (vm: Vm, { at, by, why }: GivingUp): Promise<void> => {
  const { location, providerId } = vm;
  const host = location.hostId === undefined ? undefined : await hosts.find(location.hostId);
  const after: Vm = { ...vm, state: 'deleted', desired: 'deleted', addresses: [], changedAt: at };
  const project = projectOf(vm);
  await table.transact([
    ...(await vmWrites(vm, after)),
    ...hostWrites({ vm, ...(host ? { host } : {}) }, { vm: after }),
    events.writing({ vmId: vm.id, project, at, type: 'GivenUp', message: why }),
    audit.writing({
      at,
      project,
      action: 'give-up-vm',
      by,
      subject: vm.id,
      outcome: 'done',
      before: { state: vm.state, location, ...(providerId === undefined ? {} : { providerId }) },
      after: { state: after.state },
    }),
  ]);
};
