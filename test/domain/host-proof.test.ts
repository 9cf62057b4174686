import { describe, expect, it } from 'vitest';
import { asEnrolling } from '../../lambdas/domain/host-life.ts';
import { doubtOf, HostClaim } from '../../lambdas/domain/host-proof.ts';
import { hostAfterReport } from '../../lambdas/domain/host-report.ts';
import { newHost, newVm } from '../support/api.ts';
import { chainOf } from '../support/chain-of-host.ts';

const links = chainOf('a secret');
const [last = '', before = '', earlier = ''] = links.toReversed();
const VM = newVm().id;
const silent = newHost({ state: 'unreachable' });
const known = { ...silent, identity: last };
const proof = (claim: object) => ({ ...HostClaim.parse(claim), nodeId: 'mi-9' });

describe('a machine is the host', () => {
  it('by the link before the one that is known', () => {
    expect(doubtOf(known, proof({ link: before }), [])).toBeUndefined();
    expect(doubtOf({ ...known, identity: before }, proof({ link: earlier }), [])).toBeUndefined();
  });

  it('by one of its VMs, where no link is known and it was prepared as that host', () => {
    expect(doubtOf(silent, proof({ preparedAs: silent.id, vmIds: ['vm-0000000000000009', VM] }), [VM])).toBeUndefined();
  });
});

describe('a machine is another', () => {
  it.each([
    ['the known link itself, which is no secret', { link: last }],
    ['a link that was named before', { link: links.at(0) }],
    ['no link', {}],
    ['the VMs, where a link is known', { preparedAs: silent.id, vmIds: [VM] }],
  ])('by %s', (_, claim) => {
    expect(doubtOf(known, proof(claim), [VM])).toContain('does not hold the key of host-1');
  });

  it.each([
    ['it was prepared as none', {}, 'was never prepared as host-1'],
    ['it was prepared as another', { preparedAs: 'h-0000000000000002', vmIds: [VM] }, 'was never prepared as host-1'],
    ['it has none of the VMs', { preparedAs: silent.id, vmIds: ['vm-0000000000000009'] }, "no domain of host-1's VMs"],
  ])('where no link is known and %s', (_, claim, said) => {
    expect(doubtOf(silent, proof(claim), [VM])).toContain(said);
  });

  it.each(['ready', 'draining', 'enrolling', 'retired'] as const)('whatever it says, while the host is %s', (state) => {
    expect(doubtOf({ ...known, state }, proof({ link: before }), [])).toContain('reports by the unit it had');
  });
});

describe('the link of a host', () => {
  const facts = { freeGiB: 400, freeMemoryMiB: 1000, images: [], identity: last };
  const report = { unitVersion: '1', seq: 1, sentAt: silent.createdAt, events: [], facts };

  it('is learnt from its unit where there is none, and is never put back', () => {
    expect(hostAfterReport(newHost(), report, silent.createdAt).identity).toBe(last);
    expect(hostAfterReport(newHost({ identity: before }), report, silent.createdAt).identity).toBe(before);
  });

  it('is forgotten with the host, and kept while it is enrolled once more', () => {
    const enrolled = (state: 'retired' | 'enrolling') => asEnrolling({ ...known, state }, silent.createdAt);
    expect(enrolled('retired')).not.toHaveProperty('identity');
    expect(enrolled('enrolling').identity).toBe(last);
  });
});
