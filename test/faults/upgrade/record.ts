import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as operations from '../../../lambdas/store/operations.ts';
import * as vms from '../../../lambdas/store/vms.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { insertHost, insertVm, newHost, newVm } from '../../support/api.ts';
import { begin } from '../../support/asked.ts';
import { useFake } from '../../support/fake-providers.ts';
import { StateTable } from '../../support/state-table.ts';
import { Workflows } from '../../support/workflow.ts';
import { run } from '../../workflows/interpreter.ts';
import { KINDS, machineOf } from '../../workflows/machines.ts';
import { arm, FLOWS, type Flow, goesOn, placeOf, vmOf } from './flows.ts';
import { fileOf, type History, type Recording, type Step, Watcher } from './history.ts';

vi.mock('../../../lambdas/runtime/providers.ts', () => import('../../support/fake-providers.ts'));

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-25T12:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

/** Makes the place hold the VM that the operation is about. */
const settleIn = async (flow: Flow, watcher: Watcher): Promise<void> => {
  if (flow.kind === 'create-vm') return;
  const ask = { operationId: 'op-before', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };
  const vm = vmOf(flow);
  await watcher.place.create(vm, {}, ask);
  watcher.place.settle(vm.id);
  if (flow.kind === 'start-vm')
    await watcher.place.stop(vm, { mode: 'stop', force: true, graceSeconds: 0, skipOsShutdown: false }, ask);
  if (flow.kind === 'undelete-vm') await watcher.place.remove(vm, { purge: false }, ask);
  watcher.place.settle(vm.id);
};

/** Runs one story to its end, and keeps every moment of it. */
const told = async (flow: Flow): Promise<History> => {
  const table = new StateTable();
  const workflows = new Workflows();
  const watcher = new Watcher(table, placeOf(flow), flow);
  useFake(watcher.place);
  await insertHost(newHost());
  await settleIn(flow, watcher);
  const vm = flow.kind === 'create-vm' ? vmOf(flow) : await insertVm(vmOf(flow));
  const { id } = await begin(flow.kind, vm, flow.input ?? {});
  watcher.place.calls.length = 0;
  arm(watcher.place, flow);
  const started = workflows.started.at(-1);
  if (started === undefined) throw new Error('nothing was started');
  const steps: Step[] = [];
  await run(machineOf(started.machine), started.input, async (name, payload, functionName) => {
    vi.advanceTimersByTime(1000);
    const before = watcher.moment();
    let waiting: Step['waiting'];
    const came = await workflows.perform([name, payload, functionName], async () => {
      waiting = { ...watcher.moment(), token: String(payload.token) };
      vi.advanceTimersByTime(1000);
      await goesOn(flow, watcher.place, id);
    });
    steps.push({ name, before, ...(waiting ? { waiting } : {}), came });
    return came;
  });
  const { state, error } = await operations.get(id);
  const after = await vms.find(newVm().id);
  const ending = { operation: state, error: error?.name, vm: after?.state, machines: watcher.place.count(newVm().id) };
  return { flow, machine: started.machine, input: { operationId: id, ...started.input }, steps, ending };
};

/** npx vitest run --project record: once at each release, before its version rises. */
it('records the stories of this release', async () => {
  const histories: History[] = [];
  for (const flow of FLOWS) histories.push(await told(flow));
  const machines = Object.fromEntries(KINDS.map((kind) => [kind, machineOf(kind)]));
  const recording: Recording = { release: packageJson.version, machines, histories };
  writeFileSync(fileOf(packageJson.version), gzipSync(JSON.stringify(recording), { level: 9 }));
  expect(histories.length).toBe(FLOWS.length);
});
