import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { vi } from 'vitest';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { OperationKind, Vm } from '../../lambdas/domain/vm.ts';
import { chunked } from '../../lambdas/runtime/chunks.ts';
import * as operations from '../../lambdas/store/operations.ts';
import type { Run } from '../workflows/interpreter.ts';
import { begin } from './asked.ts';
import { Ec2Service } from './ec2-service.ts';
import { instancesChanged } from './heard.ts';
import { StateTable } from './state-table.ts';
import { queued } from './stream.ts';
import { Workflows } from './workflow.ts';

interface Message {
  /** Milliseconds since the epoch. */
  readonly due: number;
  readonly body: string;
  readonly receives: number;
}

/** lib/operations-stack.ts: Lambda's batch and window, and the queue's visibility time-out. */
const BATCH = 1_000;
const LOOKS = 200;
const WINDOW_MS = 1_000;
const VISIBILITY_MS = 180_000;

const breathe = (): Promise<void> => new Promise((done) => setImmediate(done));

/**
 * Many operations at once: the workflows' own files, the steps' and listeners' own code, EC2 and its queue in this process.
 * Time is virtual and goes by the second; what happens within one takes none.
 */
export class BusyPlane {
  readonly table = new StateTable();
  readonly workflows = new Workflows();
  readonly ec2 = new Ec2Service();
  readonly #messages: Message[] = [];
  readonly #waiting = new Map<string, () => void>();
  #open = 0;

  constructor() {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-25T10:00:00.000Z') });
    const { sqs } = this.workflows;
    sqs.on(SendMessageCommand).callsFake((input) => this.#take(input.QueueUrl, input));
    sqs.on(SendMessageBatchCommand).callsFake(({ QueueUrl, Entries }) => {
      for (const entry of Entries) this.#take(QueueUrl, entry);
      return {};
    });
  }

  /** Actions in the queue. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  #take(url: string, { MessageBody, DelaySeconds = 0 }: { MessageBody: string; DelaySeconds?: number }): void {
    if (!url.endsWith('actions')) return;
    this.#messages.push({ due: Date.now() + DelaySeconds * 1_000, body: MessageBody, receives: 1 });
  }

  /** Asks for all of these at once, and lets time go by until all have ended. */
  async ask(
    kind: OperationKind,
    vms: readonly Vm[],
    inputOf: (vm: Vm) => Operation['input'] = () => ({ graceSeconds: 60 }),
  ): Promise<readonly Asked[]> {
    const asked: Operation[] = [];
    for (const vm of vms) asked.push(await begin(kind, vm, inputOf(vm)));
    return this.carry(asked);
  }

  /** Lets time go by until all of these, which were started last, have ended. */
  async carry(asked: readonly Operation[]): Promise<readonly Asked[]> {
    if (asked.length === 0) return [];
    const began = Date.now();
    this.#open += asked.length;
    const runs = this.workflows.started.slice(-asked.length).map((started) =>
      this.workflows
        .run(started, () => this.#answered(started.name))
        .then((run) => {
          this.#open -= 1;
          return { run, seconds: (Date.now() - began) / 1_000 };
        }),
    );
    await this.#quiet();
    while (this.#open > 0) await this.tick();
    return Promise.all(
      runs.map(async (ended, index) => ({ ...(await ended), operation: await operations.get(asked[index]?.id ?? '') })),
    );
  }

  /** One second: a batch from the queue, then what EC2 has begun comes true, and its events. */
  async tick(): Promise<void> {
    vi.setSystemTime(Date.now() + WINDOW_MS);
    await this.deliver();
    const changed = this.ec2.settle().map((id) => {
      const { region = '' } = this.ec2.machines.get(id) ?? {};
      return { account: '123456789012', region, detail: { 'instance-id': id } };
    });
    for (const batch of chunked(changed, LOOKS)) await instancesChanged(...batch);
    await this.#wake();
  }

  /** Hands what is due to the listener, as one batch. */
  async deliver(): Promise<void> {
    const due = this.#messages.filter((message) => message.due <= Date.now()).slice(0, BATCH);
    if (due.length === 0) return;
    for (const message of due) this.#messages.splice(this.#messages.indexOf(message), 1);
    await this.hand(due);
  }

  /** Hands these messages to the listener; those it could not handle come again. */
  async hand(batch: readonly Message[]): Promise<void> {
    const { handler } = await import('../../lambdas/events/instances-asked.ts');
    const { Records } = queued(...batch.map(({ body }) => body));
    for (const [index, { attributes }] of Records.entries()) {
      attributes.ApproximateReceiveCount = String(batch[index]?.receives);
    }
    const { batchItemFailures } = await handler({ Records });
    for (const { itemIdentifier } of batchItemFailures) {
      const message = batch[Records.findIndex(({ messageId }) => messageId === itemIdentifier)];
      if (message) this.#messages.push({ ...message, due: Date.now() + VISIBILITY_MS, receives: message.receives + 1 });
    }
  }

  #answered(operationId: string): Promise<void> {
    return new Promise((resume) => this.#waiting.set(operationId, resume));
  }

  /** Wakes the workflows whose wait was answered, and lets them go on to their next one. */
  async #wake(): Promise<void> {
    for (const [id, resume] of this.#waiting) {
      const { wait } = await operations.get(id);
      if (wait !== undefined && !this.workflows.isAnswered(wait.token)) continue;
      this.#waiting.delete(id);
      resume();
    }
    await this.#quiet();
  }

  async #quiet(): Promise<void> {
    while (this.#waiting.size < this.#open) await breathe();
  }
}

/** What became of one operation: its workflow, its row, and after how many virtual seconds. */
export interface Asked {
  readonly run: Run;
  readonly operation: Operation;
  readonly seconds: number;
}
