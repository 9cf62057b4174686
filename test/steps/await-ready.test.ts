import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import type { Capability } from '../../lambdas/providers/provider.ts';
import { handler } from '../../lambdas/steps/await-ready.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertVm, newVm } from '../support/api.ts';
import { begin } from '../support/asked.ts';
import { useFake } from '../support/fake-providers.ts';
import { StateTable } from '../support/state-table.ts';
import { Workflows } from '../support/workflow.ts';

vi.mock('../../lambdas/runtime/providers.ts', () => import('../support/fake-providers.ts'));

const STARTED = '2026-11-25T11:00:00.000Z';
let table: StateTable;
let workflows: Workflows;
beforeEach(() => {
  table = new StateTable();
  workflows = new Workflows();
});

const providerWith = (...capabilities: Capability[]) => useFake(new FakeProvider({ capabilities }));

const readyAt = (at: string, status: 'true' | 'false' = 'true') => ({
  ready: { status, reason: 'AgentAnswers', message: 'ok', at },
});

/** Calls the step for a VM that was started at STARTED, its readiness being as given. */
const call = async (more = {}) => {
  const operation = await begin('start-vm', await insertVm(newVm({ state: 'stopped', ...more })), {});
  await operations.swap(operation, { ...operation, state: 'running', startedAt: STARTED });
  await handler({ execution: { operationId: operation.id, vmId: newVm().id }, step: 'Await Ready', token: 't' });
  const told = workflows.sfn
    .calls()
    .map(({ args: [{ input }] }) => input)
    .filter((input) => 'taskToken' in input);
  return { told, operation: await operations.get(operation.id) };
};

describe('Await Ready', () => {
  it('passes at once, and waits for nothing, where running means ready', async () => {
    providerWith();
    const { told, operation } = await call();
    expect(told).toMatchObject([{ output: expect.stringContaining('"Running"') }]);
    expect(operation.wait).toBeUndefined();
  });

  it.each(['true', 'false'] as const)('passes with what the host has told already (%s)', async (status) => {
    providerWith('readiness');
    const { told, operation } = await call(readyAt('2026-11-25T11:00:01.000Z', status));
    expect(told).toMatchObject([{ output: expect.stringContaining(`"status":"${status}"`) }]);
    expect(operation.wait).toBeUndefined();
  });

  it('waits where readiness is from before the start', async () => {
    providerWith('readiness');
    const { told, operation } = await call(readyAt('2026-11-25T10:59:59.000Z'));
    expect(told).toEqual([]);
    expect(operation.wait).toMatchObject({ step: 'Await Ready', token: 't', attempt: 1 });
  });

  it('does not miss what is told between its look and its wait', async () => {
    providerWith('readiness');
    let told = false;
    const ready = readyAt('2026-11-25T11:00:01.000Z');
    table.beforeWrite = () => {
      const [row] = table.of('vm');
      const [operation] = table.of('operation');
      if (told || row === undefined || operation?.state !== 'running') return;
      told = true;
      table.rows.set(`${row.pk}\n${row.sk}`, { ...row, ...ready });
    };
    const result = await call();
    expect((await vms.get(newVm().id)).ready).toEqual(ready.ready);
    expect(result.told).toMatchObject([{ output: expect.stringContaining('AgentAnswers') }]);
  });
});
