import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import type { TaskError } from '../domain/outcome.ts';
import { runningMeansReady } from '../domain/progress.ts';
import { answer } from '../runtime/answer.ts';
import { publish } from '../runtime/bus.ts';
import { startOperation, startUndo, workOn } from '../runtime/execution.ts';
import { isWaiting } from '../runtime/holder.ts';
import { isForHost, lookAt } from '../runtime/look.ts';
import { logger, measure } from '../runtime/powertools.ts';
import { providerOf } from '../runtime/providers.ts';
import { succeeded } from '../runtime/succeeded.ts';
import * as alerts from '../store/alerts.ts';
import * as opens from '../store/opens.ts';
import * as operations from '../store/operations.ts';
import { settle } from '../store/settle.ts';
import * as vms from '../store/vms.ts';

const MINUTE_MS = 60_000;

/** The stream starts an operation within a second or two; what it did not start by now is started here. */
const START_AFTER_MS = 30_000;

/** An operation's execution is not asked after before: nearly all have ended by then. */
const ASK_AFTER_MS = 2 * MINUTE_MS;

/** The longest machine runs into its own time-out after eight hours (create-vm, enrol-host). */
const STUCK_AFTER_MS = 8 * 60 * MINUTE_MS;

const ENDED: TaskError = { Error: 'ExecutionEnded', Cause: 'The workflow ended without a record.' };

const undo = async (operation: Operation, fault: TaskError, now: number): Promise<void> => {
  const executionArn = await startUndo(operation, fault, Math.floor(now / MINUTE_MS));
  await operations.swap(operation, { ...operation, executionArn });
};

/**
 * Its execution ended well, and that is only so once its end was recorded: the table was restored to a moment before. What
 * is so now is recorded again; to undo would take a VM away that somebody uses.
 */
const closeWell = async (operation: Operation, at: string): Promise<void> => {
  const vm = await vms.get(operation.vmId ?? '');
  const provider = providerOf(vm.provider);
  const observed = await provider.describe(vm);
  const ready = provider.capabilities.has('readiness') ? {} : { ready: runningMeansReady(at) };
  const outcome = { ...(observed ? { observed } : {}), ...ready };
  const ids = { operationId: operation.id, vmId: vm.id, hostId: vm.location.hostId };
  await settle(ids, (scene) => succeeded(scene, outcome, at), at);
};

/** Brings one open operation on, where its own workflow does not. */
const sweep = async (operation: Operation, now: number): Promise<void> => {
  const age = now - Date.parse(operation.createdAt);
  if (isForHost(operation) && isWaiting(operation)) {
    const said = await lookAt(operation);
    if (said) await answer(operation, said);
  }
  const isDue =
    operation.state === 'undo-pending' || (operation.state === 'queued' ? age > START_AFTER_MS : age > ASK_AFTER_MS);
  if (!isDue) return;
  const work = await workOn(operation);
  if (work === 'RUNNING') return;
  if (work === 'SUCCEEDED' && operation.vmId !== undefined && operation.state !== 'undo-pending') {
    await closeWell(operation, new Date(now).toISOString());
    return;
  }
  const { error } = operation;
  if (work === 'NONE' && operation.attempt === 0) await startOperation(operation);
  else await undo(operation, error ? { Error: error.name, Cause: error.detail } : ENDED, now);
};

/** Lets the plane's own alerts be looked at while any is open: what ends them may have been told of to nobody. */
const tellOfOpenAlerts = async (now: number): Promise<void> => {
  try {
    if (!(await alerts.isAnyOpen())) return;
    await publish({ noun: 'alert', type: 'Own Alerts Open', id: `own-alerts:${now}`, detail: {} });
  } catch (error) {
    logger.warn('own alerts wait for the next minute', { error });
  }
};

/** One that cannot be swept now keeps no other waiting; faults of ours still fail the run. */
const sweepOne = async (operation: Operation, now: number): Promise<void> => {
  try {
    await sweep(operation, now);
  } catch (error) {
    if (!(error instanceof Fault)) logger.error('not swept', { operationId: operation.id, error });
    else logger.info('not swept', { operationId: operation.id, fault: error.name });
  }
};

/** Each minute: starts what was not started, closes what ended without a record, tries undos again, and has open alerts looked at. */
export const handler = async (): Promise<void> => {
  const now = Date.now();
  await tellOfOpenAlerts(now);
  let stuck = 0;
  for await (const { operations: open, forget } of opens.rows()) {
    stuck += open.filter(({ createdAt }) => now - Date.parse(createdAt) > STUCK_AFTER_MS).length;
    for (const operation of open) await sweepOne(operation, now);
    if (open.length === 0) await forget();
  }
  measure({ OperationStuck: stuck });
};
