import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import { FILTERS, type Need, PLACEMENT_DEFAULTS, place } from '../../lambdas/domain/placement.ts';
import { aHost, anImage } from '../support/kvm.ts';

const need = (changes: Partial<Need> = {}): Need => ({
  vcpus: 2,
  memoryMiB: 2048,
  diskGiB: 10,
  network: 'default',
  ...changes,
});

const withoutFacts = (): Host => {
  const { facts: _, ...rest } = aHost();
  return rest;
};

describe('a host is refused by the first filter that has a reason', () => {
  it.each<[string, Host, Need, string, RegExp]>([
    ['another host is wanted', aHost(), need({ host: 'rack-2' }), 'host', /rack-2 was asked for/],
    ['it drains', aHost({ state: 'draining' }), need(), 'state', /^it is draining$/],
    ['it is silent', aHost({ state: 'unreachable', reason: 'no beat' }), need(), 'state', /unreachable: no beat/],
    ['it is deactivated', aHost({ active: false }), need(), 'active', /deactivated/],
    ['its facts are missing', withoutFacts(), need(), 'accel', /not known/],
    ['it boots no guest', aHost({}, { accel: 'none', accelReason: 'no banner' }), need(), 'accel', /no banner/],
    ['it boots no guest, unsaid', aHost({}, { accel: 'none' }), need(), 'accel', /boot probe failed/],
    ['no pc machine', aHost({}, { machineTypes: ['pc-q35-7.2'] }), need({ image: anImage() }), 'image', /type pc/],
    [
      'no q35 machine',
      aHost({}, { machineTypes: ['pc-i440fx-7.2'] }),
      need({ image: anImage({ machine: 'q35' }) }),
      'image',
      /type q35/,
    ],
    ['no such network', aHost(), need({ network: 'dmz' }), 'network', /no network dmz \(it has default\)/],
    ['no network at all', aHost({}, { networks: [] }), need(), 'network', /it has none/],
    ['a tag is missing', aHost({ tags: { gpu: 'no' } }), need({ hostTags: { gpu: 'yes' } }), 'tags', /gpu=yes/],
    ['too few vCPU', aHost(), need({ vcpus: 33 }), 'vcpus', /needs 33 vCPU, 32 free \(8 cores × 4\)/],
    [
      'promised memory is gone',
      aHost({ allocated: { vcpus: 0, memoryMiB: 15_000, diskGiB: 0 } }),
      need(),
      'memory',
      /needs 2048 MiB, 872 free/,
    ],
    ['memory is really gone', aHost({}, { freeMemoryMiB: 1000 }), need(), 'memory', /1000 free \(seen on the host\)/],
    ['promised disk is gone', aHost(), need({ diskGiB: 101 }), 'disk', /needs 101 GiB, 100 free/],
    [
      'the pool is really full',
      aHost({}, { pool: { path: '/p', sizeGiB: 100, freeGiB: 0.2 } }),
      need(),
      'disk',
      /really left/,
    ],
  ])('%s', (_, host, wanted, filter, detail) => {
    const { host: chosen, refused, away } = place([host], wanted);
    expect(chosen).toBeUndefined();
    expect(refused).toMatchObject([{ host: 'rack-1', filter }]);
    expect(away).toEqual(host.state === 'unreachable' ? ['rack-1'] : []);
    expect(refused[0]?.detail).toMatch(detail);
  });

  it('says more free than nothing never as less than zero', () => {
    const full = aHost({ allocated: { vcpus: 99, memoryMiB: 0, diskGiB: 0 } });
    expect(place([full], need()).refused[0]?.detail).toMatch(/, 0 free/);
  });
});

describe('among hosts that fit', () => {
  const other = { id: 'h-1123456789abcdef', name: 'rack-2' };

  it('takes the wanted one by name or id', () => {
    expect(place([aHost(), aHost(other)], need({ host: 'rack-2' })).host?.name).toBe('rack-2');
    expect(place([aHost(), aHost(other)], need({ host: other.id })).host?.name).toBe('rack-2');
  });

  it.each<[string, Host, Host]>([
    [
      'acceleration before emptiness',
      aHost({}, { accel: 'tcg' }),
      aHost({ ...other, allocated: { vcpus: 20, memoryMiB: 8192, diskGiB: 50 } }),
    ],
    ['the emptier of two', aHost({ allocated: { vcpus: 4, memoryMiB: 4096, diskGiB: 20 } }), aHost(other)],
    ['a cached image', aHost(), aHost({ ...other, images: [anImage().id] })],
  ])('prefers %s', (_, worse, better) => {
    expect(place([worse, better], need({ image: anImage() })).host?.name).toBe('rack-2');
  });

  it('breaks ties by id, in whatever order hosts come', () => {
    const hosts = [aHost(other), aHost()];
    expect(place(hosts, need()).host?.name).toBe('rack-1');
    expect(place(hosts.toReversed(), need()).host?.name).toBe('rack-1');
  });
});

describe('of any hosts and any need', () => {
  const hosts = fc
    .array(
      fc
        .record({
          state: fc.constantFrom('ready' as const, 'ready' as const, 'draining' as const),
          active: fc.boolean(),
          cores: fc.integer({ min: 1, max: 64 }),
          memoryMiB: fc.integer({ min: 256, max: 65_536 }),
          sizeGiB: fc.integer({ min: 0, max: 500 }),
          used: fc.record({ vcpus: fc.nat(256), memoryMiB: fc.nat(65_536), diskGiB: fc.nat(500) }),
          accel: fc.constantFrom('kvm' as const, 'tcg' as const, 'none' as const),
        })
        .map(({ state, active, cores, memoryMiB, sizeGiB, used, accel }) =>
          aHost(
            { state, active, allocated: used },
            { cores, memoryMiB, accel, pool: { path: '/p', sizeGiB, freeGiB: sizeGiB } },
          ),
        ),
      { maxLength: 12 },
    )
    .map((list) =>
      list.map((host, index) => ({ ...host, id: `h-${String(index).padStart(16, '0')}`, name: `rack-${index}` })),
    );
  const needs = fc.record({
    vcpus: fc.integer({ min: 1, max: 64 }),
    memoryMiB: fc.integer({ min: 64, max: 32_768 }),
    diskGiB: fc.integer({ min: 1, max: 200 }),
  });

  it('never promises more than ratios allow, and refuses every other host exactly once', () => {
    fc.assert(
      fc.property(hosts, needs, (all, wanted) => {
        const { host, refused } = place(all, need(wanted));
        expect(new Set(refused.map((refusal) => refusal.host)).size).toBe(refused.length);
        for (const refusal of refused) expect(FILTERS).toContain(refusal.filter);
        if (!host?.facts) {
          expect(refused).toHaveLength(all.length);
          return;
        }
        const { allocated, facts } = host;
        expect(host).toMatchObject({ state: 'ready', active: true });
        expect(refused.map((refusal) => refusal.host)).not.toContain(host.name);
        expect(allocated.vcpus + wanted.vcpus).toBeLessThanOrEqual(facts.cores * PLACEMENT_DEFAULTS.cpuRatio);
        expect(allocated.memoryMiB + wanted.memoryMiB).toBeLessThanOrEqual(facts.memoryMiB);
        expect(allocated.diskGiB + wanted.diskGiB).toBeLessThanOrEqual(facts.pool.sizeGiB);
      }),
    );
  });

  it('chooses the same host in whatever order they come', () => {
    fc.assert(
      fc.property(hosts, needs, (all, wanted) => {
        expect(place(all.toReversed(), need(wanted)).host?.id).toBe(place(all, need(wanted)).host?.id);
      }),
    );
  });
});
