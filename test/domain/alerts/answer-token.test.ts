import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Answerable,
  answerableBy,
  answerableOf,
  answerToken,
  isTheOne,
} from '../../../lambdas/domain/alerts/answer-token.ts';

const KEY = 'k'.repeat(43);
const NOW = Date.parse('2026-11-27T10:00:00.000Z');
const GROUP = { id: `agr-${'0'.repeat(32)}`, project: 'default' };
const one: Answerable = {
  project: 'default',
  group: GROUP.id,
  channel: 'ops/slack[0]',
  alerts: [{ fingerprint: '00ff00ff00ff00ff', startsAt: NOW }],
  more: 0,
  expiresAt: NOW + 86_400_000,
};
const rows = (count: number, more = {}) =>
  Array.from({ length: count }, (_, index) => ({
    fingerprint: index.toString(16).padStart(16, '0'),
    startsAt: '2026-11-27T09:00:00.000Z',
    endsAt: '2026-11-27T11:00:00.000Z',
    ...more,
  }));

describe('a token by which alerts are answered', () => {
  it('is signed by HMAC-SHA-256 over all that it says', () => {
    const token = answerToken(one, KEY);
    expect(token).toBe(
      `default.${GROUP.id}.b3BzL3NsYWNrWzBd.0.tp7ig0.AP8A_wD_AP8BohxykQA.${createHmac('sha256', KEY)
        .update(token.slice(0, token.lastIndexOf('.')))
        .digest('base64url')}`,
    );
  });

  it('says what was put into it', () => {
    const times = fc.integer({ min: -(2 ** 45), max: 2 ** 46 });
    const alerts = fc.array(fc.record({ fingerprint: fc.stringMatching(/^[0-9a-f]{16}$/), startsAt: times }), {
      minLength: 1,
      maxLength: 80,
    });
    const channel = fc.string({ maxLength: 20 }).filter((text) => text.isWellFormed() && !text.includes('\uFFFD'));
    fc.assert(
      fc.property(alerts, channel, fc.nat(), (named, to, more) => {
        const said = { ...one, alerts: named, channel: to, more };
        expect(answerableBy(answerToken(said, KEY), KEY)).toEqual(said);
      }),
    );
  });

  it('is one of ours as it is, and with no other character in any place', () => {
    const token = answerToken(one, KEY);
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.= '), (at, other) => {
        fc.pre(token[at] !== other);
        expect(answerableBy(`${token.slice(0, at)}${other}${token.slice(at + 1)}`, KEY)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
    for (let end = 0; end < token.length; end += 1) expect(answerableBy(token.slice(0, end), KEY)).toBeUndefined();
    expect(answerableBy(`${token}A`, KEY)).toBeUndefined();
    expect(answerableBy(token, 'another key')).toBeUndefined();
  });

  it('is read from no other text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 5_000 }), (text) => answerableBy(text, KEY) === undefined));
    expect(answerableBy(`${'a.'.repeat(2_000)}`, KEY)).toBeUndefined();
  });

  it('names what fires, as many as fit a URL, and how many more there are', () => {
    expect(answerableOf(GROUP, 'x', rows(3, { endsAt: '2026-11-27T10:00:00.000Z' }), NOW)).toBeUndefined();
    const many = answerableOf(
      { ...GROUP, project: 'p'.repeat(63) },
      'receiver of ünïcode '.repeat(100),
      [...rows(500), ...rows(1, { endsAt: '2026-11-27T09:30:00.000Z' })],
      NOW,
    );
    expect(many).toMatchObject({ more: 420, expiresAt: NOW + 86_400_000 });
    const token = answerToken(many as Answerable, KEY);
    expect(token.length).toBeLessThan(2_000);
    const said = answerableBy(token, KEY);
    expect(said?.alerts).toHaveLength(80);
    expect(many?.channel.startsWith(said?.channel ?? '-')).toBe(true);
  });

  it('takes a beginning that no clock will show for the latest that there is', () => {
    const said = answerableOf(
      GROUP,
      'x',
      rows(1, { startsAt: '9999-12-31T23:59:59.999Z', endsAt: '9999-12-31T23:59:59.999Z' }),
      NOW,
    );
    expect(answerableBy(answerToken(said as Answerable, KEY), KEY)?.alerts[0]?.startsAt).toBe(2 ** 47 - 1);
  });

  it('means an alert until it begins anew', () => {
    const named = { fingerprint: '', startsAt: NOW };
    expect(isTheOne({ startsAt: new Date(NOW).toISOString() }, named)).toBe(true);
    expect(isTheOne({ startsAt: new Date(NOW - 1).toISOString() }, named)).toBe(true);
    expect(isTheOne({ startsAt: new Date(NOW + 1).toISOString() }, named)).toBe(false);
  });
});
