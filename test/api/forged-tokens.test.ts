import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as tokens from '../../lambdas/store/tokens.ts';
import { call, insertHost, newHost, signIn } from '../support/api.ts';
import { FORGED } from '../support/forged.ts';
import { issuer, workshop } from '../support/issuer.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
const fetched = vi.fn(async () => new Response('', { status: 404 }));
beforeEach(() => {
  state = new StateTable();
  issuer.publish();
  fetched.mockClear();
  vi.stubGlobal('fetch', fetched);
});

const me = (authorization: string) => call('GET /v1/me', { headers: { authorization } });

describe('a forged JWT', () => {
  it('comes in forty kinds at least, no two alike', () => {
    const texts = Object.values(FORGED).map((forge) => forge());
    expect(new Set(texts).size).toBe(Object.keys(FORGED).length);
    expect(texts.length).toBeGreaterThanOrEqual(40);
  });

  it('is unlike what the same workshop makes honestly', async () => {
    const honest = workshop.signed({ alg: 'RS256', kid: 'k1' }, workshop.claims());
    expect((await me(`Bearer ${honest}`)).status).toBe(200);
  });

  it.each(Object.entries(FORGED))('with %s opens nothing', async (_, forge) => {
    const got = await me(`Bearer ${forge()}`);
    expect([401, 502, 503], JSON.stringify(got.body)).toContain(got.status);
    expect(got.body).not.toHaveProperty('role');
    expect(['Unauthenticated', 'ProviderUnreachable']).toContain(got.body.code);
    // Keys come from the configured issuer only, never from where a token points.
    for (const [url] of fetched.mock.calls as unknown[][]) expect(String(url)).toMatch(/^https:\/\/issuer\.test\//);
    expect(state.rows.size).toBe(0);
  });
});

describe('an honest JWT', () => {
  it.each([
    ['in no group of ours', { 'cognito:groups': ['staff'] }],
    [
      'with a role in a claim of another name',
      { 'cognito:groups': undefined, role: 'admin', roles: ['novacron-admin'] },
    ],
    ['with its group in the scope', { 'cognito:groups': undefined, scope: 'novacron-admin' }],
    ['with a group that begins alike', { 'cognito:groups': ['novacron-administrators', 'xnovacron-admin'] }],
    ['with its groups in an object', { 'cognito:groups': undefined, groups: 'not-novacron-admin' }],
    ['with a group in capitals', { 'cognito:groups': ['NOVACRON-ADMIN'] }],
    ['that calls itself a host', { 'cognito:groups': ['novacron-host', 'host'], hostId: 'h-0000000000000001' }],
  ])('%s may nothing', async (_, more) => {
    expect(await me(`Bearer ${issuer.good(more)}`)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });

  it('does not speak for a host', async () => {
    await insertHost(newHost());
    const token = issuer.good({ 'cognito:groups': ['novacron-admin'] });
    expect((await call('POST /v1/hosts/h-0000000000000001/report', { token, body: {} })).status).toBe(403);
  });
});

describe('a good token in the wrong place', () => {
  const none: Record<string, string> = {};
  const places: [string, string, { headers?: Record<string, string>; body?: unknown }][] = [
    ['the query', 'GET /v1/vms?access_token=TOKEN', { headers: none }],
    ['a query that lists know', 'GET /v1/me?token=TOKEN', { headers: none }],
    ['the body', 'POST /v1/vms', { body: { access_token: 'TOKEN', token: 'TOKEN' } }],
    ['a cookie', 'GET /v1/me', { headers: { cookie: 'token=TOKEN; Authorization=Bearer TOKEN' } }],
    [
      'another header',
      'GET /v1/me',
      { headers: { 'x-api-key': 'TOKEN', 'x-forwarded-authorization': 'Bearer TOKEN' } },
    ],
    ['a proxy’s header', 'GET /v1/me', { headers: { 'proxy-authorization': 'Bearer TOKEN' } }],
    ['a basic password', 'GET /v1/me', { headers: { authorization: 'Basic eDpUT0tFTg==' } }],
    ['no scheme', 'GET /v1/me', { headers: { authorization: 'TOKEN' } }],
    ['another scheme', 'GET /v1/me', { headers: { authorization: 'Token TOKEN' } }],
    ['two schemes', 'GET /v1/me', { headers: { authorization: 'Bearer Bearer TOKEN' } }],
    ['a second header, joined to a first', 'GET /v1/me', { headers: { authorization: 'Bearer x, Bearer TOKEN' } }],
    ['a first header, joined to a second', 'GET /v1/me', { headers: { authorization: 'Bearer TOKEN, Bearer TOKEN' } }],
    ['two blanks', 'GET /v1/me', { headers: { authorization: 'Bearer  TOKEN' } }],
    ['a tab', 'GET /v1/me', { headers: { authorization: 'Bearer\tTOKEN' } }],
    ['a line more', 'GET /v1/me', { headers: { authorization: 'Bearer TOKEN\r\nx: y' } }],
  ];

  it.each(places)('%s is no sign-in', async (_, line, sent) => {
    const token = await signIn('admin');
    const filled = JSON.parse(JSON.stringify(sent).replaceAll('TOKEN', token));
    expect(await call(line.replace('TOKEN', token), filled)).toMatchObject({ status: 401 });
  });

  it.each(['Bearer', 'bearer', 'BEARER'])(
    'under the scheme %s it is one, whatever its case (RFC 9110)',
    async (scheme) => {
      expect((await me(`${scheme} ${await signIn('viewer')}`)).status).toBe(200);
    },
  );
});

describe('a token of ours', () => {
  const flipped = (text: string) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;

  it.each<[string, (text: string) => string]>([
    ['one character off', flipped],
    ['cut', (text) => text.slice(0, -1)],
    ['with one more', (text) => `${text}A`],
    ['in lower case', (text) => `nc_${text.slice(3).toLowerCase()}!`],
    ['its hash', (text) => tokens.hashOf(text)],
    ['its hash in our dress', (text) => `nc_${tokens.hashOf(text).slice(0, 43)}`],
    ['its id', () => 'tok-0000000000003333'],
    ['its key in the table', (text) => `nc_#${text}`],
    ['padded', (text) => `${text}=`],
    ['NC_', (text) => `NC_${text.slice(3)}`],
  ])('%s is nobody', async (_, forge) => {
    expect((await me(`Bearer ${forge(await signIn('admin'))}`)).status).toBe(401);
  });

  it('is looked up by its hash, so that no comparison of secrets tells by its time', async () => {
    const text = await signIn('admin');
    await me(`Bearer ${text}`);
    const [{ args } = { args: [] }] = state.mock.calls().slice(-1);
    expect(JSON.stringify(args)).toContain(tokens.hashOf(text));
    expect(JSON.stringify(args)).not.toContain(text);
  });

  it.each(['GET /v1/me', 'GET /v1/vms', 'POST /v1/vms', 'GET /v1/tokens', 'POST /v1/hosts/enrol', 'GET /v1/hosts'])(
    'of a host does not open %s',
    async (line) => {
      await insertHost(newHost());
      const token = await signIn('host', { hostId: 'h-0000000000000001' });
      expect((await call(line, { token, ...(line.startsWith('POST') ? { body: {} } : {}) })).status).toBe(403);
    },
  );

  it.each(['POST /v1/hosts/h-0000000000000001/report', 'GET /v1/hosts/h-0000000000000001/install-script'])(
    'of another host, or of no host, does not open %s',
    async (line) => {
      await insertHost(newHost());
      const body = line.startsWith('POST')
        ? { body: { unitVersion: '1', seq: 1, sentAt: '2026-11-25T10:00:00.000Z', events: [] } }
        : {};
      for (const more of [{ hostId: 'h-0000000000000002' }, {}, { hostId: 'h-000000000000000' }]) {
        const token = await signIn('host', more);
        expect((await call(line, { token, ...body })).status, JSON.stringify(more)).toBe(403);
        state = new StateTable();
        await insertHost(newHost());
      }
    },
  );
});
