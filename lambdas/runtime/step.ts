import * as z from 'zod';
import { Fault, raise } from '../domain/faults.ts';
import { OperationId } from '../domain/ids.ts';
import { isOpen, type Operation } from '../domain/operation.ts';
import { isOvertaken, isUndoing, stepsAtBegin } from '../domain/progress.ts';
import { learn } from '../domain/settlement.ts';
import type { Vm } from '../domain/vm.ts';
import type { Answer, Ask, Provider } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';
import { fail, succeed } from './answer.ts';
import { logger } from './powertools.ts';
import { providerOf } from './providers.ts';

/** What every Task with a token hands to its function (step-functions/*.asl.yaml, `Payload: &ask`). */
const Call = z.object({
  execution: z.object({ operationId: OperationId }),
  step: z.string(),
  token: z.string(),
});
type Call = z.infer<typeof Call>;

/** What a step works with: the operation that stands behind it, and under which intent it asks. */
export interface Scene {
  readonly step: string;
  readonly operation: Operation;
  readonly ask: Ask;
}
type Work = (scene: Scene) => Promise<Answer>;

/** A host must begin within this time, or not at all: SSM's delivery time-out of our commands. */
const BEGIN_WITHIN_MS = 60_000;

/**
 * One Task state of a workflow. It registers the wait, then asks; the answer comes at once, or an event, a look or a
 * report gives it later. A fault fails the task under its name, which the state's Retry and Catch know.
 */
export const step =
  (work: Work) =>
  async (event: unknown): Promise<void> => {
    const call = Call.parse(event);
    try {
      const scene = await enter(call);
      if (scene) await settle(call, scene, await work(scene));
    } catch (error) {
      await refuse(call, error);
    }
  };

/** A step about a VM, which is read after the wait is registered: what happens from then on answers the wait. */
export const onVm = (work: (vm: Vm, provider: Provider, scene: Scene) => Promise<Answer>) =>
  step(async (scene) => {
    const { operation } = scene;
    const vm = await vms.get(operation.vmId ?? raise('Internal', `${operation.id} is about no VM.`));
    const answer = await work(vm, providerOf(vm.provider), scene);
    if (answer.status === 'pending' && answer.observed) await vms.swap(vm, learn(vm, answer.observed));
    return answer;
  });

/** Writes the wait before anything is asked. A call that comes after its step has ended does nothing. */
const enter = async ({ execution, step: name, token }: Call): Promise<Scene | undefined> => {
  const before = await operations.get(execution.operationId);
  if (!isOpen(before) || isOvertaken(before, name)) return undefined;
  if (before.cancelRequested && !isUndoing(name)) throw new Fault('Cancelled', 'It was cancelled before this step.');
  const since = new Date();
  const at = since.toISOString();
  const attempt = before.attempt + 1;
  const operation = await operations.swap(before, {
    ...before,
    state: before.state === 'queued' ? 'running' : before.state,
    attempt,
    wait: { step: name, token, attempt, since: at },
    steps: stepsAtBegin(before.steps, name, at),
    startedAt: before.startedAt ?? at,
  });
  const notAfter = new Date(since.getTime() + BEGIN_WITHIN_MS).toISOString();
  return { step: name, operation, ask: { operationId: operation.id, attempt, notAfter } };
};

/** Ends the wait where it is done; else keeps with the wait what to look at, should the event be lost. */
const settle = async ({ token }: Call, { operation }: Scene, answer: Answer): Promise<void> => {
  if (answer.status === 'done') {
    const { status: _, ...outcome } = answer;
    await succeed(token, outcome);
    return;
  }
  const { commandId, nodeId } = answer;
  if (commandId === undefined || operation.wait === undefined) return;
  await operations.swap(operation, { ...operation, wait: { ...operation.wait, commandId, nodeId } });
};

/** A fault fails the task by its name. What is not a fault is ours to mend, and fails the function too. */
const refuse = async ({ token, execution, step: name }: Call, error: unknown): Promise<void> => {
  if (error instanceof Fault) {
    logger.info('step refused', { operationId: execution.operationId, step: name, fault: error.name });
    await fail(token, error);
    return;
  }
  await fail(token, new Fault('Internal', `${name} failed by a fault of ours; its log says more.`, { cause: error }));
  throw error;
};
