import * as z from 'zod';
import { atWork, type Host, type HostFacts } from '../domain/host.ts';
import { OperationId } from '../domain/ids.ts';
import { isAnew, isOpen, type Operation } from '../domain/operation.ts';
import { type Outcome, TaskError } from '../domain/outcome.ts';
import { faultOf } from '../domain/progress.ts';
import { operationAfterFailure, vmAfterFailure } from '../domain/settlement.ts';
import type { VmState } from '../domain/vm-state.ts';
import { countOperation } from '../runtime/operation-metrics.ts';
import { logger } from '../runtime/powertools.ts';
import { providerOf } from '../runtime/providers.ts';
import { succeeded } from '../runtime/succeeded.ts';
import { removeUserData } from '../runtime/user-data.ts';
import type * as operations from '../store/operations.ts';
import { type Settled, settle } from '../store/settle.ts';
import * as vms from '../store/vms.ts';

const execution = z.object({
  operationId: OperationId,
  vmId: z.string().optional(),
  hostId: z.string().optional(),
});

/** Record hands over what the steps put out; Record Failure what failed, and why it could not be undone. */
const Ending = z.union([
  z.object({ execution, outcome: z.custom<Outcome>((value) => typeof value === 'object' && value !== null) }),
  z.object({ execution, fault: TaskError, trouble: z.union([TaskError, z.literal(false)]).default(false) }),
]);
type Ending = z.infer<typeof Ending>;

/**
 * Record, Record Failure: ends the operation in one transaction; the second time it changes nothing. It counts what it has
 * written, and nobody else does: the stream may deliver a record twice, a transaction is won once.
 */
export const handler = async (event: unknown): Promise<{ state: Operation['state'] }> => {
  const ending = Ending.parse(event);
  const at = new Date().toISOString();
  const decide = 'outcome' in ending ? wentWell(ending.outcome, at) : await failed(ending, at);
  const { operation, vm, written } = await settle(ending.execution, decide, at);
  if (written && !isOpen(operation)) countOperation(operation);
  // A repeated step comes by here again: it may have died before.
  if (operation.kind === 'create-vm' && !isOpen(operation) && vm?.spec?.userDataKey) await forgetUserData(vm.id);
  return { state: operation.state };
};

/**
 * Nobody needs it any more. Where it cannot be deleted now it goes by the bucket's lifecycle, within a day, and the audit tells
 * of it till then: an operation that has ended well is not to fail by it.
 */
const forgetUserData = async (vmId: string): Promise<void> => {
  try {
    await removeUserData(vmId);
  } catch (error) {
    logger.error('user-data not deleted', { vmId, error });
  }
};

const wentWell =
  (outcome: Outcome, at: string) =>
  (scene: operations.Scene): Settled => ({
    ...succeeded(scene, outcome, at),
    ...(scene.host && outcome.facts ? { host: enrolled(scene.host, outcome, outcome.facts, at) } : {}),
  });

const enrolled = (host: Host, outcome: Outcome, facts: HostFacts, at: string): Host => {
  const { reason: _, ...rest } = host;
  // A link that a proof has moved on stays: those after it were named before.
  const identity = host.identity ?? outcome.identity;
  const known = identity === undefined ? {} : { identity };
  return { ...rest, ...known, facts, state: atWork(host), changedAt: at };
};

/** The truth at the provider, as far as it answers: an operation that failed may have done more than it knows. */
const seenState = async (vmId: string): Promise<VmState | undefined> => {
  const vm = await vms.get(vmId);
  try {
    return (await providerOf(vm.provider).describe(vm))?.state;
  } catch {
    // Then the state from before holds, and the next reconcile tells the difference.
    return undefined;
  }
};

const failed = async (ending: Extract<Ending, { fault: TaskError }>, at: string) => {
  const trouble = ending.trouble === false ? undefined : faultOf(ending.trouble);
  const { vmId } = ending.execution;
  const seen = vmId === undefined ? undefined : await seenState(vmId);
  return ({ operation: before, vm, host }: operations.Scene): Settled => {
    const operation = operationAfterFailure(before, { fault: faultOf(ending.fault), trouble }, at);
    return {
      operation,
      ...(vm ? { vm: vmAfterFailure(operation, vm, seen, at) } : {}),
      ...(host && operation.kind === 'enrol-host' && !isAnew(operation) ? { host: refused(host, operation, at) } : {}),
    };
  };
};

const refused = (host: Host, { error }: Operation, at: string): Host => ({
  ...host,
  changedAt: at,
  ...(error ? { reason: error.detail } : {}),
});
