import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as webhook from '../../lambdas/alerting/receivers/webhook.ts';
import type { RemoteWrite } from '../../lambdas/domain/metrics/remote-write.ts';
import { exportDue } from '../../lambdas/events/export-due.ts';
import { remoteStore } from '../../lambdas/events/remote-store.ts';
import { call, insertHost, newHost, signIn } from '../support/api.ts';
import { type FeedServer, feedServer } from '../support/feed-server.ts';
import { Parameters } from '../support/parameters.ts';
import { StateTable } from '../support/state-table.ts';

/** What is written to a store, over real HTTPS; what a real Prometheus makes of it is tried in test/faults/prometheus. */
const MINUTE = 60_000;
const NOW = Date.parse('2026-11-27T08:40:07.000Z');
const HOST = newHost();
/** One sample of the host, and its state. */
const ALL = 2;

interface Posted {
  readonly url: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}
/** What would go to AWS. */
let posted: Posted[] = [];
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => {
  const real = await original<typeof webhook>();
  const postWebhook: typeof real.postWebhook = async (url, body, more, net) => {
    if (!url.includes('amazonaws.com')) return real.postWebhook(url, body, more, net);
    posted.push({ url, body, headers: more?.headers ?? {} });
  };
  return { ...real, postWebhook };
});

let server: FeedServer;
let host: string;
let got: IncomingMessage['headers'][] = [];
const parameters = new Parameters();

beforeAll(async () => {
  server = await feedServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  new StateTable();
  got = [];
  posted = [];
  answer(204);
  await insertHost(HOST);
  host = await signIn('host', { hostId: HOST.id });
  return () => vi.useRealTimers();
});

const answer = (status: number, headers: Record<string, string> = {}) => {
  server.answer = (request, response) => {
    got.push(request.headers);
    request.resume().on('end', () => response.writeHead(status, headers).end('so it is'));
  };
};

const report = async (at: number) => {
  vi.setSystemTime(at);
  const sample = { at: new Date(at).toISOString(), intervalSeconds: 15, host: { 'host.cpu.load': 1 }, domains: [] };
  const body = { unitVersion: '1', sentAt: sample.at, samples: [sample] };
  expect(await call(`POST /v1/hosts/${HOST.id}/metrics`, { token: host, body })).toMatchObject({ status: 200 });
};

const run = (at: number, setting: Partial<RemoteWrite> = {}) => {
  vi.setSystemTime(at);
  return exportDue(remoteStore({ url: server.url, headers: {}, ...setting }, server.net()), at);
};

