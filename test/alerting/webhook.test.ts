import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotTold, postWebhook } from '../../lambdas/alerting/receivers/webhook.ts';
import type { Net } from '../../lambdas/runtime/outside.ts';
import { type FeedServer, feedServer } from '../support/feed-server.ts';

/** Over real HTTPS; all addresses but the server's own are judged as in life. */
let server: FeedServer;
let bodies: string[] = [];
beforeAll(async () => {
  server = await feedServer();
});
afterAll(() => server.close());
beforeEach(() => {
  bodies = [];
  answer(200);
});

const answer = (status: number, text = '', headers: Record<string, string> = {}) => {
  server.answer = (request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(status, headers).end(text);
    });
  };
};

const posted = (url = server.url, more: Partial<Net> = {}) => postWebhook(url, '{"version":"4"}', {}, server.net(more));
const refused = async (url = server.url, more: Partial<Net> = {}): Promise<NotTold> => {
  const error: unknown = await posted(url, more).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NotTold);
  return error as NotTold;
};

describe('a webhook', () => {
  it('is posted the body as JSON, and any answer of 2xx is well', async () => {
    await posted();
    answer(204);
    await posted();
    expect(bodies).toEqual(['{"version":"4"}', '{"version":"4"}']);
    expect(server.seen.at(-1)).toMatchObject({ 'content-type': 'application/json', 'content-length': '15' });
  });

  it('that fails is told again after an answer of 5xx, of 429 or none, and not after another', async () => {
    answer(503, 'later\u0007 please');
    expect(await refused()).toMatchObject({
      again: true,
      message: expect.stringContaining('answers 503: later please'),
    });
    answer(429);
    expect(await refused()).toMatchObject({ again: true, message: expect.stringContaining('answers 429') });
    for (const status of [400, 401, 404, 410, 422]) {
      answer(status);
      expect(await refused()).toMatchObject({ again: false, message: expect.stringContaining(`answers ${status}`) });
    }
    expect(await refused('https://nowhere.example.org/x')).toMatchObject({ again: true });
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['99999999', 3_600_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['later', undefined],
  ])('says how long it wants to be left alone: %s', async (asked, afterMs) => {
    for (const status of [429, 503]) {
      answer(status, '', { 'retry-after': asked });
      const error = await refused();
      expect(error.again).toBe(true);
      expect(error.afterMs).toBe(afterMs);
    }
    answer(400, '', { 'retry-after': asked });
    expect((await refused()).afterMs).toBeUndefined();
  });

  it('is sent headers that are said, and no secret that it says over is told', async () => {
    const [secret, longer] = ['k3y-of-somebody', 'k3y-of-somebody-else'];
    answer(403, `${'x'.repeat(190)} ${longer} ${secret} ${'y'.repeat(9_000)}`);
    const said = postWebhook(
      server.url,
      '{}',
      { headers: { authorization: `Bearer ${secret}` }, hidden: ['', secret, longer] },
      server.net(),
    );
    const error: unknown = await said.catch((caught: unknown) => caught);
    expect(server.seen.at(-1)).toMatchObject({ authorization: `Bearer ${secret}`, 'content-type': 'application/json' });
    expect(String(error)).toContain('<secret>');
    expect(String(error)).not.toMatch(/k3y/);
  });

  it('that is long in answering is given up, before its answer and within it', async () => {
    server.answer = () => undefined;
    expect(await refused(server.url, { timeoutMs: 200 })).toMatchObject({
      again: true,
      message: expect.stringContaining('does not answer within 0.2 s'),
    });
    server.answer = (_, response) => response.writeHead(200).write('a');
    expect(await refused(server.url, { timeoutMs: 200 })).toMatchObject({ again: true });
  });

  it('is not followed to where it sends on', async () => {
    answer(302, '', { location: server.named('moved.example.org', '127.0.0.1') });
    expect(await refused()).toMatchObject({ again: false, message: expect.stringContaining('answers 302') });
    expect(bodies).toHaveLength(1);
  });

  it('that answers without end is read no further than is shown', async () => {
    server.answer = (_, response) => {
      response.writeHead(500);
      const more = () => response.writable && response.write('x'.repeat(65_536), () => setImmediate(more));
      more();
    };
    expect((await refused()).message.length).toBeLessThan(300);
  });
});

describe('connections to a webhook', () => {
  /** What a server has seen of them, each under its number, in the order of words. */
  let connections: Socket[] = [];
  /** Whether this word meets a connection that is closed before it is read. */
  let closes: (word: number) => boolean;
  beforeEach(() => {
    connections = [];
    closes = () => false;
    server.answer = (request, response) => {
      connections.push(request.socket);
      if (closes(connections.length)) request.socket.destroy();
      else response.end();
    };
  });
  afterEach(() => vi.useRealTimers());
  const post = (net: Net) => postWebhook(server.url, '{}', {}, net);
  const numbers = () => connections.map((each) => connections.indexOf(each));

  it('are kept for the next word, but for none that another net looks at', async () => {
    const net = server.net();
    await post(net);
    await post(net);
    await Promise.all([post(net), post(net)]);
    expect(numbers()).toEqual([0, 0, 0, 3]);
    const shut = server.net({ refusal: () => 'it is shut' });
    await expect(post(shut)).rejects.toThrow('it is shut');
    expect(connections).toHaveLength(4);
  });

  it('are begun anew where nothing was said for a while', async () => {
    const net = server.net();
    await post(net);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5_000 });
    await post(net);
    expect(numbers()).toEqual([0, 1]);
  });

  it('that close as a word is on its way are replaced once, and one that closes at its first word is a receiver that is away', async () => {
    const net = server.net();
    await post(net);
    closes = (word) => word === 2;
    await post(net);
    expect(numbers()).toEqual([0, 0, 2]);
    closes = () => true;
    const error: unknown = await post(server.net()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ again: true, message: expect.stringContaining('cannot be reached') });
    expect(connections).toHaveLength(4);
  });
});

