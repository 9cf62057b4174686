import { type Collector, isLeftBehind, type Leftover, planOf } from '../domain/collection.ts';
import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import { notAfterOf } from '../providers/provider.ts';
import { logger } from '../runtime/powertools.ts';
import { providerOf } from '../runtime/providers.ts';
import { tableId } from '../runtime/table-id.ts';
import * as audit from '../store/audit.ts';
import * as operations from '../store/operations.ts';
import * as plane from '../store/plane.ts';
import * as table from '../store/table.ts';

/** An audit that is older says nothing of now. */
const FRESH_MS = 2 * 3_600_000;

/** The rows once more, strongly consistent: whoever took the VM up since then keeps it. */
const stillLeft = async (
  { vmId, operationId }: Leftover,
  at: string,
): Promise<{ vm: Vm; operation: Operation } | undefined> => {
  const {
    rows: [last],
  } = await operations.pageOf({ vmId }, { limit: 1 });
  const { vm, operation } = await operations.scene({ operationId, vmId });
  // The index lags a moment behind the rows: both must name this operation as the last word.
  const same = last === undefined || last.id === operationId;
  return vm && same && isLeftBehind(vm, operation, at) ? { vm, operation } : undefined;
};

/** By the provider's own undo, under an attempt of its own: a command that is under way still comes too late for it. */
const undo = async ({ vm, operation }: { vm: Vm; operation: Operation }, at: string): Promise<void> => {
  const { id: operationId, attempt } = await operations.swap(operation, {
    ...operation,
    attempt: operation.attempt + 1,
  });
  await providerOf(vm.provider).undoCreate(vm, { operationId, attempt, notAfter: notAfterOf(Date.parse(at)) });
};

/** One that cannot be taken now is found again by the next audit. */
const collect = async (leftover: Leftover, at: string): Promise<boolean> => {
  const left = await stillLeft(leftover, at);
  if (left === undefined) return false;
  const told = {
    at,
    project: projectOf(left.vm),
    action: 'collect-leftover',
    by: 'novacron:collector',
    subject: leftover.vmId,
    operationId: leftover.operationId,
  };
  try {
    await undo(left, at);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    await audit.append({ ...told, outcome: 'refused', reason: `${error.name}: ${error.message}`.slice(0, 2000) });
    return false;
  }
  await audit.append({ ...told, outcome: 'done' });
  return true;
};

/** Claims the audit: of two runs at once one goes on. @returns whether it was this one */
const claim = async (collector: Collector, workedOn: string): Promise<boolean> => {
  try {
    await table.save(plane.changingCollector(collector, { ...collector, workedOn }));
    return true;
  } catch (error) {
    if (error instanceof Fault && error.name === 'WriteConflict') return false;
    throw error;
  }
};

/**
 * Each hour: takes away what the last audit found left of creates that had come to nothing, and never anything else. Locked
 * where the table was restored, and where it would be more than a twentieth of the fleet, until a person opens it.
 */
export const handler = async (): Promise<{ collected: number }> => {
  const at = new Date().toISOString();
  const [run, known] = [await plane.lastRun(), await plane.findCollector()];
  if (run === undefined || known === undefined || run.leftovers.length === 0 || known.workedOn === run.at) {
    return { collected: 0 };
  }
  const collector = { ...known, seenTableId: await tableId() };
  const { state, reason, take } = planOf(run.leftovers, run.fleet, collector);
  if (state !== 'open') logger.warn('leftovers are held back', { state, reason });
  const isFresh = Date.parse(at) - Date.parse(run.at) < FRESH_MS;
  if (!isFresh || take.length === 0 || !(await claim(collector, run.at))) return { collected: 0 };
  let collected = 0;
  for (const leftover of take) if (await collect(leftover, at)) collected += 1;
  logger.info('leftovers collected', { collected, of: take.length });
  return { collected };
};
