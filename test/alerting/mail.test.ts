import { beforeEach, describe, expect, it, vi } from 'vitest';
import { alertWorld } from '../support/alert-world.ts';
import { signIn } from '../support/api.ts';
import { askingAs } from '../support/asking.ts';
import { AwsServices } from '../support/aws-services.ts';
import { type ParsedMail, parsedMails } from '../support/parsed-mail.ts';
import { StateTable } from '../support/state-table.ts';

/** From an alert that is posted to the mail that SES is given. */
const world = alertWorld();
let ses: AwsServices;
let token: string;
beforeEach(async () => {
  new StateTable();
  vi.unstubAllGlobals();
  ses = new AwsServices();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});

const asked = askingAs(() => token);

/** Routes everything to one receiver. */
const route = (email: string, others = ''): Promise<{ undelivered: { place: string; why: string }[] }> =>
  asked('POST /v1/routes', {
    yaml: `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 5m, repeat_interval: 1h }
receivers:
  - name: team
    email_configs: [${email}]
    ${others}
`,
  });
const fire = (labels: Record<string, string>, more = {}) =>
  asked('POST /api/v2/alerts', [{ labels, endsAt: '2026-11-25T20:00:00.000Z', ...more }]);
const resolve = (labels: Record<string, string>) => fire(labels, { endsAt: new Date(Date.now()).toISOString() });
const channels = async (): Promise<{ items: { way: string; failing?: { why: string; groups: number } }[] }> =>
  asked('GET /v1/channels');
const mails = (): ParsedMail[] => parsedMails(ses.mails.map(({ raw }) => raw));
const partOf = (mail: ParsedMail | undefined, type: string): string =>
  mail?.parts.find(([each]) => each === type)?.[1] ?? '';

const A = { alertname: 'Down', vm: 'a', severity: 'critical' };

const refusal = (status: number, name: string, message: string) => () =>
  new Response(JSON.stringify({ message }), { status, headers: { 'x-amzn-errortype': `${name}:http://internal/` } });

