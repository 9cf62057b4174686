import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FakeProvider } from '../../../lambdas/providers/fake.ts';
import * as opens from '../../../lambdas/store/opens.ts';
import * as operations from '../../../lambdas/store/operations.ts';
import * as vms from '../../../lambdas/store/vms.ts';
import { newVm } from '../../support/api.ts';
import { useFake } from '../../support/fake-providers.ts';
import { StateTable } from '../../support/state-table.ts';
import { Workflows } from '../../support/workflow.ts';
import { run } from '../../workflows/interpreter.ts';
import { arm, goesOn, placeOf } from './flows.ts';
import { type Ending, type History, recorded, relive } from './history.ts';

vi.mock('../../../lambdas/runtime/providers.ts', () => import('../../support/fake-providers.ts'));

afterEach(() => void vi.useRealTimers());

/** The releases whose executions must end well under the code of today. */
const RELEASES = ['0.1.0'];

/** The moment of the deployment: before the function of a step is called, or while that step waits. */
interface Cut {
  readonly step: number;
  readonly waiting: boolean;
}

const cutsOf = ({ steps }: History): Cut[] =>
  steps.flatMap((step, index) => [
    { step: index, waiting: false },
    ...(step.waiting ? [{ step: index, waiting: true }] : []),
  ]);

/** Rows, provider and clock as the old code left them at the cut. */
const restore = async ({ flow, steps }: History, cut: Cut, table: StateTable): Promise<FakeProvider> => {
  const moments = steps
    .slice(0, cut.step + 1)
    .flatMap(({ before, waiting }, index) =>
      waiting && (index < cut.step || cut.waiting) ? [before, waiting] : [before],
    );
  // The fake reads the clock that it finds when it is made.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(moments.at(-1)?.at ?? '') + 1000 });
  const place = placeOf(flow);
  for (const moment of moments) await relive(moment, table, place);
  arm(place, flow);
  return useFake(place);
};

/** Goes on from the cut: the definition that the execution began with, the functions of today. */
const replay = async (history: History, machine: ReturnType<typeof recorded>['machines'][string], cut: Cut) => {
  const { flow, input, steps } = history;
  const table = new StateTable();
  const workflows = new Workflows();
  const place = await restore(history, cut, table);
  const world = () => goesOn(flow, place, input.operationId);
  let index = -1;
  await run(machine, input, (name, payload, functionName) => {
    index += 1;
    const old = steps[index];
    if (old && index < cut.step) return old.came;
    if (old?.waiting && cut.waiting && index === cut.step) return workflows.answered(old.waiting.token, world);
    return workflows.perform([name, payload, functionName], world);
  });
  const { state, error } = await operations.get(input.operationId);
  const ending: Ending = {
    operation: state,
    error: error?.name,
    vm: (await vms.find(newVm().id))?.state,
    machines: place.count(newVm().id),
  };
  return { ending, open: (await Array.fromAsync(opens.all())).map(({ id }) => id) };
};

describe.each(RELEASES)('executions of release %s, met by a deployment at any step', (release) => {
  const { machines, histories } = recorded(release);

  it('are a hundred and more', () => {
    expect(histories.flatMap(cutsOf).length).toBeGreaterThan(100);
  });

  it.each(
    histories.map((history) => {
      const { kind, provider, world, failures = [] } = history.flow;
      const failing = failures.map(
        ({ method, fault, times, after }) => `${method} ${fault}×${times}${after ? ' after' : ''}`,
      );
      return { title: [kind, provider, world, ...failing].join(', '), history };
    }),
  )('$title', async ({ history }) => {
    const machine = machines[history.machine];
    if (machine === undefined) throw new Error(`${history.machine} was not recorded`);
    for (const cut of cutsOf(history)) {
      const { ending, open } = await replay(history, machine, cut);
      expect(JSON.parse(JSON.stringify(ending)), JSON.stringify(cut)).toEqual(history.ending);
      expect(open, JSON.stringify(cut)).toEqual(ending.operation === 'undo-pending' ? [history.input.operationId] : []);
    }
  });
});
