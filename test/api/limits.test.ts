import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../lambdas/domain/principal.ts';
import * as api from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** The limits as they are deployed: 50 requests a second of one principal, 100 of one project, counted in ten seconds. */
const PRINCIPAL = 500;
const PROJECT = 1000;
const FREE = 5;
const WINDOW_MS = 10_000;
const AT = Date.parse('2026-11-26T10:00:00.000Z');

let state: StateTable;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: AT });
  vi.stubEnv('PRINCIPAL_RATE_LIMIT', '50');
  vi.stubEnv('PROJECT_RATE_LIMIT', '100');
  state = new StateTable();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A function that has just started: modules of its own, and nothing remembered. */
const newFunction = async (): Promise<typeof api> => {
  vi.resetModules();
  return import('../support/api.ts');
};

const newLimits = async () => {
  vi.resetModules();
  return import('../../lambdas/runtime/limits.ts');
};

const signIn = (digit: string, more = {}) => api.signIn('operator', { id: `tok-${digit.repeat(16)}`, ...more });
const sent = (command: typeof GetCommand | typeof UpdateCommand) => state.mock.commandCalls(command as never).length;
const counts = (statuses: readonly number[]) =>
  Object.fromEntries([...new Set(statuses)].map((each) => [each, statuses.filter((it) => it === each).length]));

describe('a principal that floods', () => {
  it('is refused beyond its limit, while every request of another passes, in its project and elsewhere', async () => {
    const { call } = await newFunction();
    const [flooder, neighbour, tenant] = [await signIn('a'), await signIn('b'), await signIn('c', { project: 'shop' })];
    const statuses: Record<string, number[]> = { flooder: [], neighbour: [], tenant: [] };
    for (let times = 0; times < 2000; times += 1) {
      statuses.flooder?.push((await call('GET /v1/me', { token: flooder })).status);
      if (times % 20 > 0) continue;
      statuses.neighbour?.push((await call('GET /v1/me', { token: neighbour })).status);
      statuses.tenant?.push((await call('GET /v1/me', { token: tenant })).status);
    }
    expect(counts(statuses.neighbour ?? [])).toEqual({ 200: 100 });
    expect(counts(statuses.tenant ?? [])).toEqual({ 200: 100 });
    const { 200: passed = 0, 429: refused = 0 } = counts(statuses.flooder ?? []);
    expect(passed + refused).toBe(2000);
    expect(passed).toBeLessThanOrEqual(PRINCIPAL + FREE);
    expect(passed).toBeGreaterThan(PRINCIPAL - 10);
  });

  it('is told when to come again, passes then, and until then costs no call and no audit row', async () => {
    const { call } = await newFunction();
    const token = await signIn('a');
    vi.setSystemTime(AT + 2500);
    while ((await call('GET /v1/me', { token })).status === 200);
    const before = state.mock.calls().length;
    const got = await call('POST /v1/vms', { token, body: {} });
    expect(got).toMatchObject({
      status: 429,
      body: { code: 'TooManyRequests', detail: 'You ask too much at once. Try again in 8 s.' },
      headers: {
        'retry-after': '8',
        'ratelimit-policy': '"principal";q=500;w=10',
        ratelimit: '"principal";r=0;t=8',
        'content-type': 'application/problem+json',
      },
    });
    expect(state.mock.calls()).toHaveLength(before);
    expect(state.of('audit')).toEqual([]);
    vi.setSystemTime(AT + WINDOW_MS);
    expect(await call('GET /v1/me', { token })).toMatchObject({ status: 200 });
    expect((await call('GET /v1/me', { token })).headers).not.toHaveProperty('ratelimit');
  });

  it('writes no audit row either where it is the first that this function refuses', async () => {
    const token = await signIn('a');
    const first = await newFunction();
    while ((await first.call('GET /v1/me', { token })).status === 200);
    const { call } = await newFunction();
    let refusals = 0;
    while ((await call('POST /v1/vms', { token, body: {} })).status === 400) refusals += 1;
    expect(refusals).toBeGreaterThanOrEqual(FREE);
    // Those of what the body lacks, and not the one for haste.
    const reasons = [...state.rows.values()].flatMap(({ outcome, reason }) => (outcome === 'refused' ? [reason] : []));
    expect(reasons).toHaveLength(refusals);
    expect(String(reasons)).not.toContain('TooManyRequests');
  });

  it('of a project that it has reached is free to ask of another', async () => {
    const { call } = await newFunction();
    const admins = await Promise.all(['a', 'b', 'c'].map((digit) => signIn(digit, { role: 'admin', system: true })));
    const [last = '', ...others] = admins;
    for (const token of others) while ((await call('GET /v1/me', { token })).status === 200);
    const got = await call('GET /v1/me', { token: last });
    const again = [];
    for (let times = 0; times < 20; times += 1) again.push(await call('GET /v1/me', { token: last }));
    expect(got.status).toBe(200);
    const refused = again.find(({ status }) => status === 429);
    expect(refused?.headers['ratelimit-policy']).toBe('"project";q=1000;w=10');
    const elsewhere = await call('GET /v1/me', { token: last, headers: { 'novacron-project': 'nowhere' } });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'ProjectNotFound' } });
  });
});