describe('a receiver of mail', () => {
  it('gets one in both forms, with all that an alert says, and is not told of its end unless it wants to', async () => {
    await route("{ to: 'Anna <anna@example.org>, ops@example.org' }");
    await fire(A, {
      annotations: {
        summary: 'No room <script>alert(1)</script> & no time',
        description: 'The disk is full',
        runbook_url: 'https://runbooks.test/down?a=1&b="2"',
        phone: '123',
      },
      generatorURL: 'https://prometheus.test/graph?g0.expr=up%3D%3D0',
    });
    await world().until(1);
    await resolve(A);
    await world().until(800);
    expect(ses.mails).toMatchObject([{ from: 'alerts@plane.test', to: ['anna@example.org', 'ops@example.org'] }]);
    const [mail] = mails();
    expect(mail).toMatchObject({
      defects: [],
      to: [
        ['Anna', 'anna@example.org'],
        ['', 'ops@example.org'],
      ],
    });
    expect(mail?.headers).toMatchObject({
      from: ['NovaCron <alerts@plane.test>'],
      subject: ['[FIRING:1] Down (critical a)'],
      'auto-submitted': ['auto-generated'],
      'list-id': ['"Alerts of team" <default.alerts.plane.test>'],
    });
    const [text, html] = [partOf(mail, 'text/plain'), partOf(mail, 'text/html')];
    for (const said of [
      'The disk is full',
      'phone: 123',
      'severity = critical',
      'novacron silence create alertname=Down',
    ])
      for (const part of [text, html]) expect(part).toContain(said);
    expect(text).toContain('No room <script>alert(1)</script> & no time');
    expect(text).toContain('Source: https://prometheus.test/graph?g0.expr=up%3D%3D0');
    expect(html).toContain('No room &lt;script&gt;alert(1)&lt;/script&gt; &amp; no time');
    expect(html).toContain('<a href="https://runbooks.test/down?a=1&amp;b=&quot;2&quot;"');
    const [link = ''] = /https:\/\/api\.test\/v1\/answers\?token=\S+/.exec(text) ?? [];
    expect(link).not.toBe('');
    expect(html).toContain(`<a href="${link}"`);
    expect(html).toContain('name="viewport"');
    expect(html).not.toMatch(/<script|src=|javascript:/i);
  });

  it('reads what becomes of a group in one thread, its end too, and of another in another', async () => {
    await route('{ to: ops@example.org, send_resolved: true }');
    await fire(A);
    await fire({ alertname: 'Slow' });
    await world().until(1);
    await resolve(A);
    await world().until(301);
    const all = mails();
    expect(all.map(({ headers }) => headers.subject?.[0])).toEqual([
      '[FIRING:1] Down (critical a)',
      '[FIRING:1] Slow',
      '[RESOLVED] Down (critical a)',
    ]);
    const threads = all.map(({ headers }) => headers.references?.[0]);
    expect(threads[0]).toMatch(/^<agr-[0-9a-f]{32}\.default@plane\.test>$/);
    expect(threads).toEqual([threads[0], expect.not.stringMatching(`${threads[0]}`), threads[0]]);
    expect(all.map(({ headers }) => headers['in-reply-to']?.[0])).toEqual(threads);
    expect(partOf(all[2], 'text/plain')).toMatch(/RESOLVED: Down \(resolved 2026-11-25T10:00/);
    expect(partOf(all[2], 'text/html')).not.toContain('/v1/answers');
  });

  it('gets the words and headers that its routing has, and none that are not its to write', async () => {
    const headers = `{ Subject: 'Schrank 4 läuft über', Reply-To: on-call@example.org, from: x@evil.test, Bcc: y@evil.test, references: <a@b> }`;
    await route(`{ to: ops@example.org, html: '', text: "See\\nthe board", headers: ${headers} }`);
    await fire(A);
    await world().until(1);
    const [mail] = mails();
    expect(mail?.parts).toEqual([['text/plain', 'See\nthe board']]);
    expect(mail?.headers).toMatchObject({
      from: ['NovaCron <alerts@plane.test>'],
      subject: ['Schrank 4 läuft über'],
      'reply-to': ['on-call@example.org'],
      references: ['<a@b>'],
    });
    expect(Object.keys(mail?.headers ?? {})).not.toContain('bcc');
  });

  it('is told of the first forty of many, and how many more there are', async () => {
    await route('{ to: ops@example.org }');
    await asked(
      'POST /api/v2/alerts',
      Array.from({ length: 45 }, (_, index) => ({ labels: { alertname: 'Down', vm: `vm-${100 + index}` } })),
    );
    await world().until(1);
    const text = partOf(mails()[0], 'text/plain');
    expect(text.match(/^FIRING: /gm)).toHaveLength(40);
    expect(text).toContain('And 5 more.');
  });
});

describe('while SES does not take a mail', () => {
  it.each<[string, () => Response, RegExp, number]>([
    [
      'an identity that is not verified, the mail is tried again with the next interval',
      refusal(400, 'MessageRejected', 'Email address is not verified.'),
      /^SES answers 400: MessageRejected: Email address is not verified\.$/,
      301,
    ],
    [
      'too many, it is tried again within the minute',
      refusal(429, 'TooManyRequestsException', 'Slow down'),
      /429: TooMany/,
      61,
    ],
    [
      'a pause of the account, it is tried again within the minute',
      refusal(400, 'SendingPausedException', 'Paused'),
      /SendingPaused/,
      61,
    ],
    [
      'a right that is lacking, whose words name roles, they are for the log alone',
      refusal(403, 'AccessDeniedException', 'User: arn:aws:sts::1:assumed-role/x is not authorized'),
      /^SES answers 403: AccessDeniedException: NovaCron may not do so$/,
      301,
    ],
    [
      'no words at all, it is tried again within the minute',
      () => new Response('<html>', { status: 502 }),
      /^SES answers 502$/,
      61,
    ],
    [
      'nobody there, it is tried again within the minute',
      () => {
        throw new TypeError('fetch failed');
      },
      /^SES cannot be reached: fetch failed$/,
      61,
    ],
  ])('for %s; others hear meanwhile', async (_, answer, why, again) => {
    await route(
      '{ to: ops@example.org }',
      'sns_configs: [{ topic_arn: arn:aws:sns:eu-central-1:123456789012:alerts }]',
    );
    ses.answer = answer;
    await fire(A);
    await world().until(1);
    expect(world().notices).toHaveLength(1);
    expect((await channels()).items).toMatchObject([
      { way: 'email[0]', failing: { groups: 1, why: expect.stringMatching(why) } },
      { way: 'topic[1]' },
    ]);
    ses.answer = () => new Response('{"MessageId":"m"}');
    await world().until(again - 2);
    expect(ses.mails).toHaveLength(1);
    await world().until(again + 1);
    expect(ses.mails).toHaveLength(2);
    expect((await channels()).items.some(({ failing }) => failing)).toBe(false);
    expect(world().notices).toHaveLength(1);
  });
});

describe('a routing with mail', () => {
  it('needs no server of mail, and may name one', async () => {
    const { undelivered } = await route("{ to: a@b.org, smarthost: 'mail:25', from: x@y.org, auth_password: secret }");
    expect(undelivered).toEqual([]);
  });

  it('is tried by channel test', async () => {
    await route('{ to: ops@example.org, send_resolved: true }');
    const { items } = await asked('POST /v1/channels/actions/test', { receiver: 'team' });
    expect(items).toEqual([{ way: 'email[0]', outcome: 'took' }]);
    expect(mails().map(({ headers }) => headers.subject?.[0])).toEqual([
      '[FIRING:1] NovaCronTest team (info)',
      '[RESOLVED] NovaCronTest team (info)',
    ]);
  });
});
