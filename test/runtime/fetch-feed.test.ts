import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fetchFeed, type Known } from '../../lambdas/runtime/fetch-feed.ts';
import { type FeedServer, feedServer } from '../support/feed-server.ts';
import { ical } from '../support/ical.ts';

/** Over real HTTPS. Its names are looked up in the test, and all addresses but the server's own are judged as in life. */
const TEXT = ical([['UID:1', 'DTSTART;VALUE=DATE:20261003', 'SUMMARY:Tag der Deutschen Einheit']]);

let feed: FeedServer;
beforeAll(async () => {
  feed = await feedServer();
});
afterAll(() => feed.close());
beforeEach(() => {
  feed.seen.length = 0;
  feed.answer = (_, response) => response.writeHead(200, { etag: '"v1"' }).end(TEXT);
});

const fetched = (url = feed.url, known: Known = {}, more = {}) => fetchFeed(url, known, feed.net(more));
const refused = async (url = feed.url, more = {}): Promise<string> => {
  const error: unknown = await fetched(url, {}, more).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'FeedUnusable', errors: [{ pointer: '/feed' }] });
  return error instanceof Error ? error.message : '';
};
const redirect = (location: string) => {
  feed.answer = (_, response) => response.writeHead(302, { location }).end();
};

describe('a feed', () => {
  it('is read with what says later that it is unchanged', async () => {
    expect(await fetched()).toEqual({ text: TEXT, etag: '"v1"', lastModified: undefined });
    feed.answer = ({ headers }, response) => response.writeHead(headers['if-none-match'] === '"v1"' ? 304 : 200).end();
    expect(await fetched(feed.url, { etag: '"v1"', lastModified: 'Thu, 26 Nov 2026 10:00:00 GMT' })).toEqual({
      unchanged: true,
    });
    expect(feed.seen.at(-1)).toMatchObject({ 'if-modified-since': 'Thu, 26 Nov 2026 10:00:00 GMT' });
  });

  it('is followed to where it has moved', async () => {
    const moved = feed.named('moved.example.org', '127.0.0.1');
    feed.answer = ({ headers }, response) =>
      headers.host?.startsWith('moved')
        ? response.writeHead(200).end(TEXT)
        : response.writeHead(301, { location: moved }).end();
    expect(await fetched()).toMatchObject({ text: TEXT });
  });

  it('is believed no tag that is longer than one is', async () => {
    feed.answer = (_, response) => response.writeHead(200, { etag: `"${'x'.repeat(300)}"` }).end(TEXT);
    expect(await fetched()).toMatchObject({ etag: undefined });
  });
});

describe('a feed is refused, saying why', () => {
  it('that is not there', async () => {
    feed.answer = (_, response) => response.writeHead(404).end();
    expect(await refused()).toMatch(/answers 404/);
    expect(await refused('https://nowhere.example.org/x')).toMatch(/ENOTFOUND/);
  });

  it('that has a certificate which does not hold', async () => {
    expect(await refused(feed.url, { ca: undefined })).toMatch(/self-signed certificate|SIGNED/i);
    const url = feed.named('feeds.example.com', '127.0.0.1');
    expect(await refused(url)).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it('that does not answer, or does not end', async () => {
    feed.answer = () => undefined;
    expect(await refused(feed.url, { timeoutMs: 200 })).toMatch(/did not answer within 0.2 s/);
    feed.answer = (_, response) => response.writeHead(200).write('BEGIN:VCALENDAR');
    expect(await refused(feed.url, { timeoutMs: 200 })).toMatch(/did not answer within 0.2 s/);
  });

  it('that breaks off', async () => {
    feed.answer = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('BEGIN:VCALENDAR');
      response.destroy();
    };
    expect(await refused()).toMatch(/abort|ECONNRESET|socket/);
  });

  it('that is larger than a calendar', async () => {
    feed.answer = (_, response) => response.writeHead(200).end(Buffer.alloc(6 * 1024 * 1024, 'x'));
    expect(await refused()).toMatch(/more than 5 MiB/);
  });

  it('that sends on and on, to nowhere, or to what is no feed', async () => {
    redirect(feed.url);
    expect(await refused()).toMatch(/more than 3 times/);
    redirect('https://[::1/x');
    expect(await refused()).toMatch(/what is no URL/);
    feed.answer = (_, response) => response.writeHead(302).end();
    expect(await refused()).toMatch(/answers 302/);
  });
});

/** S-12: what a feed of somebody's must not make the plane speak to, at once and after a redirect. */
describe('nobody inside is spoken to', () => {
  const INSIDE = [
    'http://feeds.example.org/x',
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest/meta-data',
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://2130706433/x',
    'https://0x7f000001/x',
    'https://0177.0.0.1/x',
    'https://0/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[::ffff:7f00:1]/x',
    'https://[64:ff9b::a9fe:a9fe]/x',
    'https://localhost/x',
    'https://localhost:9001/2018-06-01/runtime/invocation/next',
    'https://10.0.0.1/x',
    'https://172.16.0.1/x',
    'https://192.168.1.1/x',
    'https://100.64.0.1/x',
    'https://[fc00::1]/x',
    'https://[fe80::1]/x',
    'https://metadata.google.internal/x',
    'https://user:secret@feeds.example.org/x',
    'https://feeds.example.org:22/x',
    'file:///proc/self/environ',
    'ftp://feeds.example.org/x',
    'gopher://feeds.example.org/x',
    'data:text/calendar,BEGIN:VCALENDAR',
    'webcal://feeds.example.org/x',
  ];

  it.each(INSIDE)('by name: %s', async (url) => {
    await refused(url);
    expect(feed.seen).toEqual([]);
  });

  it.each(INSIDE)('after a redirect to %s', async (location) => {
    redirect(location);
    expect(await refused()).toMatch(/sends on to/);
    expect(feed.seen).toHaveLength(1);
  });

  it.each([
    '127.0.0.2',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::ffff:10.0.0.1',
    'fd00:ec2::254',
    'fe80::1',
    'fc00::1',
  ])('where a name is looked up to %s, at once and after a redirect', async (address) => {
    const url = feed.named('rebound.example.org', address);
    expect(await refused(url)).toMatch(/rebound.example.org is at /);
    redirect(url);
    expect(await refused()).toMatch(/rebound.example.org is at /);
    expect(feed.seen).toHaveLength(1);
  });

  it('where one of several addresses of a name is inside', async () => {
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ];
    expect(await refused(feed.url, { resolve })).toMatch(/is at 10.0.0.1/);
    expect(feed.seen).toEqual([]);
  });

  it('where a name is at another address when it is looked up again: it is looked up once', async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    expect(await fetched(feed.url, {}, { resolve })).toMatchObject({ text: TEXT });
    expect(asked).toBe(1);
  });
});

it('the world’s own rules refuse this very machine', async () => {
  await expect(fetchFeed('https://localhost/x')).rejects.toMatchObject({ name: 'FeedUnusable' });
  await expect(fetchFeed('https://127.0.0.1/x')).rejects.toMatchObject({ name: 'FeedUnusable' });
});
