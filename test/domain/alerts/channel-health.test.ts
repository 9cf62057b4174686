import { describe, expect, it } from 'vitest';
import { afterFlush, type Failed } from '../../../lambdas/domain/alerts/alert-group.ts';
import { channelHealth, wayKey } from '../../../lambdas/domain/alerts/channel-health.ts';
import { newAlertGroup } from '../../support/alert-rows.ts';

const NOW = Date.parse('2026-11-25T10:00:00.000Z');
const iso = (at: number) => new Date(at).toISOString();
const webhook = { kind: 'webhook', sendResolved: true, url: 'https://hooks.example.org/x', maxAlerts: 0 } as const;
const config = {
  receivers: [{ name: 'team', integrations: [webhook, { kind: 'topic', sendResolved: true } as const] }],
};
const [first, second] = [wayKey('team', 'webhook', 0), wayKey('team', 'topic', 1)];
const told = (at: number) => ({ firing: [], resolved: [], at: iso(at) });

describe('how it goes with the ways of a receiver', () => {
  it('is what its groups remember: the last word that was taken, and the first in a row that was not', () => {
    const groups = [
      {
        told: { [first]: { ...told(NOW), textsWrong: 'is wrong' }, [second]: told(NOW - 5) },
        failing: { [second]: { why: 'late', since: iso(NOW - 10) } },
      },
      {
        told: { [first]: { ...told(NOW - 9), textsWrong: 'was wrong' } },
        failing: { [second]: { why: 'later', since: iso(NOW - 4) } },
      },
      { told: {} },
    ];
    const nowhere = { receiver: 'pager', place: 'pagerduty_configs[0]', why: 'no way' };
    expect(channelHealth(config, [nowhere], groups)).toEqual([
      { receiver: 'team', way: 'webhook[0]', lastToldAt: iso(NOW), textsWrong: 'is wrong' },
      {
        receiver: 'team',
        way: 'topic[1]',
        lastToldAt: iso(NOW - 5),
        failing: { groups: 2, since: iso(NOW - 10), why: 'later' },
      },
      { receiver: 'pager', way: 'pagerduty_configs[0]', nowhere: 'no way' },
    ]);
    expect(channelHealth(config, [], [])).toEqual([
      { receiver: 'team', way: 'webhook[0]' },
      { receiver: 'team', way: 'topic[1]' },
    ]);
  });

  it('is, of a channel of the installation, also what goes on behind its queue', () => {
    const states = new Map([['topic', { failing: { since: iso(NOW), why: 'away' } }] as const]);
    expect(channelHealth(config, [], [], states)).toEqual([
      { receiver: 'team', way: 'webhook[0]' },
      { receiver: 'team', way: 'topic[1]', queue: { failing: { since: iso(NOW), why: 'away' } } },
    ]);
  });

  it('is remembered from the first word in a row that was not taken, until one is, or there is none to take', () => {
    const flush = (group: ReturnType<typeof newAlertGroup>, at: number, failed: Readonly<Record<string, Failed>>) =>
      afterFlush(group, { at, over: [], told: {}, failed });
    const once = flush(newAlertGroup(), NOW, { [first]: { why: 'away' } });
    const twice = flush(once, NOW + 30_000, { [first]: { why: 'away still' }, [second]: { why: 'away' } });
    expect(twice.failing).toEqual({
      [first]: { why: 'away still', since: iso(NOW) },
      [second]: { why: 'away', since: iso(NOW + 30_000) },
    });
    expect(flush(twice, NOW + 60_000, {})).not.toHaveProperty('failing');
  });
});
