import { beforeEach, describe, expect, it, vi } from 'vitest';
import { domainUuidOf } from '../../lambdas/domain/ids.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import type { Capability } from '../../lambdas/providers/provider.ts';
import { hearEvent } from '../../lambdas/runtime/guest-events.ts';
import { handler } from '../../lambdas/steps/await-ready.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertVm, newHost, newVm } from '../support/api.ts';
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

describe.each(['reboot-vm', 'reset-vm'] as const)('a VM that is ready, after %s', (kind) => {
  const told = async (...kinds: ('started' | 'ready' | 'not-ready')[]) => {
    for (const each of kinds) {
      const at = new Date().toISOString();
      const event = { at, domain: domainUuidOf('unit', newVm().id), vmId: newVm().id, kind: each, reason: each };
      await hearEvent(newHost(), event, { at, sentAt: at });
    }
  };

  /** Runs the operation of a running, ready VM; `happens` is what its host tells once readiness is waited for. */
  const run = async (happens: () => Promise<void>) => {
    const fake = providerWith('readiness', 'reset');
    const vm = await insertVm(newVm());
    await fake.create(vm, {}, { operationId: 'op', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' });
    const { id } = await begin(kind, vm);
    const went = await workflows.runLast(happens);
    const { state, steps } = await operations.get(id);
    return {
      went,
      state,
      ready: (await vms.get(vm.id)).ready,
      detail: steps.find((s) => s.name === 'Await Ready')?.detail,
    };
  };

  it('is waited for until its host says that it is ready again', async () => {
    const during: string[] = [];
    const { went, state, ready } = await run(async () => {
      await told('started');
      during.push((await vms.get(newVm().id)).ready.status);
      await told('ready');
    });
    expect(during).toEqual(['unknown']);
    expect(went).toMatchObject({ status: 'SUCCEEDED', transitions: kind === 'reboot-vm' ? 4 : 3 });
    expect({ state, ready }).toMatchObject({ state: 'succeeded', ready: { status: 'true', reason: 'ready' } });
  });

  it('that is not ready in time says so, and is no failure', async () => {
    const { state, ready, detail } = await run(() => told('started', 'not-ready'));
    expect({ state, ready }).toMatchObject({ state: 'succeeded', ready: { status: 'false' } });
    expect(detail).toContain('not-ready');
  });

  it('keeps what is known of it where it was not seen to boot again, and says so', async () => {
    const { state, ready, detail } = await run(async () => undefined);
    expect({ state, ready }).toMatchObject({ state: 'succeeded', ready: newVm().ready });
    expect(detail).toContain('not seen to boot again');
  });

  it('is not ready where it booted and nothing more was heard', async () => {
    const { ready } = await run(() => told('started'));
    expect(ready).toMatchObject({ status: 'false', reason: 'NotReadyInTime' });
  });
});
