import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lambdas/api/routes.ts';
import { call, insertHost, newHost, signIn } from '../support/api.ts';
import { issuer } from '../support/issuer.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
  issuer.publish();
});

const me = (token: string) => call('GET /v1/me', { token });

describe('a JWT', () => {
  it.each([
    ['Cognito groups', { 'cognito:groups': ['novacron-admin', 'x'] }, 'admin'],
    ["groups as API Gateway's string", { 'cognito:groups': '[novacron-viewer novacron-operator]' }, 'operator'],
    ['groups of another issuer', { 'cognito:groups': undefined, groups: ['novacron-viewer'] }, 'viewer'],
    ['an access token, whose audience is its client', { aud: undefined, client_id: 'novacron' }, 'operator'],
    ['one of several audiences', { aud: ['else', 'novacron'] }, 'operator'],
  ])('is known by %s', async (_, more, role) => {
    expect(await me(issuer.good(more))).toMatchObject({ status: 200, body: { role, name: 'ann@example.org' } });
  });

  it.each([
    ['expired', () => issuer.good({ exp: issuer.nowSeconds() - 1 })],
    ['without an end', () => issuer.good({ exp: undefined })],
    ['not yet valid', () => issuer.good({ nbf: issuer.nowSeconds() + 60 })],
    ['of another issuer', () => issuer.good({ iss: 'https://evil.test' })],
    ['of no issuer', () => issuer.good({ iss: undefined })],
    ['for another audience', () => issuer.good({ aud: 'else' })],
    ['for no audience', () => issuer.good({ aud: undefined })],
    ['without a subject', () => issuer.good({ sub: undefined })],
    ['unsigned (alg none)', issuer.unsigned],
    ['signed by another key', issuer.otherKey],
    ['signed by HMAC with the public key', issuer.confused],
    ['altered after signing', issuer.altered],
    ['naming another algorithm than its key', () => issuer.headed({ alg: 'RS512' })],
    ['of an algorithm nobody knows', () => issuer.headed({ alg: 'XX' })],
    ['without kid', () => issuer.headed({ kid: undefined })],
    ['cut', () => issuer.good().split('.').slice(0, 2).join('.')],
    ['no JWT at all', () => 'x'],
  ])('%s is refused', async (_, token) => {
    const got = await me(token());
    expect(got).toMatchObject({ status: 401, body: { code: 'Unauthenticated' } });
    expect(got.headers['www-authenticate']).toContain('Bearer');
  });

  it('without a group of ours is somebody, but may nothing', async () => {
    expect(await me(issuer.good({ 'cognito:groups': ['staff'] }))).toMatchObject({
      status: 403,
      body: { code: 'Forbidden' },
    });
  });
});

describe('a token of ours', () => {
  it.each([
    ['expired', { expiresAt: '2020-01-01T00:00:00.000Z' }],
    ['revoked', { revokedAt: '2026-01-01T00:00:00.000Z' }],
  ])('%s is refused', async (_, more) => {
    expect(await me(await signIn('admin', more))).toMatchObject({ status: 401 });
  });

  it.each(['nc_', `nc_${'a'.repeat(43)}`, 'nc_../../x'])('%s is nobody', async (token) => {
    expect(await me(token)).toMatchObject({ status: 401 });
  });

  it.each([undefined, 'Basic YTpi', 'Bearer', 'Bearer a b'])('Authorization %s is refused', async (authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    expect(await call('GET /v1/me', { headers })).toMatchObject({ status: 401 });
  });

  it('is made, listed without its text, used, revoked, and refused from then on', async () => {
    const admin = await signIn('admin');
    const made = await call('POST /v1/tokens', { token: admin, body: { name: 'ci', role: 'operator' } });
    expect(made).toMatchObject({ status: 201, body: { role: 'operator', name: 'ci' } });
    const text = made.body.token;
    expect([...state.rows.values()].some((row) => JSON.stringify(row).includes(text))).toBe(false);
    expect((await call('GET /v1/tokens?name=ci', { token: admin })).body.items).toHaveLength(1);
    expect(await me(text)).toMatchObject({ status: 200, body: { role: 'operator' } });
    expect((await call(`DELETE /v1/tokens/${made.body.id}`, { token: admin })).status).toBe(204);
    expect((await me(text)).status).toBe(401);
  });
});

describe('every route', () => {
  const filled = (path: string) =>
    path.replace(
      '{id}',
      path.includes('/operations/')
        ? `op-${'0'.repeat(26)}`
        : path.includes('/hosts/')
          ? `h-${'0'.repeat(16)}`
          : path.includes('/tokens/')
            ? `tok-${'0'.repeat(16)}`
            : path.includes('/images/')
              ? `img-${'0'.repeat(16)}`
              : `vm-${'0'.repeat(16)}`,
    );
  const closed = ROUTES.filter(({ access }) => access !== 'open');

  it('but health, openapi.json and the links of messages needs somebody', () => {
    expect(ROUTES.filter(({ access }) => access === 'open').map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/v1/health', '/v1/openapi.json', '/v1/answers']),
    );
    expect(ROUTES.length - closed.length).toBe(5);
  });

  it.each(closed.map((route) => [`${route.method} ${filled(route.path)}`]))('%s refuses nobody', async (line) => {
    expect((await call(line)).status).toBe(401);
  });

  it.each(
    closed
      .filter(({ access }) => access === 'operator' || access === 'admin')
      .map((route) => [`${route.method} ${filled(route.path)}`]),
  )('%s refuses a viewer, and tells the auditor', async (line) => {
    const got = await call(line, { token: await signIn('viewer'), ...(line.startsWith('GET') ? {} : { body: {} }) });
    expect(got).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(state.of('audit')).toHaveLength(line.startsWith('GET') ? 0 : 1);
  });

  it('is closed to hosts, but for their own report', async () => {
    await insertHost(newHost());
    const token = await signIn('host', { hostId: 'h-0000000000000009' });
    expect((await call('GET /v1/vms', { token })).status).toBe(403);
    const report = { unitVersion: '1', seq: 1, sentAt: '2026-11-25T10:00:00.000Z', events: [] };
    expect((await call('POST /v1/hosts/h-0000000000000001/report', { token, body: report })).status).toBe(403);
  });
});

describe('an AWS identity', () => {
  it('without a role here gets no token', async () => {
    const got = await call('POST /v1/token', { iam: 'arn:aws:sts::123456789012:assumed-role/ci/session', body: {} });
    expect(got).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(got.body.detail).toContain('arn:aws:iam::123456789012:role/ci');
  });

  it('with one gets at most that', async () => {
    const iam = 'arn:aws:sts::123456789012:assumed-role/deploy/session';
    expect(await call('POST /v1/token', { iam, body: {} })).toMatchObject({ status: 201, body: { role: 'operator' } });
    expect((await call('POST /v1/token', { iam, body: { role: 'admin' } })).status).toBe(403);
  });
});
