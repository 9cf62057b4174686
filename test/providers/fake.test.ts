import { expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { newId } from '../../lambdas/domain/ids.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { contractOf } from '../contract/provider-contract.ts';
import { aVm } from '../support/kvm.ts';

const lost = new Fault('ProviderUnreachable', 'the reply was lost');
const newVm = (changes = {}) => aVm({ id: newId('vm', Date.now()), ...changes });
const ask = { operationId: 'op-1', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };

for (const progress of ['automatic', 'manual'] as const) {
  for (const capabilities of [undefined, []]) {
    contractOf(`fake, ${progress}, ${capabilities ? 'with no' : 'with every'} capability`, () => {
      const provider = new FakeProvider({ progress, ...(capabilities ? { capabilities } : {}) });
      return {
        provider,
        newVm,
        context: {},
        finish: async (vm) => provider.settle(vm.id) ?? {},
        observe: (vm) => provider.describe(vm),
        count: async (vm) => provider.count(vm.id),
        cutNextCreate: () => provider.failNext('create', lost, { after: true }),
      };
    });
  }
}

it('fails the next call of a method once, before its effect', async () => {
  const provider = new FakeProvider();
  const vm = newVm();
  provider.failNext('create', new Fault('CapacityUnavailable', 'none left'));
  await expect(provider.create(vm, {}, ask)).rejects.toThrow('none left');
  expect(provider.count(vm.id)).toBe(0);
  await expect(provider.create(vm, {}, ask)).resolves.toMatchObject({ status: 'done' });
  expect(provider.calls.map(({ method }) => method)).toEqual(['create', 'create']);
});

it('waits for settle where progress is manual', async () => {
  const provider = new FakeProvider({ name: 'ec2', progress: 'manual' });
  const vm = newVm();
  const answer = await provider.create(vm, {}, ask);
  expect(answer).toEqual({ status: 'pending', observed: { providerId: `fake-${vm.id}` } });
  expect((await provider.describe(vm))?.state).toBe('pending');
  expect(provider.settle(vm.id)?.state).toBe('running');
});

it('loses a machine that vanishes', async () => {
  const provider = new FakeProvider();
  const vm = newVm();
  await provider.create(vm, {}, ask);
  provider.vanish(vm.id);
  expect(provider.settle(vm.id)).toBeUndefined();
  await expect(provider.undelete(vm, ask)).rejects.toMatchObject({ name: 'VmLost' });
});

it('refuses what a protected or a stopped VM cannot have', async () => {
  const provider = new FakeProvider();
  const vm = newVm({ deletionProtection: true });
  await provider.create(vm, {}, ask);
  await expect(provider.remove(vm, { purge: true }, ask)).rejects.toMatchObject({ name: 'VmProtected' });
  await provider.stop(vm, { mode: 'stop', force: true, graceSeconds: 0, skipOsShutdown: false }, ask);
  await expect(provider.reboot(vm, ask)).rejects.toMatchObject({ name: 'InvalidTransition' });
});

it('does not undo what another operation made', async () => {
  const provider = new FakeProvider();
  const vm = newVm();
  await provider.create(vm, {}, ask);
  await provider.undoCreate(vm, { ...ask, operationId: 'op-2' });
  expect(provider.count(vm.id)).toBe(1);
});
