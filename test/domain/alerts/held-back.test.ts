import { describe, expect, it } from 'vitest';
import { afterFlush, type Flushed, joined } from '../../../lambdas/domain/alerts/alert-group.ts';
import { alertsOfDigest } from '../../../lambdas/domain/alerts/digest.ts';
import {
  heldFor,
  inDigest,
  isInDigest,
  isWaitingFor,
  notHeld,
  notInDigest,
  toldInDigest,
} from '../../../lambdas/domain/alerts/held-back.ts';
import { newAlert, newAlertGroup } from '../../support/alert-rows.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();
const [WAY, OTHER] = ['team/webhook[0]', 'team/email[1]'];
const DIGEST = { number: 3, at: iso(NOW), firing: ['a'], resolved: ['b'] };
const flushed = (more: Partial<Flushed> = {}): Flushed => ({ at: NOW, over: [], told: {}, failed: {}, ...more });
const group = newAlertGroup();

describe('a group that is held back', () => {
  it('waits since the first time, for each way by itself', () => {
    const held = heldFor(heldFor(group, [WAY], NOW), [WAY, OTHER], NOW + 5_000);
    expect(held.held).toEqual({ [WAY]: { since: iso(NOW) }, [OTHER]: { since: iso(NOW + 5_000) } });
    expect(isWaitingFor(held, WAY)).toBe(true);
    expect(isWaitingFor({ ...held, alerts: [] }, WAY)).toBe(false);
    expect(notHeld(notHeld(held, WAY), OTHER)).toEqual(group);
    expect(heldFor(group, [], NOW)).toBe(group);
  });

  it('waits on where a flush holds it back again, and has what kept it from being told', () => {
    const failing = { [WAY]: { why: 'away', since: iso(NOW - 1) } };
    const held = { ...heldFor(group, [WAY, OTHER], NOW), failing };
    expect(afterFlush(held, flushed({ held: [WAY] }))).toMatchObject({ held: { [WAY]: { since: iso(NOW) } }, failing });
    expect(afterFlush(held, flushed())).not.toHaveProperty('held');
    expect(afterFlush(held, flushed())).not.toHaveProperty('failing');
  });

  it('is a digest’s while that is told, whatever else is told of it, and whatever the routing is', () => {
    const told = inDigest(group, WAY, DIGEST);
    expect(isInDigest(told, WAY, 3)).toBe(true);
    expect(isInDigest(told, WAY, 4)).toBe(false);
    expect(isWaitingFor(told, WAY)).toBe(false);
    expect(afterFlush(told, flushed()).held).toEqual(told.held);
    const grouping = { groupKey: 'k', receiver: 'team', labels: {}, groupWaitMs: 0, groupIntervalMs: 1 };
    const coming = [{ fingerprint: 'x', startsAt: NOW }];
    expect(joined(told, { project: 'default', routing: 9 }, grouping, coming, NOW)?.held).toEqual(told.held);
  });

  it('is remembered as its digest told of it, with the message that shows it', () => {
    const thread = { channel: 'c', ts: '1' };
    const before = { firing: ['a'], resolved: [], at: iso(NOW - 9), thread };
    const failing = { [WAY]: { why: 'away', since: iso(NOW) }, [OTHER]: { why: 'away', since: iso(NOW) } };
    const after = toldInDigest({ ...inDigest(group, WAY, DIGEST), told: { [WAY]: before }, failing }, WAY);
    expect(after.told).toEqual({ [WAY]: { firing: ['a'], resolved: ['b'], at: iso(NOW), isOfDigest: true, thread } });
    expect(after.failing).toEqual({ [OTHER]: failing[OTHER] });
    expect(after).not.toHaveProperty('held');
    const over = { ...before, firing: [] };
    const anew = toldInDigest({ ...inDigest(group, WAY, DIGEST), told: { [WAY]: over } }, WAY);
    expect(anew.told[WAY]).not.toHaveProperty('thread');
    expect(anew).not.toHaveProperty('failing');
    expect(toldInDigest(group, WAY)).toBe(group);
  });

  it('waits for the next where its digest was not taken, failing since the first', () => {
    const told = inDigest(heldFor(group, [WAY], NOW), WAY, DIGEST);
    const failed = notInDigest(told, WAY, 'away', NOW + 1);
    expect(failed).toMatchObject({ held: { [WAY]: { since: iso(NOW) } }, failing: { [WAY]: { since: iso(NOW + 1) } } });
    expect(isWaitingFor(failed, WAY)).toBe(true);
    expect(notInDigest(failed, WAY, 'away still', NOW + 2).failing).toEqual({
      [WAY]: { why: 'away still', since: iso(NOW + 1) },
    });
    expect(notInDigest(group, WAY, undefined, NOW)).toEqual({ ...group, held: { [WAY]: { since: iso(NOW) } } });
  });
});

describe('the alerts of a digest', () => {
  const row = (vm: string, more: object = {}) => newAlert({ labels: { alertname: 'Down', vm, ...more } });
  const saying = (firing: readonly string[], resolved: readonly string[]) => ({
    group,
    digest: { ...DIGEST, firing, resolved },
  });

  it('are each there once, the worst first, then those that fire the longest, and those that are over last', () => {
    const [old, bad, over, young] = [
      { ...row('old'), startsAt: iso(NOW - 60_000) },
      row('bad', { severity: 'critical' }),
      { ...row('over', { severity: 'critical' }), endsAt: iso(NOW - 5) },
      row('young'),
    ];
    const rows = [over, young, old, bad, row('other')];
    const said = [
      saying([young.fingerprint, bad.fingerprint], [over.fingerprint]),
      saying([old.fingerprint, young.fingerprint], []),
    ];
    const names = (sendResolved: boolean) =>
      alertsOfDigest(said, rows, sendResolved, NOW).map(({ labels }) => labels.vm);
    expect(names(true)).toEqual(['bad', 'old', 'young', 'over']);
    expect(names(false)).toEqual(['bad', 'old', 'young']);
  });

  it('are as the digest says, whatever has become of them since', () => {
    const [ended, again] = [{ ...row('a'), endsAt: iso(NOW - 5) }, row('b')];
    const shown = alertsOfDigest([saying([ended.fingerprint], [again.fingerprint])], [ended, again], true, NOW);
    expect(shown.map(({ labels, endsAt }) => [labels.vm, Date.parse(endsAt) > NOW])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });
});