describe('what was measured', () => {
  it('goes by remote write 1.0, with a secret that its parameter holds and headers that are said', async () => {
    parameters.values.set('/novacron/remote-write', 't0ken');
    await report(NOW);
    const authorization = { type: 'Bearer', credentialsFile: '/novacron/remote-write' };
    expect(await run(NOW, { authorization, headers: { 'x-scope-orgid': 'team-1' } })).toEqual({
      sent: ALL,
      dropped: 0,
    });
    expect(got).toHaveLength(2);
    for (const headers of got) {
      expect(headers).toMatchObject({
        authorization: 'Bearer t0ken',
        'content-encoding': 'snappy',
        'content-type': 'application/x-protobuf',
        'x-prometheus-remote-write-version': '0.1.0',
        'x-scope-orgid': 'team-1',
      });
    }
  });

  it.each([400, 401, 404, 413, 422])('is given up where the store answers %i', async (status) => {
    await report(NOW);
    answer(status);
    expect(await run(NOW)).toEqual({ sent: 0, dropped: ALL });
    answer(204);
    expect(await run(NOW + MINUTE)).toEqual({ sent: 1, dropped: 0 });
  });

  it.each([429, 500, 503])(
    'is told later where the store answers %i, and a store that is away is asked less often',
    async (status) => {
      await report(NOW);
      answer(status);
      const asked: number[] = [];
      for (let minute = 0; minute < 20; minute += 1) {
        if (await run(NOW + minute * MINUTE)) asked.push(minute);
      }
      expect(asked).toEqual([0, 1, 3, 8, 13, 18]);
      answer(204);
      expect(await run(NOW + 22 * MINUTE)).toBeUndefined();
      expect(await run(NOW + 23 * MINUTE)).toEqual({ sent: ALL, dropped: 0 });
      expect(await run(NOW + 24 * MINUTE)).toEqual({ sent: 1, dropped: 0 });
    },
  );

  it('is told no sooner than the store asks for', async () => {
    await report(NOW);
    answer(429, { 'retry-after': '600' });
    expect(await run(NOW)).toMatchObject({ sent: 0, behind: '2026-11-27T08' });
    answer(204);
    expect(await run(NOW + 9 * MINUTE)).toBeUndefined();
    expect(await run(NOW + 10 * MINUTE)).toEqual({ sent: ALL, dropped: 0 });
  });

  it('is kept where nothing is wrong with it but with the setting', async () => {
    await report(NOW);
    parameters.values.delete('/gone');
    const authorization = { username: 'me', passwordFile: '/gone' };
    expect(await run(NOW, { authorization })).toMatchObject({ sent: 0, dropped: 0 });
    expect(await run(NOW + MINUTE, { url: 'https://10.0.0.1/api/v1/write' })).toMatchObject({ sent: 0, dropped: 0 });
    expect(got).toEqual([]);
    expect(await run(NOW + 3 * MINUTE)).toEqual({ sent: ALL, dropped: 0 });
  });

  it('is told by one run at a time, and by the next one where one has died', async () => {
    await report(NOW);
    const runs = await Promise.all([run(NOW), run(NOW)]);
    expect(runs).toContainEqual({ sent: ALL, dropped: 0 });
    expect(runs).toContain(undefined);
    const dying = { write: () => Promise.reject(new Error('killed')) };
    await expect(exportDue(dying, NOW + MINUTE)).rejects.toThrow('killed');
    expect(await run(NOW + MINUTE + 30_000)).toBeUndefined();
    expect(await run(NOW + 2 * MINUTE)).toEqual({ sent: 1, dropped: 0 });
  });

  it('is told as far as time goes, and the next run goes on from there', async () => {
    for (let minute = 0; minute < 10; minute += 1) await report(NOW + minute * MINUTE);
    const now = NOW + 9 * MINUTE;
    const written: number[] = [];
    const slow = {
      write: async (samples: readonly { readonly at: number }[]) => {
        written.push(...samples.map(({ at }) => at));
        vi.setSystemTime(Date.now() + 15_000);
      },
    };
    expect(await exportDue(slow, now)).toEqual({ sent: 3, dropped: 0, behind: '2026-11-27T08' });
    for (let minute = 1; minute < 5; minute += 1) {
      vi.setSystemTime(now + minute * MINUTE);
      await exportDue(slow, now + minute * MINUTE);
    }
    expect(written.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, minute) => NOW + minute * MINUTE));
  });
});

describe('a workspace of Amazon Managed Service for Prometheus', () => {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

  /** As "Create a signed AWS API request" of the IAM User Guide reckons it. */
  const signatureOf = ({ url, body, headers }: Posted, signed: readonly string[], secret: string): string => {
    const time = headers['x-amz-date'] ?? '';
    const lines = signed.map((name) => `${name}:${name === 'host' ? new URL(url).host : headers[name]}\n`);
    const request = ['POST', new URL(url).pathname, '', lines.join(''), signed.join(';'), sha256(body)].join('\n');
    const scope = [time.slice(0, 8), 'eu-central-1', 'aps', 'aws4_request'];
    const key = scope.reduce<string | Buffer>((soFar, part) => hmac(soFar, part), `AWS4${secret}`);
    return hmac(Buffer.from(key), ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n')).toString(
      'hex',
    );
  };

  it('is sent requests that are signed as AWS has it, by the role of the function', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's3cret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');
    await report(NOW);
    const url = 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write';
    expect(await run(NOW, { url })).toEqual({ sent: ALL, dropped: 0 });
    vi.unstubAllEnvs();
    expect(posted).toHaveLength(2);
    for (const request of posted) {
      const { headers } = request;
      const [, signed = '', signature] =
        /^AWS4-HMAC-SHA256 Credential=AKID\/20261127\/eu-central-1\/aps\/aws4_request, SignedHeaders=(\S+), Signature=(\w+)$/.exec(
          headers.authorization ?? '',
        ) ?? [];
      expect(signed.split(';')).toEqual(expect.arrayContaining(['content-encoding', 'host', 'x-amz-security-token']));
      expect(signature).toBe(signatureOf(request, signed.split(';'), 's3cret'));
      expect(headers['x-amz-content-sha256']).toBe(sha256(request.body));
    }
  });
});
