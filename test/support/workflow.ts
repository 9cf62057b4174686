import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  SendMessageBatchCommand,
  type SendMessageBatchCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { type Came, type Play, type Run, run } from '../workflows/interpreter.ts';
import { machineOf } from '../workflows/machines.ts';

const kebab = (pascal: string): string => pascal.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** An error as Step Functions answers it. */
const refusal = (name: string): Error => Object.assign(new Error(name), { name });

/** The messages of a call, whichever of the two it was. */
const sentBy = (input: object): SendMessageCommandInput[] => {
  const { Entries, ...one } = input as SendMessageCommandInput & Partial<SendMessageBatchCommandInput>;
  return Entries ? Entries.map((entry) => ({ ...one, ...entry })) : [one];
};

interface Started {
  readonly machine: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
}

/**
 * Step Functions in one process: the machines' own files, the steps' own functions, tokens that may be answered once.
 * `whileWaiting` is what the world does while a task waits: events come, hosts report, people cancel.
 */
export class Workflows {
  readonly sfn = mockClient(SFNClient);
  readonly sqs = mockClient(SQSClient);
  readonly started: Started[] = [];
  /** Executions that DescribeExecution finds running. */
  readonly running = new Set<string>();
  readonly #answers = new Map<string, Came>();
  readonly #open = new Set<string>();
  readonly #ended = new Map<string, Run['status']>();

  constructor() {
    this.sqs.on(SendMessageCommand).resolves({});
    this.sqs.on(SendMessageBatchCommand).resolves({});
    this.sfn.on(SendTaskSuccessCommand).callsFake(({ taskToken, output }) => {
      this.#answer(taskToken, { result: JSON.parse(output) });
    });
    this.sfn.on(SendTaskFailureCommand).callsFake(({ taskToken, error, cause }) => {
      this.#answer(taskToken, { error, cause });
    });
    this.sfn.on(StartExecutionCommand).callsFake(({ stateMachineArn, name, input }) => {
      if (this.started.some((execution) => execution.name === name)) throw refusal('ExecutionAlreadyExists');
      this.started.push({ machine: stateMachineArn.split('novacron-unit-').at(-1), name, input: JSON.parse(input) });
    });
    this.sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const name: string = executionArn.split(':').at(-1);
      if (this.running.has(name)) return { status: 'RUNNING' };
      if (this.started.some((execution) => execution.name === name)) {
        return { status: this.#ended.get(name) ?? 'FAILED' };
      }
      throw refusal('ExecutionDoesNotExist');
    });
  }

  #answer(token: string, came: Came): void {
    if (this.#answers.has(token)) throw refusal('TaskTimedOut');
    if (!this.#open.has(token)) throw refusal('InvalidToken');
    this.#answers.set(token, came);
  }

  /** Whether the wait of this token is over. */
  isAnswered(token: string): boolean {
    return this.#answers.has(token);
  }

  /** Bodies of the messages on a queue, with their delays. */
  messages(queue: 'looks' | 'beats' | 'actions' | 'dead-letters'): { delay: number; body: unknown }[] {
    return this.sqs
      .calls()
      .flatMap(({ args: [{ input }] }) => sentBy(input))
      .filter(({ QueueUrl }) => QueueUrl?.endsWith(queue))
      .map(({ DelaySeconds = 0, MessageBody = '' }) => ({ delay: DelaySeconds, body: JSON.parse(MessageBody) }));
  }

  /** Runs an execution to its end. A task that nobody answers runs into its time-out. */
  async run({ machine, name, input }: Started, whileWaiting?: (step: string) => Promise<void>): Promise<Run> {
    const went = await run(machineOf(machine), input, (...task) => this.perform(task, whileWaiting));
    this.#ended.set(name, went.status);
    return went;
  }

  /** Calls the function of a task, and waits for the answer to its token. */
  async perform(
    [step, payload, functionName]: Parameters<Play>,
    whileWaiting: (step: string) => Promise<void> = async () => undefined,
  ): Promise<Came> {
    const { handler } = await import(`../../lambdas/steps/${kebab(functionName)}.ts`);
    const token = typeof payload.token === 'string' ? payload.token : undefined;
    if (token === undefined) return returned(() => handler(payload));
    this.#open.add(token);
    const failed = await thrown(() => handler(payload));
    if (failed && !this.#answers.has(token)) return failed;
    return this.answered(token, () => whileWaiting(step));
  }

  /** What a token that is open, or was opened before this process began, is answered with while the world goes on. */
  async answered(token: string, whileWaiting: () => Promise<void>): Promise<Came> {
    this.#open.add(token);
    if (!this.#answers.has(token)) await whileWaiting();
    const came = this.#answers.get(token) ?? { error: 'States.Timeout' };
    this.#answers.set(token, came);
    return came;
  }

  /** Runs the execution that was started last. */
  runLast(whileWaiting?: (step: string) => Promise<void>): Promise<Run> {
    const last = this.started.at(-1);
    if (last === undefined) throw new Error('nothing was started');
    return this.run(last, whileWaiting);
  }
}

const cameOf = (error: unknown): Came => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: name, cause: JSON.stringify({ errorType: name, errorMessage: message }) };
};

const returned = async (call: () => Promise<unknown>): Promise<Came> => {
  try {
    return { result: await call() };
  } catch (error) {
    return cameOf(error);
  }
};

const thrown = async (call: () => Promise<unknown>): Promise<Came | undefined> => {
  const came = await returned(call);
  return 'error' in came ? came : undefined;
};
