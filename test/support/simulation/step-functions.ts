import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Came, type Play, run } from '../../workflows/interpreter.ts';
import { machineOf } from '../../workflows/machines.ts';
import { awsError } from './refusals.ts';
import type { Command } from './transport.ts';
import type { World } from './world.ts';

export type Step = (payload: unknown) => Promise<unknown>;

interface Execution {
  readonly machine: string;
  readonly name: string;
  readonly input: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
}

/** lib/operations-stack.ts: the time-out of each step's function. */
const STEP_SECONDS = 60;

/** Step Functions: executions of the real machines in the world's time, each name once, each token answered once. */
export class StepFunctions {
  readonly executions = new Map<string, Execution>();
  /** How the last call of the step that records an operation's end came out: answered, or dead on its way. */
  readonly recorded = new Map<string, 'answered' | 'died'>();
  readonly #world: World;
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #tokens = new Map<string, (came: Came) => void>();

  constructor(world: World, steps: ReadonlyMap<string, Step>) {
    this.#world = world;
    this.#steps = steps;
  }

  readonly serve = (command: Command): unknown => {
    if (command instanceof SendTaskSuccessCommand) {
      const { taskToken = '', output = '{}' } = command.input;
      return this.#answer(taskToken, { result: JSON.parse(output) });
    }
    if (command instanceof SendTaskFailureCommand) {
      const { taskToken = '', error = 'unnamed', cause = '' } = command.input;
      return this.#answer(taskToken, { error, cause });
    }
    if (command instanceof StartExecutionCommand) {
      const { stateMachineArn = '', name = '', input = '{}' } = command.input;
      return this.#start(stateMachineArn.split('novacron-unit-').at(-1) ?? '', name, input);
    }
    if (command instanceof DescribeExecutionCommand) {
      const [machine, name] = (command.input.executionArn ?? '').split('novacron-unit-').at(-1)?.split(':') ?? [];
      const execution = this.executions.get(`${machine}:${name}`);
      if (execution === undefined) throw awsError('ExecutionDoesNotExist');
      return { status: execution.status };
    }
    throw new Error(`Step Functions does not know ${command.constructor.name}`);
  };

  /** Ends an execution from outside, as a person in the AWS console may. */
  abort(execution: Execution): void {
    this.#end(execution, 'ABORTED');
  }

  #answer(token: string, came: Came): object {
    const end = this.#tokens.get(token);
    if (end === undefined) throw awsError('TaskTimedOut');
    end(came);
    return {};
  }

  #start(machine: string, name: string, input: string): object {
    const known = this.executions.get(`${machine}:${name}`);
    if (known?.status === 'RUNNING' && known.input === input) return {};
    if (known !== undefined) throw awsError('ExecutionAlreadyExists');
    const execution: Execution = { machine, name, input, status: 'RUNNING' };
    this.executions.set(`${machine}:${name}`, execution);
    const { scheduler, faults, random } = this.#world;
    scheduler.after(random.between(5, 50), `execution ${machine} ${name} begins`, () => void this.#run(execution));
    if (faults.fires('execution-aborted')) {
      scheduler.after(random.between(100, 60_000), `execution ${name} is aborted`, () => this.abort(execution));
    }
    return {};
  }

  async #run(execution: Execution): Promise<void> {
    const { scheduler, random } = this.#world;
    const machine = machineOf(execution.machine);
    const over = scheduler.after(machine.TimeoutSeconds * 1000, '', () => this.#end(execution, 'TIMED_OUT'), true);
    const { status, error } = await run(
      machine,
      JSON.parse(execution.input),
      this.#play(execution),
      ({ IntervalSeconds, BackoffRate, MaxDelaySeconds }, tries) => {
        const seconds = Math.min(IntervalSeconds * BackoffRate ** (tries - 1), MaxDelaySeconds);
        return new Promise((resolve) => scheduler.after(random.between(0, seconds * 1000), '', resolve));
      },
    );
    over.cancelled = true;
    this.#end(execution, status, error);
  }

  #end(execution: Execution, status: Execution['status'], error?: string): void {
    if (execution.status !== 'RUNNING') return;
    execution.status = status;
    this.#world.scheduler.note(`execution ${execution.machine} ${status} ${error ?? ''}`);
    if (status === 'SUCCEEDED' || execution.machine === 'undo-operation') return;
    const detail = { name: execution.name, status, ...(error === undefined ? {} : { error, cause: error }) };
    this.#world.bus.tell('execution-ended', { detail });
  }

  /** A task: its function is called, then its token is waited for, no longer than its time-out. What was aborted never goes on. */
  #play(execution: Execution): Play {
    return (state, payload, functionName, seconds = 0) =>
      new Promise((resolve) => {
        const { scheduler } = this.#world;
        const token = typeof payload.token === 'string' ? payload.token : undefined;
        let isOpen = true;
        const end = (came: Came): void => {
          if (!isOpen) return;
          isOpen = false;
          timer.cancelled = true;
          if (token !== undefined) this.#tokens.delete(token);
          if (execution.status === 'RUNNING') resolve(came);
        };
        const timer = scheduler.after(seconds * 1000, '', () => end({ error: 'States.Timeout' }));
        if (token !== undefined) this.#tokens.set(token, end);
        void this.#call(functionName, state, payload).then((ended) => {
          if ('error' in ended) end(ended);
          else if (token === undefined) end({ result: ended.result });
        });
      });
  }

  async #call(functionName: string, state: string, payload: object): Promise<Came> {
    const { lambda, faults, scheduler, random } = this.#world;
    const step = this.#steps.get(functionName);
    if (step === undefined) throw new Error(`there is no step ${functionName}`);
    await new Promise<void>((resolve) => scheduler.after(random.between(5, 60), '', resolve));
    if (faults.fires('lambda-throttled')) return { error: 'Lambda.TooManyRequestsException' };
    const entry = `steps/${functionName.replace(/\B[A-Z]/g, '-$&').toLowerCase()}`;
    const text = JSON.stringify(payload);
    const ended = await lambda.invoke(`step ${state}`, STEP_SECONDS, () => step(JSON.parse(text)), entry);
    if (functionName === 'RecordOutcome') {
      this.recorded.set(JSON.parse(text).execution.operationId, 'result' in ended ? 'answered' : 'died');
    }
    return ended;
  }
}
