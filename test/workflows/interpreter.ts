import jsonata from 'jsonata';
import type { Choice, Machine, State, Task } from './machines.ts';

/** What a Task's function does when it is called: a result, or the error it fails by. */
export type Came = { result: unknown } | { error: string; cause?: string };
export type Play = (
  state: string,
  payload: Record<string, unknown>,
  functionName: string,
  /** Its time-out, as the file reckons it. */
  timeoutSeconds?: number,
) => Came | Promise<Came>;
/** Waits before the `tries`-th retry of a state; nothing waits where it is absent. */
export type BackOff = (retrier: Task['Retry'][number], tries: number) => Promise<void>;

export interface Run {
  /** Entered states, one more for each retry: what Step Functions bills. */
  readonly transitions: number;
  readonly path: readonly string[];
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly error?: string;
  readonly payloads: ReadonlyMap<string, Record<string, unknown>>;
}

interface Scope {
  readonly states: Record<string, unknown>;
  readonly variables: Record<string, unknown>;
}

const compiled = new Map<string, jsonata.Expression>();

const expressionOf = (code: string): jsonata.Expression => {
  const expression = compiled.get(code) ?? jsonata(code);
  compiled.set(code, expression);
  return expression;
};

/** Fills the `{% … %}` of a value in the reference engine. @throws where one yields nothing: Step Functions fails then, too */
export const fill = async (value: unknown, { states, variables }: Scope): Promise<unknown> => {
  if (typeof value === 'string') {
    const [, code] = value.match(/^\{%\s*([\s\S]*?)\s*%\}$/) ?? [];
    if (code === undefined) return value;
    const found: unknown = await expressionOf(code).evaluate({}, { states, ...variables });
    if (found === undefined) throw new Error(`${code} yields nothing`);
    return JSON.parse(JSON.stringify(found));
  }
  if (Array.isArray(value)) return Promise.all(value.map((each) => fill(each, { states, variables })));
  if (value === null || typeof value !== 'object') return value;
  const filled = await Promise.all(
    Object.entries(value).map(async ([key, each]) => [key, await fill(each, { states, variables })] as const),
  );
  return Object.fromEntries(filled);
};

/** The placeholder that stood in the file: machines.ts fills each by an ARN that ends in its name. */
export const functionNameOf = (task: Task): string => String(task.Arguments.FunctionName).split(':').at(-1) ?? '';

const matches = (names: readonly string[], error: string): boolean =>
  names.includes(error) || names.includes('States.ALL');

/** Each execution has tokens of its own. */
let executions = 0;

/** Runs a machine of ours: Task, Choice and Fail, Retry, Catch, Assign, JSONata. */
export const run = async (
  machine: Machine,
  input: Record<string, unknown>,
  play: Play,
  backOff: BackOff = async () => undefined,
): Promise<Run> => {
  const variables: Record<string, unknown> = {};
  const path: string[] = [];
  const payloads = new Map<string, Record<string, unknown>>();
  let transitions = 0;
  executions += 1;
  const execution = `token-${executions}`;

  const assign = async (wanted: object | undefined, states: Record<string, unknown>): Promise<void> => {
    Object.assign(variables, await fill(wanted ?? {}, { states, variables }));
  };

  const call = async (name: string, task: Task) => {
    const context = {
      Execution: { Input: input },
      State: { Name: name },
      Task: { Token: `${execution}-${transitions}` },
    };
    const request = await fill(task.Arguments, { states: { input, context }, variables });
    const timeout = Number(await fill(task.TimeoutSeconds, { states: { input, context }, variables }));
    // Arguments of a lambda:invoke are FunctionName and Payload in every file, which another test holds.
    const payload = (request as { Payload: Record<string, unknown> }).Payload;
    payloads.set(name, payload);
    return play(name, payload, functionNameOf(task), timeout);
  };

  const perform = async (name: string, task: Task): Promise<string | undefined> => {
    const left = new Map(task.Retry.map((retrier) => [retrier, retrier.MaxAttempts]));
    for (;;) {
      transitions += 1;
      const came = await call(name, task);
      if ('result' in came) {
        const result = task.Resource.endsWith('waitForTaskToken') ? came.result : { Payload: came.result };
        await assign(task.Assign, { input, result });
        return task.End ? undefined : task.Next;
      }
      const retrier = task.Retry.find(({ ErrorEquals }) => matches(ErrorEquals, came.error));
      const tries = retrier ? (left.get(retrier) ?? 0) : 0;
      if (retrier && tries > 0) {
        left.set(retrier, tries - 1);
        await backOff(retrier, retrier.MaxAttempts - tries + 1);
        continue;
      }
      const catcher = task.Catch.find(({ ErrorEquals }) => matches(ErrorEquals, came.error));
      if (!catcher) throw new Error(`${name} catches no ${came.error}`);
      const errorOutput = { Error: came.error, ...(came.cause === undefined ? {} : { Cause: came.cause }) };
      await assign(catcher.Assign, { input, errorOutput });
      return catcher.Next;
    }
  };

  const choose = async ({ Choices, Default }: Choice): Promise<string> => {
    transitions += 1;
    for (const { Condition, Next } of Choices) {
      if ((await fill(Condition, { states: { input }, variables })) === true) return Next;
    }
    return Default;
  };

  let next: string | undefined = machine.StartAt;
  while (next !== undefined) {
    const name: string = next;
    path.push(name);
    const state: State | undefined = machine.States[name];
    if (state === undefined) throw new Error(`There is no state ${name}`);
    if (state.Type === 'Fail') {
      transitions += 1;
      const told = await fill({ Error: state.Error, Cause: state.Cause }, { states: { input }, variables });
      return { transitions, path, payloads, status: 'FAILED', error: (told as { Error: string }).Error };
    }
    next = state.Type === 'Choice' ? await choose(state) : await perform(name, state);
  }
  return { transitions, path, payloads, status: 'SUCCEEDED' };
};
