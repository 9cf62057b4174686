import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../lambdas/domain/audit-entry.ts';
import { type ChainedEntry, Head, hashOf, keyIdOf, signed } from '../../lambdas/domain/chain.ts';
import * as chain from '../../lambdas/store/chain.ts';
import * as heads from '../../lambdas/store/heads.ts';
import { AT, call } from '../support/api.ts';
import { Bucket } from '../support/bucket.ts';
import { StateTable } from '../support/state-table.ts';
import { settleTenants, tokenOf } from '../support/tenants.ts';

const entry = (number: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `aud-${number}`,
  at: new Date(Date.parse(AT) + number * 60_000).toISOString(),
  project: 'shop',
  action: number % 2 === 0 ? 'stop-vm' : 'start-vm',
  by: 'token:tok-1',
  subject: `vm-${number}`,
  outcome: 'accepted',
  after: { number },
  version: 1,
  ...more,
});

let table: StateTable;
let bucket: Bucket;
let shop: string;
beforeEach(async () => {
  table = new StateTable();
  bucket = new Bucket();
  await settleTenants();
  shop = await tokenOf('shop', 'admin');
  await chain.append([1, 2, 3, 4, 5].map((number) => entry(number)));
  await chain.append([entry(6, { project: 'bank' })]);
});

/** What a list answers, as it is. */
const items = async (query: string, token = shop): Promise<readonly ChainedEntry[]> => {
  const { status, body } = await call(`GET /v1/audit${query}`, { token });
  expect(status).toBe(200);
  // The shape of this list, as its route declares it.
  return body.items as unknown as readonly ChainedEntry[];
};
const ids = async (query: string) => (await items(query)).map(({ id }) => Number(id.slice(4)));

describe('GET /v1/audit', () => {
  it('gives the entries of the own project whole, so that their hashes can be checked, newest first', async () => {
    const entries = await items('');
    expect(entries.map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
    expect(entries.map(hashOf)).toEqual(entries.map(({ hash }) => hash));
    expect((await items('', await tokenOf('bank', 'admin'))).map(({ id }) => id)).toEqual(['aud-6']);
  });

  it.each([
    ['?order=oldest', [1, 2, 3, 4, 5]],
    ['?action=start-vm', [5, 3, 1]],
    ['?subject=vm-2&outcome=accepted', [2]],
    ['?by!=token:tok-1', []],
    ['?since=2026-11-25T10:02:00Z&until=2026-11-25T12:04:00%2B02:00', [3, 2]],
  ])('%s', async (query, found) => expect(await ids(query)).toEqual(found));

  it('gives each entry once over its pages, in both orders', async () => {
    for (const order of ['newest', 'oldest']) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const more = cursor === undefined ? '' : `&cursor=${cursor}`;
        const { body } = await call(`GET /v1/audit?limit=2&order=${order}${more}`, { token: shop });
        seen.push(...body.items.map(({ id }) => id));
        cursor = body.cursor;
      } while (cursor !== undefined);
      expect(seen.toSorted()).toEqual([1, 2, 3, 4, 5].map((number) => `aud-${number}`));
    }
  });

  it('goes on by where an entry lies, not by what it says of itself', async () => {
    const [, row] = [...table.audit].find(([key]) => key.startsWith('chain#shop') && key.endsWith('4')) ?? [];
    Object.assign(row ?? {}, { seq: 1 });
    const first = await call('GET /v1/audit?limit=2&order=newest', { token: shop });
    const second = await call(`GET /v1/audit?limit=9&cursor=${first.body.cursor}`, { token: shop });
    expect(second.body.items.map(({ id }) => id)).toEqual(['aud-3', 'aud-2', 'aud-1']);
  });

  it.each(['?since=yesterday', '?order=best', '?colour=red'])('refuses %s', async (query) => {
    expect((await call(`GET /v1/audit${query}`, { token: shop })).status).toBe(400);
  });
});

describe('signed heads and their key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const keyId = keyIdOf(pem);
  const head = (seq: number, project = 'shop') =>
    signed({ project, seq, hash: 'a'.repeat(64), at: AT, keyId }, privateKey);

  it('are given newest first, page by page, of the own project', async () => {
    for (const each of [head(3), head(1), head(120), head(7, 'bank')]) await heads.put(each);
    const first = await call('GET /v1/audit/heads?limit=2', { token: shop });
    const second = await call(`GET /v1/audit/heads?limit=2&cursor=${first.body.cursor}`, { token: shop });
    const seen = [...first.body.items, ...second.body.items];
    expect(seen).toEqual([head(120), head(3), head(1)].map((each) => Head.parse(each)));
    expect(second.body.cursor).toBeUndefined();
  });

  it('refuse a cursor of another list', async () => {
    for (const each of [head(3), head(1)]) await heads.put(each);
    const { body } = await call('GET /v1/audit/heads?limit=1', { token: shop });
    const bank = await tokenOf('bank', 'admin');
    expect((await call(`GET /v1/audit/heads?cursor=${body.cursor}`, { token: bank })).body.code).toBe('InvalidCursor');
  });

  it('are checked by a key that everybody may read who has a role', async () => {
    expect((await call('GET /v1/audit/key', { token: shop })).body.items).toEqual([]);
    const key = { keyId, algorithm: 'Ed25519' as const, publicKey: pem };
    await heads.putKey(key);
    await heads.putKey(key);
    expect(bucket.versions).toHaveLength(1);
    const viewer = await tokenOf('shop', 'viewer');
    expect((await call('GET /v1/audit/key', { token: viewer })).body.items).toEqual([key]);
  });
});
