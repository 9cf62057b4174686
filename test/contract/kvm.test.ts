import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, operationIdOf } from '../../lambdas/domain/ids.ts';
import type { InventoryDomain } from '../../lambdas/domain/report.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import type { Answer, StopOptions } from '../../lambdas/providers/provider.ts';
import { aSpec } from '../support/kvm.ts';
import { type KvmPlace, openKvmPlace } from './kvm-place.ts';
import { contractOf } from './provider-contract.ts';

let place: KvmPlace;

beforeAll(async () => {
  place = await openKvmPlace();
});
afterAll(async () => {
  await place?.close?.();
});

contractOf('KVM on real libvirt', () => {
  // The place goes on to be used below.
  const { close: _, ...harness } = place;
  return harness;
});

const ask = () => ({
  operationId: operationIdOf({ id: 'contract' }, newId('ev', Date.now())),
  attempt: 1,
  notAfter: new Date(Date.now() + 600_000).toISOString(),
});

const create = async (vm: Vm, image = place.context.image): Promise<Answer['observed']> => {
  const context = { ...place.context, ...(image ? { image } : {}) };
  return place.finish(vm, await place.provider.create(vm, context, ask()), 'running');
};

const purge = async (vm: Vm): Promise<void> => {
  await place.finish(vm, await place.provider.remove(vm, { purge: true }, ask()), 'deleted');
};

/** The last event of that kind which the host unit has reported of a VM. */
const eventOf = (vm: Vm, kind: string) =>
  place.reports.events.findLast((event) => event.vmId === vm.id && event.kind === kind);

const lastSeen = (vm: Vm): InventoryDomain | undefined =>
  place.reports.inventory().find((domain) => domain.vmId === vm.id);

describe('a guest on a real host', () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = place.newVm({ spec: aSpec({ hostname: 'told-by-seed', diskGiB: 1, sshKeys: ['ssh-ed25519 AAAA a@b'] }) });
    await create(vm);
  });

  it('is found to run under an acceleration that boots', () => {
    expect(['kvm', 'tcg']).toContain(place.host.facts?.accel);
  });

  it('becomes ready by its agent, with its address', async () => {
    await expect
      .poll(() => eventOf(vm, 'ready'), { timeout: 120_000 })
      .toMatchObject({
        addresses: [expect.stringMatching(/^192\.168\.122\.\d+$/)],
      });
    expect(lastSeen(vm)).toMatchObject({ state: 'running', vcpus: 1, memoryMiB: 160 });
  });

  it('has taken its name from the seed, as its console tells', async () => {
    const text = await place.provider.consoleLog(vm, { bytes: 10_000 });
    expect(text).toContain(`NOVACRON-GUEST READY host=told-by-seed instance=${vm.id}`);
  });

  it('starts again with its host', async () => {
    expect(await place.lab.virsh('list', '--all', '--autostart', '--name')).toContain(vm.id.slice(-6));
  });

  it('stops when asked, and the report tells at once', async () => {
    const options: StopOptions = { mode: 'stop', force: false, graceSeconds: 60, skipOsShutdown: false };
    const { status } = await place.provider.stop(vm, options, ask());
    expect(status).toBe('pending');
    await expect.poll(() => eventOf(vm, 'stopped')?.reason, { timeout: 60_000 }).toBe('shutdown');
    expect((await place.observe(vm))?.state).toBe('stopped');
  });

  it('leaves nothing when purged', async () => {
    await purge(vm);
    expect(await place.count(vm)).toBe(0);
  });
});

describe('an image', () => {
  it('that lies at a URL is fetched first, and the VM comes by report', async () => {
    const vm = place.newVm();
    const observed = await create(vm, place.imageByUrl());
    expect(observed).toMatchObject({ state: 'running' });
    await purge(vm);
  });

  it('that is not what its checksum says makes no VM', async () => {
    const vm = place.newVm();
    const wrong = { ...place.imageByUrl(), sha256: '0'.repeat(64) };
    await expect(create(vm, wrong)).rejects.toMatchObject({ name: 'ChecksumMismatch' });
    expect(await place.count(vm)).toBe(0);
  });
});

it('makes the host unit report nothing that the plane could not read', () => {
  expect(place.reports.misfits).toEqual([]);
});
