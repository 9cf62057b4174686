import { describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import { DEFAULT_NETWORK, FILTERS, type Need, PLACEMENT_DEFAULTS, place } from '../../lambdas/domain/placement.ts';
import { aHost, anImage } from '../support/kvm.ts';

const NEED: Need = { vcpus: 1, memoryMiB: 100, diskGiB: 1, network: DEFAULT_NETWORK };
/** One vCPU a core, so that a host of 100 cores, 100,000 MiB and 100 GiB is reckoned in hundredths. */
const EVEN = { ...PLACEMENT_DEFAULTS, cpuRatio: 1, hostReserveMiB: 0 };

type Free = [vcpus: number, memory: number, disk: number];

/** A host that would have these hundredths of vCPU, memory and disk free, once the need is on it. */
const leaving = (vcpus: number, memory: number, disk: number, more: Partial<Host> = {}, accel: 'kvm' | 'tcg' = 'kvm') =>
  aHost(
    { allocated: { vcpus: 99 - vcpus, memoryMiB: 99_900 - memory * 1000, diskGiB: 99 - disk }, ...more },
    { cores: 100, memoryMiB: 100_000, accel, pool: { path: '/p', sizeGiB: 100, freeGiB: 100 } },
  );

/** Whether the second is chosen, in whatever order they are asked; by id alone it would be the first. */
const prefersSecond = (one: Host, two: Host, need = NEED, settings = EVEN): boolean => {
  const [first, second] = [
    { ...one, id: 'h-1', name: 'one' },
    { ...two, id: 'h-2', name: 'two' },
  ];
  const chosen = place([first, second], need, settings).host?.name;
  expect(place([second, first], need, settings).host?.name).toBe(chosen);
  return chosen === 'two';
};

describe('what is free weighs', () => {
  it.each<[string, Free, Free]>([
    ['vCPU', [50, 50, 50], [51, 50, 50]],
    ['memory', [50, 50, 50], [50, 51, 50]],
    ['disk', [50, 50, 50], [50, 50, 51]],
    ['the scarcest as much as the mean', [90, 90, 30], [60, 60, 60]],
    ['the mean as much as the scarcest', [55, 55, 55], [90, 90, 40]],
  ])('by %s', (_, one, two) => {
    expect(prefersSecond(leaving(...one), leaving(...two))).toBe(true);
    expect(prefersSecond(leaving(...two), leaving(...one))).toBe(false);
  });

  it.each<[string, Partial<Need>, Partial<Host['allocated']>]>([
    ['vCPU', { vcpus: 20 }, { vcpus: 10 }],
    ['memory', { memoryMiB: 20_000 }, { memoryMiB: 10_000 }],
    ['disk', { diskGiB: 20 }, { diskGiB: 10 }],
  ])('with what is asked for on it: %s', (_, more, used) => {
    // The small one is emptier now, the large one once the VM is there.
    const small = aHost({}, { cores: 50, memoryMiB: 50_000, pool: { path: '/p', sizeGiB: 50, freeGiB: 50 } });
    const allocated = { vcpus: 0, memoryMiB: 0, diskGiB: 0, ...used };
    const large = aHost(
      { allocated },
      { cores: 100, memoryMiB: 100_000, pool: { path: '/p', sizeGiB: 100, freeGiB: 99 } },
    );
    expect(prefersSecond(small, large, { ...NEED, ...more })).toBe(true);
  });

  it('less than a cached image, and that less than acceleration', () => {
    const need = { ...NEED, image: anImage() };
    const cached = (free: number, accel: 'kvm' | 'tcg') =>
      leaving(free, free, free, { images: ['img-9', anImage().id] }, accel);
    expect(prefersSecond(leaving(60, 60, 60), cached(20, 'kvm'), need)).toBe(true);
    expect(prefersSecond(leaving(80, 80, 80), cached(20, 'kvm'), need)).toBe(false);
    expect(prefersSecond(cached(90, 'tcg'), leaving(1, 1, 1), need)).toBe(true);
    // Of another image, or of none, it says nothing.
    expect(prefersSecond(leaving(60, 60, 60), cached(20, 'kvm'), NEED)).toBe(false);
    expect(prefersSecond(leaving(60, 60, 60), leaving(20, 20, 20, { images: ['img-9'] }), need)).toBe(false);
  });

  it('by the ratios of the installation', () => {
    // Of twice as many cores the same promise is a smaller share.
    const settings = { ...EVEN, cpuRatio: 2, memoryRatio: 2, diskRatio: 2 };
    expect(prefersSecond(leaving(0, 60, 60), leaving(50, 50, 50), NEED, EVEN)).toBe(true);
    expect(place([leaving(-50, -50, -50)], NEED, settings).host).toBeDefined();
    expect(place([leaving(-101, 0, 0)], NEED, settings).refused).toMatchObject([{ filter: 'vcpus' }]);
    expect(place([leaving(0, -101, 0)], NEED, settings).refused).toMatchObject([{ filter: 'memory' }]);
    expect(place([leaving(0, 0, -101)], NEED, settings).refused).toMatchObject([{ filter: 'disk' }]);
  });
});

describe('a host may be filled to the last', () => {
  const host = (more: Partial<Host> = {}, facts = {}) =>
    aHost(more, { cores: 2, memoryMiB: 1512, pool: { path: '/p', sizeGiB: 10, freeGiB: 1 }, ...facts });

  it.each<[string, Partial<Need>, string]>([
    ['vCPU', { vcpus: 8 }, 'needs 9 vCPU, 8 free (2 cores × 4)'],
    ['memoryMiB', { memoryMiB: 1000 }, 'needs 1001 MiB, 1000 free (1512 MiB × 1, 512 kept for the host)'],
    ['diskGiB', { diskGiB: 10 }, 'needs 11 GiB, 10 free (10 GiB × 1)'],
  ])('%s', (_, most, detail) => {
    expect(place([host()], { ...NEED, ...most }).host).toBeDefined();
    const more = Object.fromEntries(Object.entries(most).map(([key, value]) => [key, Number(value) + 1]));
    expect(place([host()], { ...NEED, ...more }).refused).toMatchObject([{ detail }]);
  });

  it('of what is really free, too', () => {
    expect(place([host({}, { freeMemoryMiB: 100 })], NEED).host).toBeDefined();
    expect(place([host({}, { freeMemoryMiB: 99 })], NEED).refused).toMatchObject([
      { detail: 'needs 100 MiB, 99 free (seen on the host)' },
    ]);
    const settings = { ...PLACEMENT_DEFAULTS, memoryRatio: 2 };
    expect(place([host({}, { freeMemoryMiB: 50 })], NEED, settings).host).toBeDefined();
    const full = host(
      { allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 5.7612 } },
      { pool: { path: '/p', sizeGiB: 10, freeGiB: 0.99 } },
    );
    expect(place([full], NEED).refused).toMatchObject([{ detail: 'needs 1 GiB, 0.99 free (really left in the pool)' }]);
    expect(place([full], { ...NEED, diskGiB: 5 }).refused).toMatchObject([
      { detail: 'needs 5 GiB, 4.23 free (10 GiB × 1)' },
    ]);
  });
});

