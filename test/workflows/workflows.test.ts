import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import validate from 'asl-validator';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName } from '../../lambdas/domain/faults.ts';
import { STEPS } from '../../lambdas/domain/operation.ts';
import { OperationKind } from '../../lambdas/domain/vm.ts';
import { fill, functionNameOf } from './interpreter.ts';
import {
  definitionOf,
  expressionsIn,
  KINDS,
  keysIn,
  machineOf,
  placeholdersOf,
  type Task,
  tasksOf,
} from './machines.ts';

const STEP_FILES = join(import.meta.dirname, '../../lambdas/steps');

const kebab = (pascal: string): string => pascal.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();

/** Faults a person or an admission meets, and no step: the lock is held, the place is taken, the request was read. */
const NOT_IN_STEPS: readonly FaultName[] = ['VmLocked', 'PlacementRaced', 'TooManyRequests'];

/** What reaching a provider may meet; a host's names count for EC2 too, since one machine serves both. */
const REACHING = (Object.keys(FAULTS) as FaultName[]).filter(
  (name) => FAULTS[name].retry && !NOT_IN_STEPS.includes(name) && name !== 'CapacityUnavailable',
);

/**
 * A host that did not finish, or whose answer was lost, is asked again where the same twice is once; a reboot is not. An
 * undo is tried again whatever stopped it: nothing else can take its place.
 */
const REPEATABLE: readonly FaultName[] = [...REACHING, 'TimedOut'];

/** The retryable faults that can occur in each function. */
const APPLY: Readonly<Record<string, readonly FaultName[]>> = {
  LaunchVm: [...REPEATABLE, 'CapacityUnavailable'],
  StartVm: [...REPEATABLE, 'CapacityUnavailable'],
  AskToStop: REPEATABLE,
  RebootVm: REACHING,
  ResetVm: REACHING,
  RemoveVm: REPEATABLE,
  RestoreDefinition: REPEATABLE,
  PrepareHost: REACHING,
  UndoOperation: [...REPEATABLE, 'HostFault', 'CommandFenced'],
  AwaitReady: ['Throttled', 'ProviderUnreachable', 'WriteConflict'],
  RecordOutcome: ['Throttled', 'ProviderUnreachable', 'WriteConflict'],
};

const isFault = (name: string): boolean => Object.hasOwn(FAULTS, name);

/** Lambda's own, and the two names under which it tells of a function that ran out of time or crashed. */
const TRANSIENT = [
  'Lambda.TooManyRequestsException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
];

const LARGEST = { operationId: 'op-1', kind: 'x', graceSeconds: 600, readyTimeoutSeconds: 3600 };

const contextOf = (step: string) => ({
  input: LARGEST,
  context: {
    Execution: { Input: { ...LARGEST, fault: { Error: 'TimedOut' } } },
    State: { Name: step },
    Task: { Token: 't' },
  },
  result: { observed: { state: 'running' }, proof: { nodeId: 'mi-1' } },
  errorOutput: { Error: 'TimedOut', Cause: 'no answer' },
});

const VARIABLES = { outcome: {}, proof: {}, fault: { Error: 'TimedOut', Cause: 'c' }, undone: true, trouble: false };

/** Seconds a task takes at worst: every try up to its time-out, every pause at its longest, each retrier used up. */
const longest = async (step: string, task: Task): Promise<number> => {
  const timeout = Number(await fill(task.TimeoutSeconds, { states: contextOf(step), variables: VARIABLES }));
  const tries = task.Retry.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 1);
  return timeout + (tries - 1) * (30 + Math.min(timeout, 60));
};

describe('the set of files', () => {
  it('has one machine for each kind of operation, and the undo of those that ended without one', () => {
    expect([...KINDS].sort()).toEqual([...OperationKind.options, 'undo-operation'].sort());
  });

  it('names one function for each file of lambdas/steps, none missing and none spare', () => {
    const named = new Set(KINDS.flatMap(placeholdersOf).filter((name) => name !== 'Partition'));
    const files = readdirSync(STEP_FILES).map((file) => basename(file, '.ts'));
    expect([...named].map(kebab).sort()).toEqual(files.sort());
  });

  it.each(OperationKind.options)('%s shows the steps that operations plan', (kind) => {
    expect(Object.keys(machineOf(kind).States)).toEqual(expect.arrayContaining([...STEPS[kind]]));
  });
});

describe.each(KINDS)('%s', (kind) => {
  const machine = machineOf(kind);
  const tasks = tasksOf(machine);

  it('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(definitionOf(kind));
    expect(isValid, errorsText?.()).toBe(true);
  });

  it('reaches each of its states, and leads nowhere else', () => {
    const targets = Object.values(machine.States).flatMap((state) => {
      if (state.Type === 'Choice') return [state.Default, ...state.Choices.map(({ Next }) => Next)];
      return state.Type === 'Task' ? [state.Next, ...state.Catch.map(({ Next }) => Next)] : [];
    });
    const reached = new Set([machine.StartAt, ...targets.filter((name) => name !== undefined)]);
    expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
  });

  it('has no JSONPath left in it', () => {
    expect(keysIn(definitionOf(kind)).filter((key) => key.endsWith('.$') || key.endsWith('Path'))).toEqual([]);
  });

  it('calls functions that are there', () => {
    for (const [, task] of tasks) expect(existsSync(join(STEP_FILES, `${kebab(functionNameOf(task))}.ts`))).toBe(true);
  });

  it('holds expressions that can be read and yield something', async () => {
    for (const [name, state] of Object.entries(machine.States)) {
      for (const { path, code } of expressionsIn(state)) {
        const value: unknown = await jsonata(code).evaluate({}, { states: contextOf(name), ...VARIABLES });
        expect(value, `${name}${path}: ${code}`).toBeDefined();
      }
    }
  });

  it('retries just what may help, by the names that are thrown', () => {
    for (const [name, task] of tasks) {
      const retried = task.Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried.filter(isFault).sort(), name).toEqual([...(APPLY[functionNameOf(task)] ?? [])].sort());
      expect(
        retried.filter((error) => !isFault(error)),
        name,
      ).toEqual(TRANSIENT);
    }
  });

  it('catches every error on each Task', () => {
    for (const [name, task] of tasks) {
      const caught = task.Catch.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(caught.at(-1), name).toBe('States.ALL');
      expect(caught.filter((error) => !isFault(error) && !error.startsWith('States.'))).toEqual([]);
    }
  });

  it('ends its tasks before its own time-out ends it without a Catch', async () => {
    const seconds = await Promise.all(tasks.map(([name, task]) => longest(name, task)));
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeLessThan(machine.TimeoutSeconds);
  });
});
