import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import { isReached, runningMeansReady } from '../domain/progress.ts';
import type { Observed, Readiness, Vm } from '../domain/vm.ts';
import type { Provider } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import { answer, type Said } from './answer.ts';

/** An operation one of whose steps waits. */
export type Waiting = Operation & { wait: NonNullable<Operation['wait']> };

export const isWaiting = (operation: Operation | undefined): operation is Waiting => operation?.wait !== undefined;

/** What a sight of the VM says to the wait: that it is reached, that it never will be, or nothing. */
export const saidBySight = (
  wait: Pick<Waiting['wait'], 'step' | 'commandId'>,
  seen: Partial<Observed> & Pick<Observed, 'state'>,
  ready?: Readiness,
): Said | undefined => {
  if (isReached(wait, seen.state)) return { outcome: { observed: seen, ...(ready ? { ready } : {}) } };
  const died = wait.step === 'Launch' && wait.commandId === undefined && seen.state === 'deleted';
  return died ? { fault: new Fault('SpecRefused', 'The VM ended while it was being launched.') } : undefined;
};

/** Tells the operation that holds a VM, should it wait for just this. @returns whether it was the answer that counted */
export const answerHolder = async (
  { lock }: Vm,
  sayTo: (wait: Waiting['wait']) => Said | undefined,
): Promise<boolean> => {
  const operation = lock && (await operations.find(lock.operationId));
  const said = isWaiting(operation) ? sayTo(operation.wait) : undefined;
  return operation !== undefined && said !== undefined && (await answer(operation, said));
};

/** The same of what is seen of the VM, with what its being so says of readiness. */
export const answerSight = (vm: Vm, seen: Observed, ready?: Readiness): Promise<boolean> =>
  answerHolder(vm, (wait) => saidBySight(wait, seen, ready));

/** What a sight of a running VM says of readiness: where the provider watches none, that it is ready. */
export const readyBySight = ({ capabilities }: Provider): Readiness | undefined =>
  capabilities.has('readiness') ? undefined : runningMeansReady(new Date().toISOString());
