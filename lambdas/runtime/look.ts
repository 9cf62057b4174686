import { Fault } from '../domain/faults.ts';
import type { Operation } from '../domain/operation.ts';
import { isJudged, isReached } from '../domain/progress.ts';
import type { Observed, Vm } from '../domain/vm.ts';
import { invocationOf } from '../providers/kvm/commands.ts';
import { notAfterOf } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';
import { answer, type Said } from './answer.ts';
import { ssm } from './clients.ts';
import { prepare } from './enrolment.ts';
import { heardFrom } from './heard.ts';
import { providerOf } from './providers.ts';

type Waiting = Operation & { wait: NonNullable<Operation['wait']> };

export const isWaiting = (operation: Operation | undefined): operation is Waiting => operation?.wait !== undefined;

/** What a sight of the VM says to the wait: that it is reached, that it never will be, or nothing. */
export const saidBySight = (
  wait: Pick<Waiting['wait'], 'step' | 'commandId'>,
  seen: Partial<Observed> & Pick<Observed, 'state'>,
): Said | undefined => {
  if (isReached(wait, seen.state)) return { outcome: { observed: seen } };
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

/** The same of what is seen of the VM. */
export const answerSight = (vm: Vm, seen: Observed): Promise<boolean> =>
  answerHolder(vm, (wait) => saidBySight(wait, seen));

const lookAtVm = async (operation: Waiting): Promise<Said | undefined> => {
  const vm = operation.vmId === undefined ? undefined : await vms.find(operation.vmId);
  if (vm === undefined) return undefined;
  if (operation.wait.step === 'Await Ready') {
    return isJudged(vm, operation) ? { outcome: { ready: vm.ready } } : undefined;
  }
  const seen = await providerOf(vm.provider).describe(vm);
  return seen && saidBySight(operation.wait, seen);
};

/** A host that has registered by now is asked under the attempt that waits. */
const lookForHost = async (operation: Waiting): Promise<undefined> => {
  const { attempt } = operation.wait;
  const asked = await prepare(operation, { operationId: operation.id, attempt, notAfter: notAfterOf(Date.now()) });
  if (asked.status !== 'pending' || asked.commandId === undefined) return;
  const wait = { ...operation.wait, commandId: asked.commandId, nodeId: asked.nodeId };
  await operations.swap(operation, { ...operation, wait });
};

/** One look at what an operation waits for. @returns what it says to the wait, undefined while it goes on */
export const lookAt = async (operation: Waiting): Promise<Said | undefined> => {
  const { step, commandId, nodeId } = operation.wait;
  if (commandId !== undefined && nodeId !== undefined) {
    const said = heardFrom(step, await invocationOf(ssm(), { commandId, nodeId }));
    if (said) return said;
  }
  if (step === 'Prepare Host') return commandId === undefined ? lookForHost(operation) : undefined;
  return lookAtVm(operation);
};