describe('many functions at once', () => {
  const sender = { address: '192.0.2.7', authorization: 'Bearer x', project: undefined };
  const somebody = (more: Partial<Principal> = {}): Principal => ({
    id: 'token:a',
    name: 'a',
    project: 'shop',
    role: 'operator',
    system: false,
    ...more,
  });

  /** How many of so many requests pass, each at the next function. */
  const flood = async (functions: readonly Awaited<ReturnType<typeof newLimits>>[], times: number, cost = 1) => {
    let passed = 0;
    for (let each = 0; each < times; each += 1) {
      const limits = functions[each % functions.length];
      await limits?.admit(sender, somebody(), cost).then(
        () => (passed += 1),
        () => undefined,
      );
    }
    return passed;
  };

  it('give one principal together what is one principal’s: 50 functions, 5,000 requests a window', async () => {
    const functions = [];
    for (let count = 0; count < 50; count += 1) functions.push(await newLimits());
    // What each has free at its start comes on top once.
    expect(await flood(functions, 5000)).toBeLessThanOrEqual(PRINCIPAL + 50 * FREE);
    for (let window = 1; window < 5; window += 1) {
      vi.setSystemTime(AT + window * WINDOW_MS);
      const passed = await flood(functions, 5000);
      expect(passed).toBeLessThanOrEqual(PRINCIPAL);
      expect(passed).toBeGreaterThan(PRINCIPAL * 0.9);
    }
    const rows = [...state.telemetry.values()];
    expect(rows.map(({ pk }) => pk)).toContain('rate#principal#token:a');
    for (const { pk, taken } of rows)
      expect(taken, String(pk)).toBeLessThanOrEqual(/principal/.test(String(pk)) ? PRINCIPAL : PROJECT);
    for (const { sk, expiresAt } of rows) expect(expiresAt).toBe((Number(sk) + 1) * 10);
  });

  it('give a project what is a project’s, however many tokens it makes', async () => {
    const functions: Awaited<ReturnType<typeof newLimits>>[] = [];
    for (let count = 0; count < 10; count += 1) functions.push(await newLimits());
    const asked = async () => {
      let passed = 0;
      for (let each = 0; each < 5000; each += 1) {
        const by = somebody({ id: `token:${each % 1000}` });
        const one = { ...sender, authorization: `Bearer ${by.id}` };
        await functions[each % 10]?.admit(one, by, 1).then(
          () => (passed += 1),
          () => undefined,
        );
      }
      return passed;
    };
    await asked();
    vi.setSystemTime(AT + WINDOW_MS);
    expect(await asked()).toBeLessThanOrEqual(PROJECT);
  });

  it('let no more than a hundred calls of one principal begin to wait for 20 s in a window', async () => {
    const functions = [];
    for (let count = 0; count < 50; count += 1) functions.push(await newLimits());
    expect(await flood(functions, 1000, 5)).toBe(100);
  });

  it('count none of the beats of a host, and refuse it what is far more, apart from any project', async () => {
    const limits = await newLimits();
    const host = somebody({ id: 'host:h-1', role: 'host', project: 'default' });
    for (let beat = 0; beat < 60; beat += 1) {
      vi.setSystemTime(AT + beat * 10_000);
      await limits.admit(sender, host, 1);
    }
    expect(state.telemetry.size).toBe(0);
    const asked = async () => {
      for (let times = 0; times < 100; times += 1) await limits.admit(sender, host, 1);
    };
    await expect(asked()).rejects.toMatchObject({ name: 'TooManyRequests', limit: { name: 'host', most: 50 } });
    expect([...state.telemetry.values()].map(({ pk }) => pk)).toEqual(['rate#host#host:h-1']);
  });

  it('go on where the table is away, and ask it seldom', async () => {
    const limits = await newLimits();
    state.mock.on(UpdateCommand).rejects(Object.assign(new Error('away'), { name: 'TimeoutError' }));
    for (let times = 0; times < 2000; times += 1) await limits.admit(sender, somebody(), 1);
    // Of a principal and of its project, ten at a time.
    expect(sent(UpdateCommand)).toBeLessThan(450);
  });
});

