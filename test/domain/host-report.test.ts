import { describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import { hostAfterReport } from '../../lambdas/domain/host-report.ts';
import type { Report } from '../../lambdas/domain/report.ts';
import { aHost } from '../support/kvm.ts';

const AT = '2026-11-25T10:00:00.000Z';

const facts = { freeGiB: 400, freeMemoryMiB: 40_000, images: ['img-1'], networks: ['default'] };
const known = (more: Partial<Host> = {}): Host =>
  aHost(
    { beatSeq: 0, images: ['img-1'], ...more },
    { memoryMiB: 65_536, freeMemoryMiB: 40_000, pool: { path: '/p', sizeGiB: 500, freeGiB: 400 } },
  );
const report = (more: Partial<Report> = {}): Report => ({
  unitVersion: '1',
  seq: 9,
  sentAt: AT,
  events: [],
  facts,
  ...more,
});
const NO_REASON = { reason: undefined };
const heard = (host: Host, more?: Partial<Report>) => hostAfterReport(host, report(more), AT);

describe('a host’s row', () => {
  it.each<[string, Partial<Report>]>([
    ['nothing is new', {}],
    ['the beat is all that was sent', { facts: undefined }],
    ['its memory moves by less than a twentieth', { facts: { ...facts, freeMemoryMiB: 41_900 } }],
    ['its pool moves by less than a twentieth', { facts: { ...facts, freeGiB: 381 } }],
  ])('is left alone where %s', (_, more) => {
    const host = known();
    expect(heard(host, more)).toBe(host);
  });

  it('is left alone where little is free and little of it moves', () => {
    const host = known();
    const full = heard(host, { facts: { ...facts, freeGiB: 1.2, freeMemoryMiB: 300 } });
    expect(heard(full, { facts: { ...facts, freeGiB: 1, freeMemoryMiB: 500 } })).toBe(full);
    expect(heard(full, { facts: { ...facts, freeGiB: 0.9, freeMemoryMiB: 300 } }).facts?.pool.freeGiB).toBe(0.9);
  });

  it.each<[string, Partial<Report>, Partial<Host>]>([
    [
      'much memory',
      { facts: { ...facts, freeMemoryMiB: 37_000 } },
      { facts: expect.objectContaining({ freeMemoryMiB: 37_000 }) },
    ],
    [
      'much of the pool',
      { facts: { ...facts, freeGiB: 379 } },
      { facts: expect.objectContaining({ pool: expect.objectContaining({ freeGiB: 379 }) }) },
    ],
    ['an image', { facts: { ...facts, images: [] } }, { images: [] }],
    ['a network', { facts: { ...facts, networks: [] } }, { facts: expect.objectContaining({ networks: [] }) }],
    ['the unit’s version', { unitVersion: '2' }, { facts: expect.objectContaining({ unitVersion: '2' }) }],
  ])('is written where the report changes %s', (_, more, want) => {
    expect(heard(known(), more)).toMatchObject(want);
  });

  it('tells exactly what is free once it is written for another reason', () => {
    const moved = { ...facts, freeMemoryMiB: 40_010, images: [] };
    expect(heard(known(), { facts: moved }).facts).toMatchObject({ freeMemoryMiB: 40_010 });
  });

  it('is at work again where the host was silent, with the reason gone', () => {
    const back = heard(known({ state: 'unreachable', reason: 'No beat.', active: false }));
    expect(back).toMatchObject({ state: 'draining', changedAt: AT });
    expect(back).not.toHaveProperty('reason');
  });

  const REASON = 'libvirt on it has not answered since 2026-11-25T09:59:00.000Z: is libvirtd running?';
  it.each<[string, Partial<Host>, string, Partial<Host>]>([
    ['at work', {}, '09:59:00', { state: 'unreachable', reason: REASON, changedAt: AT }],
    ['that is emptied', { state: 'draining', active: false }, '09:59:00', { state: 'unreachable', reason: REASON }],
    ['that was silent', { state: 'unreachable', reason: 'No beat.' }, '09:59:00', { reason: REASON }],
    ['at work, for twenty seconds', {}, '09:59:40', { state: 'unreachable', changedAt: AT }],
  ])('tells that the libvirt of a host %s does not answer it', (_, before, since, want) => {
    const host = known({ changedAt: '2026-11-25T09:00:00.000Z', ...before });
    const after = heard(host, { libvirtAwaySince: `2026-11-25T${since}.000Z`, facts: undefined });
    expect(after).toMatchObject({ state: 'unreachable', active: host.active, ...want });
    expect(heard(after, { libvirtAwaySince: `2026-11-25T${since}.000Z`, facts: undefined })).toBe(after);
    expect(heard(after)).toEqual({ ...host, changedAt: AT, ...(host.active ? { state: 'ready' } : {}), ...NO_REASON });
  });

  it('of a host that was silent is not at work while its libvirt is still to come', () => {
    const host = known({ state: 'unreachable', reason: 'No beat.', changedAt: '2026-11-25T09:00:00.000Z' });
    const after = heard(host, { libvirtAwaySince: AT, facts: undefined });
    expect(after).toMatchObject({ state: 'unreachable', changedAt: host.changedAt });
  });

  it.each<[string, Partial<Host>, string]>([
    ['at work, for less than twenty seconds', {}, '2026-11-25T09:59:40.001Z'],
    ['at work, by a clock that leapt', {}, '2026-11-25T10:59:00.000Z'],
    ['that is being enrolled', { state: 'enrolling', reason: 'It is not checked yet.' }, '2026-11-25T09:00:00.000Z'],
    ['that is retired', { state: 'retired' }, '2026-11-25T09:00:00.000Z'],
  ])('is left alone where the libvirt of a host %s does not answer it', (_, before, libvirtAwaySince) => {
    const host = known(before);
    expect(heard(host, { libvirtAwaySince, facts: undefined })).toBe(host);
  });

  it('loses the beat of an earlier release: the next message about it is about no last one', () => {
    const host = known({ beatSeq: 500, beatAt: AT });
    expect(heard(host)).toMatchObject({ beatSeq: 0 });
    expect(heard(host)).not.toHaveProperty('beatAt');
  });

  it('of a retired host stays as it was left', () => {
    const host = known({ state: 'retired', beatSeq: 500 });
    expect(heard(host, { unitVersion: '2' })).toBe(host);
  });

  it('learns all that a report tells of it', () => {
    const told = {
      freeGiB: 90,
      freeMemoryMiB: 10_000,
      images: ['img-2'],
      sizeGiB: 600,
      networks: ['lan'],
      libvirtVersion: '10.0.0',
      qemuVersion: '8.0.0',
      kernel: '6.9',
    };
    const host = known();
    const { freeGiB, sizeGiB, images, ...rest } = told;
    expect(heard(host, { facts: told, unitVersion: '2' })).toEqual({
      ...host,
      images,
      facts: { ...host.facts, ...rest, unitVersion: '2', pool: { path: '/p', sizeGiB, freeGiB } },
    });
    // What a report leaves out stays as it was.
    expect(heard(host, { facts: { freeGiB, freeMemoryMiB: 10_000, images } })).toEqual({
      ...host,
      images,
      facts: { ...host.facts, freeMemoryMiB: 10_000, pool: { path: '/p', sizeGiB: 500, freeGiB } },
    });
  });

  it('has no facts before its enrolment has found them', () => {
    const { facts: _, ...host } = known();
    expect(heard(host, { facts: { ...facts, images: ['img-2'] } })).toEqual({ ...host, images: ['img-2'] });
    expect(heard(host, { facts: undefined })).toBe(host);
  });

  it('keeps what was free, and its images, where a report tells of the version alone', () => {
    const host = known();
    expect(heard(host, { facts: undefined, unitVersion: '2' })).toEqual({
      ...host,
      facts: { ...host.facts, unitVersion: '2' },
    });
  });

  it('takes in free memory that an earlier release did not know', () => {
    const { facts: all, ...host } = known();
    if (all === undefined) throw new Error('the host of the tests has facts');
    const { freeMemoryMiB: _, ...before } = all;
    expect(heard({ ...host, facts: before }).facts?.freeMemoryMiB).toBe(40_000);
  });

  it.each([
    [40_000, 41_999, false],
    [40_000, 42_000, true],
    [40_000, 38_001, false],
    [40_000, 38_000, true],
    [1000, 1255, false],
    [1000, 1256, true],
  ])('free memory of %d that is %d now is news: %s', (freeMemoryMiB, now, news) => {
    const host = aHost(
      { beatSeq: 0, images: ['img-1'] },
      { freeMemoryMiB, pool: { path: '/p', sizeGiB: 500, freeGiB: 400 } },
    );
    expect(heard(host, { facts: { ...facts, freeMemoryMiB: now } }) !== host).toBe(news);
  });

  it.each([
    [400, 419.9, false],
    [400, 420, true],
    [1, 1.24, false],
    [1, 1.25, true],
    [1, 0.75, true],
  ])('a pool with %d GiB free that has %d now is news: %s', (freeGiB, now, news) => {
    const host = known();
    const before = { ...host, facts: { ...host.facts, pool: { path: '/p', sizeGiB: 500, freeGiB } } } as Host;
    expect(heard(before, { facts: { ...facts, freeGiB: now } }) !== before).toBe(news);
  });

  it('keeps an upgrade that was sent until the unit speaks of its version', () => {
    const upgrade = { version: '2', operationId: 'op-1', attempt: 1, at: AT };
    expect(heard(known({ upgrade }), { facts: { ...facts, images: [] } }).upgrade).toEqual(upgrade);
    expect(heard(known({ upgrade }), { unitVersion: '2' })).not.toHaveProperty('upgrade');
  });

  it('keeps state and reason while it was not silent', () => {
    const host = known({ state: 'draining', reason: 'Asked to.', changedAt: '2026-11-25T09:00:00.000Z' });
    expect(heard(host, { unitVersion: '2' })).toMatchObject({
      state: 'draining',
      reason: 'Asked to.',
      changedAt: '2026-11-25T09:00:00.000Z',
    });
  });
});
