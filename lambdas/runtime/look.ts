import { isJudged } from '../domain/progress.ts';
import type { Vm } from '../domain/vm.ts';
import { invocationOf } from '../providers/kvm/commands.ts';
import { notAfterOf } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import type { Said } from './answer.ts';
import { ssm } from './clients.ts';
import { prepare } from './enrolment.ts';
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

/** A host that has registered by now is asked under the attempt that waits. */
const lookForHost = async (operation: Waiting): Promise<undefined> => {
  const { attempt } = operation.wait;
  const asked = await prepare(operation, { operationId: operation.id, attempt, notAfter: notAfterOf(Date.now()) });
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
  if (step === 'Prepare Host') return commandId === undefined ? lookForHost(operation) : undefined;
  return vm && lookAtVm(operation, vm, describe);
};
