import { describe, expect, it } from 'vitest';
import { type DomainEvent, type InventoryDomain, observedOf, Report, stateAfter } from '../../lambdas/domain/report.ts';

const AT = '2026-11-25T10:00:00.123Z';
const UUID = '2ba9e0b4-5d58-5b9b-8cf0-26e0c5e1a111';

const domain = (changes: Partial<InventoryDomain> = {}): InventoryDomain => ({
  uuid: UUID,
  name: 'web-1-abcdef',
  state: 'running',
  reason: 'booted',
  vcpus: 2,
  memoryMiB: 512,
  vmId: 'vm-0123456789abcdef',
  installation: 'dev',
  operationId: 'op-0123456789abcdefghjkmnpqrs',
  addresses: ['192.168.122.10'],
  disks: [
    { target: 'vda', path: '/pool/disks/a.qcow2', sizeGiB: 2 },
    { target: 'sdb', path: '/dev/gone', sizeGiB: 0 },
  ],
  nics: [{ mac: '52:54:00:01:02:03', network: 'default' }, { mac: '52:54:00:01:02:04' }],
  ...changes,
});

const report = (changes: object = {}) => ({ unitVersion: '1', seq: 1, sentAt: AT, events: [], ...changes });

const where = { installation: 'dev', location: { hostId: 'h-0123456789abcdef', hostName: 'rack-1' } };

describe('a report', () => {
  it('may be a bare beat', () => expect(Report.safeParse(report()).success).toBe(true));

  it('carries events, inventory, facts and late results', () => {
    const full = report({
      facts: { freeGiB: 10.5, freeMemoryMiB: 2048, images: ['img-0123456789abcdef'] },
      events: [{ at: AT, domain: UUID, kind: 'crashed', reason: 'panicked', serialTail: 'Kernel panic' }],
      inventory: [domain()],
      results: [{ op: domain().operationId, attempt: 1, answer: { ok: false, fault: 'DiskFull', detail: '' } }],
    });
    expect(Report.parse(full)).toEqual(full);
  });

  it('takes a UUID of no RFC version: strangers have such', () => {
    const stranger = domain({ uuid: '11111111-2222-3333-4444-555555555555' });
    expect(Report.safeParse(report({ inventory: [stranger] })).success).toBe(true);
  });

  it.each([
    ['no sequence', { seq: 0 }],
    ['a time without milliseconds', { sentAt: '2026-11-25T10:00:00Z' }],
    ['a field of its own', { extra: 1 }],
    ['an unknown event', { events: [{ at: AT, domain: UUID, kind: 'exploded', reason: '' }] }],
    [
      'a tail of a megabyte',
      { events: [{ at: AT, domain: UUID, kind: 'crashed', reason: '', serialTail: 'x'.repeat(1e6) }] },
    ],
    ['an unknown state', { inventory: [{ ...domain(), state: 'nostate' }] }],
    ['an answer that is neither', { results: [{ op: domain().operationId, attempt: 1, answer: { ok: false } }] }],
  ])('is refused with %s', (_, changes) => expect(Report.safeParse(report(changes)).success).toBe(false));
});

describe('a domain of the inventory', () => {
  it('is ours by our mark, with disks of known size and all its NICs', () => {
    expect(observedOf(domain(), where)).toEqual({
      providerId: UUID,
      name: 'web-1-abcdef',
      state: 'running',
      vmId: 'vm-0123456789abcdef',
      operationId: 'op-0123456789abcdefghjkmnpqrs',
      location: where.location,
      vcpus: 2,
      memoryMiB: 512,
      disks: [{ name: 'vda', sizeGiB: 2, boot: true, providerId: '/pool/disks/a.qcow2' }],
      nics: [
        { mac: '52:54:00:01:02:03', network: 'default', addresses: [] },
        { mac: '52:54:00:01:02:04', addresses: [] },
      ],
      addresses: ['192.168.122.10'],
      tags: {},
    });
  });

  it.each([
    ['of another installation', domain({ installation: 'prod' })],
    ['without a mark', { ...domain(), installation: undefined, vmId: undefined, operationId: undefined }],
    ['marked ours, yet of no VM', { ...domain(), vmId: undefined, operationId: undefined }],
  ])('%s is a stranger', (_, stranger) => {
    // An absent field and an undefined one are the same to the reader of JSON.
    const seen = observedOf(JSON.parse(JSON.stringify(stranger)), where);
    expect(seen).not.toHaveProperty('vmId');
    expect(seen).not.toHaveProperty('operationId');
  });
});

it.each<[DomainEvent['kind'], string | undefined, string?]>([
  ['stopped', 'saved', 'saved'],
  ['started', 'running'],
  ['resumed', 'running'],
  ['ready', 'running'],
  ['not-ready', 'running'],
  ['paused', 'suspended'],
  ['shutdown', 'stopping'],
  ['stopped', 'stopped'],
  ['crashed', 'error'],
  ['defined', undefined],
  ['undefined', undefined],
])('event %s proves state %s', (kind, state, reason = 'shutdown') => expect(stateAfter({ kind, reason })).toBe(state));
