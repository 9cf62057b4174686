import { isOpen, type Operation } from '../../lambdas/domain/operation.ts';
import { runningMeansReady } from '../../lambdas/domain/progress.ts';
import { operationAfterSuccess, vmAfterSuccess } from '../../lambdas/domain/settlement.ts';
import * as opens from '../../lambdas/store/opens.ts';
import { settle } from '../../lambdas/store/settle.ts';

const stateAfter = { 'delete-vm': 'deleted', 'stop-vm': 'stopped', 'undelete-vm': 'stopped' } as const;
const isEnding = (kind: string): kind is keyof typeof stateAfter => kind in stateAfter;

/** Ends an operation well, as Record does; a deleted VM of which the disks are kept is kept. */
const end = async (operation: Operation): Promise<void> => {
  const { id, kind, input } = operation;
  if (!isOpen(operation)) return;
  const at = new Date().toISOString();
  const state = isEnding(kind) ? stateAfter[kind] : 'running';
  const kept = kind === 'delete-vm' && input.purge !== true ? '2099-01-01T00:00:00.000Z' : undefined;
  await settle(
    { operationId: id },
    ({ operation: before, vm }) => ({
      operation: operationAfterSuccess(before, {}, at),
      ...(vm ? { vm: vmAfterSuccess(kind, vm, { observed: { state }, ready: runningMeansReady(at) }, at, kept) } : {}),
    }),
    at,
  );
};

/** Ends well what is under way and chosen, as its workflow would; tells which. */
export const endOpen = async (isChosen: (operation: Operation) => boolean): Promise<readonly Operation[]> => {
  const chosen = (await Array.fromAsync(opens.all())).filter(isChosen);
  for (const operation of chosen) await end(operation);
  return chosen;
};