describe('reasons', () => {
  const detail = (host: Host, more: Partial<Need> = {}) => place([host], { ...NEED, ...more }).refused[0]?.detail;
  const { facts: _, ...unknown } = aHost();

  it.each<[Host, Partial<Need>, string]>([
    [aHost(), { host: 'rack-2' }, 'rack-2 was asked for'],
    [aHost({ active: false }), {}, 'it is deactivated'],
    [unknown, {}, 'its facts are not known yet'],
    [aHost({}, { accel: 'none' }), {}, 'it can run no guest: the boot probe failed'],
    [aHost({}, { machineTypes: ['q35'] }), { image: anImage() }, 'test needs machine type pc'],
    [aHost({}, { networks: ['a', 'b'] }), {}, 'it has no network default (it has a, b)'],
    [aHost({ tags: { a: '1', b: '2' } }), { hostTags: { a: '2', b: '2', c: '3' } }, 'it lacks a=2, c=3'],
  ])('are told: %#', (host, more, words) => expect(detail(host, more)).toBe(words));

  it('are looked for in one order', () => {
    expect(FILTERS.join(' ')).toBe('host state active accel image network tags vcpus memory disk');
  });

  it.each([
    ['q35', 'q35'],
    ['q35', 'pc-q35-8.0'],
    ['pc', 'pc'],
    ['pc', 'pc-i440fx-8.0'],
  ] as const)('are none where %s is offered as %s', (machine, type) => {
    expect(detail(aHost({}, { machineTypes: ['microvm', type] }), { image: anImage({ machine }) })).toBeUndefined();
  });

  it('are none where every tag is there', () => {
    expect(detail(aHost({ tags: { a: '1', b: '2' } }), { hostTags: { a: '1' } })).toBeUndefined();
  });
});
