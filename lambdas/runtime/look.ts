import type { Operation } from '../domain/operation.ts';
import { isJudged } from '../domain/progress.ts';
import type { Vm } from '../domain/vm.ts';
import { invocationOf } from '../providers/kvm/commands.ts';
import { notAfterOf } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import type { Said } from './answer.ts';
import { ssm } from './clients.ts';
import { prepare, prove } from './enrolment.ts';
import { heardFrom } from './heard.ts';
import { readyBySight, saidBySight, type Waiting } from './holder.ts';
import { providerOf } from './providers.ts';
import { type Describe, describeAlone } from './sights.ts';

const lookAtVm = async (operation: Waiting, vm: Vm, describe: Describe): Promise<Said | undefined> => {
  if (operation.wait.step === 'Await Ready') {
    return isJudged(vm, operation) ? { outcome: { ready: vm.ready } } : undefined;
  }
  const seen = await describe(vm);
  return seen && saidBySight(operation.wait, seen, readyBySight(providerOf(vm.provider)));
};

/** What waits for a host to register, and how it is asked once it has. */
const FOR_HOSTS = new Map([
  ['Prove Host', prove],
  ['Prepare Host', prepare],
]);

/** Whether a wait may be for a host to register, of which no event tells. */
export const isForHost = ({ wait }: Operation): boolean => wait !== undefined && FOR_HOSTS.has(wait.step);

/** A host that has registered by now is asked under the attempt that waits. */
const lookForHost = async (operation: Waiting, askIt: typeof prepare): Promise<undefined> => {
  const { attempt } = operation.wait;
  const asked = await askIt(operation, { operationId: operation.id, attempt, notAfter: notAfterOf(Date.now()) });
  if (asked.status !== 'pending' || asked.commandId === undefined) return;
  const wait = { ...operation.wait, commandId: asked.commandId, nodeId: asked.nodeId };
  await operations.swap(operation, { ...operation, wait });
};

/** One look at what an operation waits for, with its VM's row. @returns what it says to the wait, undefined while it goes on */
export const lookAt = async (
  operation: Waiting,
  vm?: Vm,
  describe: Describe = describeAlone,
): Promise<Said | undefined> => {
  const { step, commandId, nodeId } = operation.wait;
  if (commandId !== undefined && nodeId !== undefined) {
    const said = heardFrom(step, await invocationOf(ssm(), { commandId, nodeId }));
    if (said) return said;
  }
  const askIt = FOR_HOSTS.get(step);
  if (askIt) return commandId === undefined ? lookForHost(operation, askIt) : undefined;
  return vm && lookAtVm(operation, vm, describe);
};