describe('a webhook inward is refused', () => {
  it.each([
    ...['http://hooks.example.org/x', 'ftp://hooks.example.org/x', 'file:///etc/passwd', 'gopher://hooks.example.org/'],
    ...['https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/'],
    ...['https://localhost/', 'https://a.localhost/', 'https://localhost./', 'https://[::1]/', 'https://[::]/'],
    ...['https://169.254.169.254/latest/meta-data', 'https://[fd00:ec2::254]/', 'https://100.100.100.200/'],
    ...['https://168.63.129.16/', 'https://metadata.google.internal/', 'https://instance-data/latest'],
    ...[
      'https://10.0.0.1/',
      'https://172.16.0.1/',
      'https://192.168.1.1/',
      'https://100.64.0.1/',
      'https://198.18.0.1/',
    ],
    ...['https://0.0.0.0/', 'https://0/', 'https://255.255.255.255/', 'https://224.0.0.1/', 'https://240.0.0.1/'],
    ...[
      'https://[::ffff:127.0.0.1]/',
      'https://[::ffff:a00:1]/',
      'https://[64:ff9b::7f00:1]/',
      'https://[2002:7f00:1::]/',
    ],
    ...[
      'https://[fe80::1]/',
      'https://[fc00::1]/',
      'https://[fec0::1]/',
      'https://[ff02::1]/',
      'https://[2001:db8::1]/',
    ],
    ...['https://intranet/', 'https://router.lan/', 'https://db.corp/', 'https://x.internal/', 'https://printer.home/'],
    ...['https://u:p@hooks.example.org/', 'https://u@hooks.example.org/', 'https://hooks.example.org:22/'],
    ...[
      'https://hooks.example.org:25/',
      'https:/hooks.example.org/',
      'https:hooks.example.org',
      '//hooks.example.org/',
    ],
    ...['https://hooks.example.org\\@127.0.0.1/', 'https://hooks.example.org /', 'https://ho\u00adoks.example.org/'],
    ...['https://127。0。0。1/', 'https://①②⑦.0.0.1/', 'javascript:alert(1)', 'data:text/plain,x', '', 'hooks'],
  ])('%s', async (url) => {
    expect(await refused(url)).toMatchObject({ again: false, message: expect.stringContaining('not one to post to') });
  });

  it.each(['10.0.0.1', '127.0.0.2', '169.254.169.254', '::1', 'fd00:ec2::254', '::ffff:10.0.0.1', '192.168.0.1'])(
    'as a name that is looked up to %s',
    async (address) => {
      const url = server.named('rebound.example.org', address);
      expect(await refused(url)).toMatchObject({ again: false, message: expect.stringMatching(/rebound.*is at/) });
    },
  );
});
