import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import { reconcile } from '../../lambdas/schedules/reconcile.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { insertVm, newVm } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { look } from '../support/looks.ts';
import { StateTable } from '../support/state-table.ts';

/** What EC2 lists, and what happens once it has: between that and the reading of the rows. */
let seen: Observed[];
let listed: () => Promise<void>;
vi.mock('../../lambdas/providers/ec2/list.ts', () => ({
  async *listInstances(_: unknown, { region }: { region: string }) {
    if (region !== 'eu-central-1') return;
    yield* seen;
    await listed();
  },
}));

const location = { account: '123456789012', region: 'eu-central-1' };
const EARLIER = '2026-11-25T11:59:00.000Z';
const NOW = '2026-11-25T12:00:00.000Z';

let table: StateTable;
let vm: Vm;
beforeEach(async () => {
  // Rows are planted here without what stands behind them.
  leaves('VmNotSeen', 'VmStuck');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) });
  table = new StateTable();
  vm = await insertVm(
    newVm({ provider: 'ec2', providerId: 'i-1', location, state: 'pending', changedAt: EARLIER, version: 1 }),
  );
  seen = [look({ vmId: vm.id, providerId: 'i-1', location, state: 'pending', vcpus: 9 })];
  listed = async () => undefined;
});

/** The operation ends: it has seen the VM run. */
const ends = async (): Promise<void> => {
  vi.advanceTimersByTime(2_000);
  const before = await vms.get(vm.id);
  await vms.swap(before, { ...before, state: 'running', changedAt: new Date().toISOString() });
};

describe('reconcile', () => {
  it('brings a row up to what EC2 lists', async () => {
    expect(await reconcile()).toMatchObject({ checked: 1, repaired: 1 });
    expect(await vms.get(vm.id)).toMatchObject({ state: 'pending', vcpus: 9, version: 2 });
  });

  it('takes nothing back of what was written once EC2 had been asked', async () => {
    listed = ends;
    expect(await reconcile()).toMatchObject({ checked: 1, repaired: 0 });
    expect(await vms.get(vm.id)).toMatchObject({ state: 'running', version: 2 });
  });

  it('nor of what is written after its rows were read', async () => {
    let queries = 0;
    table.turn = async () => {
      queries += 1;
      if (queries !== 2) return;
      await ends();
    };
    await reconcile();
    expect(await vms.get(vm.id)).toMatchObject({ state: 'running' });
  });

  it('and says so at the next time', async () => {
    listed = ends;
    await reconcile();
    listed = async () => undefined;
    seen = seen.map((each) => ({ ...each, state: 'running' }));
    vi.advanceTimersByTime(300_000);
    expect(await reconcile()).toMatchObject({ repaired: 1 });
    expect(await vms.get(vm.id)).toMatchObject({ state: 'running', vcpus: 9 });
  });
});
