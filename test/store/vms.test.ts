import { beforeEach, describe, expect, it } from 'vitest';
import type { Observed } from '../../lambdas/domain/vm.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as images from '../../lambdas/store/images.ts';
import * as names from '../../lambdas/store/names.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, insertHost, insertImage, insertVm, newHost, newImage, newVm } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { aSpec } from '../support/kvm.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
});

const LATER = '2026-11-25T11:00:00.000Z';

const look = (more: Partial<Observed> = {}): Observed => ({
  providerId: 'i-0123456789abcdef0',
  name: 'stranger',
  state: 'running',
  location: { account: '123456789012', region: 'eu-central-1' },
  vcpus: 2,
  memoryMiB: 4096,
  disks: [{ name: '/dev/xvda', sizeGiB: 8, boot: true }],
  nics: [],
  addresses: ['10.0.0.5'],
  tags: { team: 'a' },
  ...more,
});

describe('observing', () => {
  it('shows a stranger at its first sight, read-only, and under the same id at every later one', async () => {
    const first = await vms.observe('unit', look(), AT);
    expect(first.after).toMatchObject({ managed: false, name: 'stranger', provider: 'ec2', tags: { team: 'a' } });
    const again = await vms.observe('unit', look({ state: 'stopped', addresses: [] }), LATER);
    expect(again.after).toMatchObject({ id: first.after?.id, state: 'stopped', version: 2 });
    expect(state.of('vm')).toHaveLength(1);
  });

  it('writes nothing where nothing is new', async () => {
    const { after } = await vms.observe('unit', look(), AT);
    await vms.observe('unit', look(), LATER);
    expect(await vms.get(after?.id ?? '')).toEqual(after);
  });

  it('forgets a stranger that is gone, and never shows one that was gone before', async () => {
    const { after } = await vms.observe('unit', look(), AT);
    await vms.observe('unit', look({ state: 'deleted' }), LATER);
    expect(await vms.find(after?.id ?? '')).toBeUndefined();
    expect(await vms.observe('unit', look({ state: 'deleted' }), LATER)).toEqual({});
  });

  it('finds its own VM by its mark and learns the provider id, leaving the state to the operation that holds it', async () => {
    leaves('VmHeldByNobody');
    const lock = { operationId: 'op-1', reason: 'create-vm', by: 'x', since: AT, expiresAt: LATER };
    const { providerId: _, ...bare } = newVm({
      provider: 'ec2',
      state: 'pending',
      location: { region: 'eu-central-1' },
    });
    const vm = await insertVm({ ...bare, lock });
    const { after } = await vms.observe('unit', look({ vmId: vm.id }), LATER);
    expect(after).toMatchObject({
      state: 'pending',
      providerId: 'i-0123456789abcdef0',
      addresses: ['10.0.0.5'],
      name: 'web-1',
    });
    expect((await vms.byProviderId('i-0123456789abcdef0'))?.id).toBe(vm.id);
  });

  it('calls a VM lost that went without our asking, and leaves one deleted that we took away', async () => {
    leaves('VmLost');
    const ours = { provider: 'ec2', providerId: 'i-0123456789abcdef0', location: { region: 'eu-central-1' } } as const;
    const vm = await insertVm(newVm(ours));
    await vms.observe('unit', look({ vmId: vm.id, state: 'deleted' }), LATER);
    expect(await vms.get(vm.id)).toMatchObject({ state: 'lost', ready: { status: 'false' } });
    expect(state.of('event')).toMatchObject([{ type: 'StateChanged', detail: { from: 'running', to: 'lost' } }]);
    const gone = await insertVm(newVm({ ...ours, id: 'vm-0000000000000002', state: 'deleted' }));
    await vms.observe('unit', look({ vmId: gone.id, state: 'deleted' }), LATER);
    expect((await vms.get(gone.id)).state).toBe('deleted');
  });

  it('takes a copy that carries the mark of another VM for a stranger', async () => {
    const vm = await insertVm(
      newVm({ provider: 'ec2', providerId: 'i-0aaaaaaaaaaaaaaaa', location: { region: 'eu-central-1' } }),
    );
    const { after } = await vms.observe('unit', look({ vmId: vm.id }), LATER);
    expect(after).toMatchObject({ managed: false });
    expect(after?.id).not.toBe(vm.id);
    expect(await vms.get(vm.id)).toEqual(vm);
  });

  it('lists the VMs of a host, and of no other', async () => {
    await insertVm(newVm());
    await insertVm(newVm({ id: 'vm-0000000000000002', location: { hostId: 'h-0000000000000002' } }));
    expect((await Array.fromAsync(vms.onHost('h-0000000000000001'))).map(({ id }) => id)).toEqual([
      'vm-0000000000000001',
    ]);
  });
});

describe('a VM that lives after all', () => {
  const HOST = 'h-0000000000000001';
  const ours = newVm({
    spec: aSpec({ imageId: 'img-0000000000000001' }),
    providerId: 'uuid-1',
    state: 'deleted',
    desired: 'deleted',
  });
  const lives = { ...ours, state: 'running', desired: 'running' } as const;

  beforeEach(async () => {
    await insertImage(newImage());
  });

  it('holds its name, its image and its share of the host again', async () => {
    await insertHost(newHost());
    await vms.restore(await insertVm(ours), lives, LATER);
    expect((await hosts.get(HOST)).allocated).toEqual({ vcpus: 1, memoryMiB: 1024, diskGiB: 8 });
    expect(await images.clonesOf('img-0000000000000001', AT)).toMatchObject([{ vmId: ours.id }]);
    expect(await names.holderOf('vm', ours)).toBe(ours.id);
    expect(await vms.get(ours.id)).toMatchObject({ state: 'running', version: 2 });
  });

  it('is not counted twice where its disk was kept', async () => {
    await insertHost(newHost({ allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 8 } }));
    await vms.restore(await insertVm({ ...ours, retainedUntil: '2026-12-02T10:00:00.000Z' }), lives, LATER);
    expect((await hosts.get(HOST)).allocated).toEqual({ vcpus: 1, memoryMiB: 1024, diskGiB: 8 });
  });

  it('is looked at again where its host was written at the same moment', async () => {
    await insertHost(newHost());
    const vm = await insertVm(ours);
    state.beforeWrite = () => {
      state.beforeWrite = () => undefined;
      const [host] = state.of('host');
      if (host) state.rows.set(`${host.pk}\n${host.sk}`, { ...host, version: Number(host.version) + 1 });
    };
    await expect(vms.restore(vm, lives, LATER)).rejects.toMatchObject({ name: 'WriteConflict' });
    expect(await vms.get(ours.id)).toMatchObject({ state: 'deleted', version: 1 });
    await vms.restore(vm, lives, LATER);
  });
});