describe('bad tokens', () => {
  const bad = (count: number) => `nc_${String(count).padStart(43, 'x')}`;

  it('by the thousand from one address are hardly looked up, and leave no audit row', async () => {
    const { call } = await newFunction();
    const statuses = [];
    for (let count = 0; count < 1000; count += 1) {
      statuses.push((await call('POST /v1/vms', { token: bad(count), body: {} })).status);
    }
    expect(counts(statuses)).toEqual({ 401: FREE, 429: 1000 - FREE });
    expect(sent(GetCommand)).toBe(FREE);
    expect([...state.rows.values()]).toEqual([]);
    const got = await call('POST /v1/vms', { token: bad(0), body: {} });
    expect(got).toMatchObject({ headers: { 'retry-after': '1', 'ratelimit-policy': '"address";q=10;w=10' } });
    vi.setSystemTime(AT + 1000);
    expect((await call('GET /v1/me', { token: bad(0) })).status).toBe(401);
  });

  it('keep out nobody elsewhere, nor from the same address who was known before', async () => {
    const { call } = await newFunction();
    const [known, unknown] = [await signIn('a'), await signIn('b')];
    expect((await call('GET /v1/me', { token: known })).status).toBe(200);
    for (let count = 0; count < 100; count += 1) await call('GET /v1/me', { token: bad(count) });
    expect((await call('GET /v1/me', { token: known })).status).toBe(200);
    expect((await call('GET /v1/me', { token: unknown })).status).toBe(429);
    expect((await call('GET /v1/me', { token: unknown, from: '192.0.2.8' })).status).toBe(200);
    expect((await call('GET /v1/health')).status).toBe(200);
  });

  it('of which one was good are no longer known once it is revoked', async () => {
    const { call } = await newFunction();
    const token = await signIn('a');
    await call('GET /v1/me', { token });
    for (const row of state.rows.values()) row.revokedAt = '2026-11-26T10:00:00.000Z';
    const statuses = [];
    for (let times = 0; times < 20; times += 1) statuses.push((await call('GET /v1/me', { token })).status);
    expect(counts(statuses)).toEqual({ 401: FREE, 429: 20 - FREE });
  });
});

it('the command line waits as long as it is told', async () => {
  vi.stubEnv('PRINCIPAL_RATE_LIMIT', '1');
  vi.resetModules();
  const { startGateway } = await import('../support/gateway.ts');
  const { apiClient } = await import('../../cli/api-client.ts');
  const gateway = await startGateway();
  const enough = new AbortController();
  const waits: { reason: string; waitMs: number }[] = [];
  const onRetry = (reason: string, waitMs: number) => {
    waits.push({ reason, waitMs });
    enough.abort();
  };
  const client = apiClient({ url: gateway.url, token: await signIn('a'), signal: enough.signal, onRetry });
  vi.setSystemTime(AT + 3000);
  const asked = async () => {
    for (let times = 0; times < 100; times += 1) await client.call('GET /v1/me');
  };
  await expect(asked()).rejects.toMatchObject({ name: 'AbortError' });
  await gateway.close();
  expect(waits).toEqual([{ reason: 'You ask too much at once. Try again in 7 s.', waitMs: 7000 }]);
});
