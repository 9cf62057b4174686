import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { Fault, raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { HostProof } from '../domain/host-proof.ts';
import { OperationId } from '../domain/ids.ts';
import type { Image } from '../domain/image.ts';
import { isOpen, type Operation } from '../domain/operation.ts';
import { isOvertaken, isUndoing, runningMeansReady, stepsAtBegin } from '../domain/progress.ts';
import { learn } from '../domain/settlement.ts';
import type { Vm } from '../domain/vm.ts';
import { type Answer, type Ask, notAfterOf, type Provider } from '../providers/provider.ts';
import * as operations from '../store/operations.ts';
import * as table from '../store/table.ts';
import * as vms from '../store/vms.ts';
import { fail, succeed } from './answer.ts';
import { logger } from './powertools.ts';
import { providerOf } from './providers.ts';
import { tell } from './tell.ts';

/** What every Task with a token hands to its function (step-functions/*.asl.yaml, `Payload: &ask`). */
const Call = z.object({
  execution: z.object({
    operationId: OperationId,
    vmId: z.string().optional(),
    hostId: z.string().optional(),
    imageId: z.string().optional(),
  }),
  step: z.string(),
  token: z.string(),
  proof: HostProof.optional(),
});
type Call = z.infer<typeof Call>;

/** What a step works with: the operation that stands behind it, its VM, and under which intent it asks. */
export interface Scene {
  readonly step: string;
  readonly operation: Operation;
  readonly vm?: Vm | undefined;
  readonly host?: Host | undefined;
  readonly image?: Image | undefined;
  readonly ask: Ask;
  /** What a step before has asked a machine for. */
  readonly proof?: HostProof | undefined;
}
type Work = (scene: Scene) => Promise<Answer>;
type VmWork = (vm: Vm, provider: Provider, scene: Scene) => Promise<Answer>;

/** Runs a task; its fault fails the task under its name, which the state's Retry and Catch know. */
const task =
  (run: (call: Call) => Promise<void>) =>
  async (event: unknown): Promise<void> => {
    const call = Call.parse(event);
    try {
      await run(call);
    } catch (error) {
      await refuse(call, error);
    }
  };

/**
 * One Task state of a workflow. It registers the wait, then asks; the answer comes at once, or an event, a look or a
 * report gives it later.
 */
export const step = (work: Work) =>
  task(async (call) => {
    const rows = await arrive(call);
    if (rows === undefined) return;
    const scene = await register(call, rows);
    await settle(call, scene, await work(scene));
  });

/** A step about a VM. Where its provider watches no readiness, what is done is ready: the workflow waits for no more. */
export const onVm = (work: VmWork) =>
  step(async (scene) => {
    const vm = vmOf(scene);
    const provider = providerOf(vm.provider);
    const answer = await work(vm, provider, scene);
    if (answer.status === 'pending' || provider.capabilities.has('readiness')) return answer;
    return { ready: runningMeansReady(new Date().toISOString()), ...answer };
  });

/**
 * A step that asks nothing and only looks: what is so already needs no wait. Else it looks again once the wait is
 * registered, so that what came true in between is not missed.
 */
export const watching = (look: (vm: Vm, provider: Provider, operation: Operation) => Answer) =>
  task(async (call) => {
    const rows = await arrive(call);
    if (rows === undefined) return;
    const vm = vmOf(rows);
    const first = look(vm, providerOf(vm.provider), rows.operation);
    if (first.status === 'done') return settle(call, rows, first);
    const scene = await register(call, rows);
    const now = await vms.get(vm.id);
    await settle(call, scene, look(now, providerOf(now.provider), scene.operation));
  });

const vmOf = ({ operation, vm }: Pick<Scene, 'operation' | 'vm'>): Vm =>
  vm ?? raise('Internal', `${operation.id} is about no VM.`);

/** Reads what the call is about; undefined where it comes after its step has ended. @throws Cancelled */
const arrive = async ({ execution, step: name }: Call): Promise<operations.Scene | undefined> => {
  const rows = await operations.scene(execution);
  if (!isOpen(rows.operation) || isOvertaken(rows.operation, name)) return undefined;
  if (!rows.operation.cancelRequested || isUndoing(name)) return rows;
  throw new Fault('Cancelled', 'It was cancelled before this step.');
};

/** Writes the wait, before anything is asked: from then on an answer finds it. */
const register = async ({ step: name, token, proof }: Call, rows: operations.Scene): Promise<Scene> => {
  const { operation: before, vm, host, image } = rows;
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
  const node = host?.nodeId === undefined ? {} : { nodeId: host.nodeId };
  const ask = { operationId: operation.id, attempt, notAfter: notAfterOf(since.getTime()), ...node };
  return { step: name, operation, vm, host, image, ask, proof };
};

/**
 * Ends the wait where it is done; else keeps, in one write, what to look at should the event be lost, and what the provider
 * knows of the VM at once: the id by which an event finds it.
 */
const settle = async ({ token }: Call, scene: Pick<Scene, 'operation' | 'vm'>, answer: Answer): Promise<void> => {
  const { operation, vm } = scene;
  if (answer.status === 'done') {
    const { status: _, ...outcome } = answer;
    await succeed(token, outcome);
    return;
  }
  const { commandId, nodeId, detail, observed } = answer;
  const known = vm && observed ? learn(vm, observed) : vm;
  const wait = operation.wait && commandId !== undefined ? { ...operation.wait, commandId, nodeId } : undefined;
  await table.saveAll([
    ...(wait ? [operations.changing({ ...operation, wait })] : []),
    ...(known && !isDeepStrictEqual(known, vm) ? [vms.changing(known)] : []),
  ]);
  if (wait === undefined && detail !== undefined) await tell(operation, detail);
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
