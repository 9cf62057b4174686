import { describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import { upgradable, upgradeDue } from '../../lambdas/domain/unit-upgrade.ts';
import { aHost } from '../support/kvm.ts';

const AT = '2026-11-25T12:00:00.000Z';
const ago = (minutes: number): string => new Date(Date.parse(AT) - minutes * 60_000).toISOString();
const old = (more: Partial<Host> = {}) => aHost(more, { unitVersion: '1-old' });
const sent = (minutes: number, attempt = 1, version = '1-new') => ({
  version,
  operationId: `op-${'0'.repeat(26)}`,
  attempt,
  at: ago(minutes),
});
const due = (host: Host) => upgradeDue(host, '1-new', AT);

describe('an upgrade of a host', () => {
  it.each<[string, Host, number | undefined]>([
    ['with another version', old(), 1],
    ['that drains', old({ state: 'draining' }), 1],
    ['with this version', aHost({}, { unitVersion: '1-new' }), undefined],
    ['that is silent', old({ state: 'unreachable' }), undefined],
    ['that enrols', old({ state: 'enrolling' }), undefined],
    ['that is retired', old({ state: 'retired' }), undefined],
    ['that was sent it just now', old({ upgrade: sent(9) }), undefined],
    ['that did not come to it', old({ upgrade: sent(10) }), 2],
    ['that did not come to it twice', old({ upgrade: sent(19, 2) }), undefined],
    ['that did not come to it twice, for longer', old({ upgrade: sent(20, 2) }), 3],
    ['that never comes to it, within a day', old({ upgrade: sent(1439, 40) }), undefined],
    ['that never comes to it, after a day', old({ upgrade: sent(1440, 40) }), 41],
    ['that was sent another version just now', old({ upgrade: sent(1, 5, '1-else') }), 1],
  ])('%s', (_, host, attempt) => expect(due(host)?.attempt).toBe(attempt));

  it('keeps its fence over attempts, and has a new one where the version comes back', () => {
    const first = due(old());
    const again = upgradeDue(old({ upgrade: { ...sent(10), operationId: first?.operationId ?? '' } }), '1-new', AT);
    expect(again?.operationId).toBe(first?.operationId);
    expect(upgradeDue(old(), '1-new', ago(-1))?.operationId).not.toBe(first?.operationId);
  });
});

describe('of several hosts', () => {
  const [a, b] = [old({ id: 'h-0000000000000001' }), old({ id: 'h-0000000000000002' })];
  const proven = aHost({ id: 'h-0000000000000003' }, { unitVersion: '1-new' });
  const ids = (hosts: readonly Host[]) => upgradable(hosts, '1-new', AT).map(({ id }) => id);

  it('one alone gets a version that nobody has reported yet', () => expect(ids([a, b])).toEqual([a.id]));
  it('the others wait while it is under way', () => expect(ids([{ ...a, upgrade: sent(1) }, b])).toEqual([]));
  it('another is next where the command was lost', () => expect(ids([{ ...a, upgrade: sent(10) }, b])).toEqual([b.id]));
  it('none is next where the unit fell silent with it', () =>
    expect(ids([{ ...a, upgrade: sent(600), state: 'unreachable' }, b])).toEqual([]));
  it('all of them get what one has reported', () => expect(ids([a, b, proven])).toEqual([a.id, b.id]));
});
