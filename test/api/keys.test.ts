import { beforeEach, expect, it } from 'vitest';
import { call, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let admin: string;
beforeEach(async () => {
  state = new StateTable();
  admin = await signIn('admin');
});

const headers = { 'idempotency-key': 'k1' };
const image = { name: 'debian', source: '/srv/debian.qcow2', sha256: 'b'.repeat(64) };

it('a repeated registration gives the same image, another one under its key is refused', async () => {
  const first = await call('POST /v1/images', { token: admin, body: image, headers });
  const again = await call('POST /v1/images', { token: admin, body: image, headers });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body).toEqual(first.body);
  expect(state.of('image')).toHaveLength(1);
  const other = await call('POST /v1/images', { token: admin, body: { ...image, name: 'other' }, headers });
  expect(other).toMatchObject({ status: 422, body: { code: 'KeyReused' } });
});

it('a repeated request for a token leaves one that works: the last', async () => {
  const body = { name: 'ci', role: 'viewer' };
  const first = await call('POST /v1/tokens', { token: admin, body, headers });
  const again = await call('POST /v1/tokens', { token: admin, body, headers });
  expect((await call('GET /v1/me', { token: first.body.token })).status).toBe(401);
  expect((await call('GET /v1/me', { token: again.body.token })).status).toBe(200);
});

it('an image that may not be fetched is refused and not written', async () => {
  const got = await call('POST /v1/images', { token: admin, body: { ...image, source: 'https://169.254.169.254/x' } });
  expect(got).toMatchObject({ status: 422, body: { code: 'ImageUrlRefused', errors: [{ pointer: '/source' }] } });
  expect(state.of('image')).toEqual([]);
});
