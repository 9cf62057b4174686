import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amtoolOf, newFolder } from '../support/alertmanager.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { access, api, eventually, novacron, plane } from './plane.ts';
import { ROOT_SETTINGS } from './slack-receiver.ts';

/** What speaks to Alertmanager speaks to the plane: Debian's amtool, unchanged, with a webhook that is real; Prometheus is in on-call.test.ts. */
const project = `alerts-${Date.now().toString(36).slice(-6)}`;
const inProject = { 'novacron-project': project };
const ADDRESS = `10.79.${plane.port % 250}.1`;

const MAILED = `${project}@example.net`;

let receiver: WebhookReceiver;
let token = '';
beforeAll(async () => {
  expect((await api('POST', '/v1/projects', { id: project })).status).toBe(201);
  const made = await api('POST', '/v1/tokens', { name: 'prometheus', role: 'operator' }, inProject);
  token = made.json.token;
  receiver = await startWebhookReceiver(ADDRESS);
});
afterAll(async () => {
  await receiver.close();
  for (const { id } of (await api('GET', '/v1/tokens', undefined, inProject)).json.items) {
    await api('DELETE', `/v1/tokens/${id}`, undefined, inProject);
  }
  await api('DELETE', `/v1/projects/${project}`);
});

const yaml = () => `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  group_interval: 5s
  routes:
    - matchers: [severity="page"]
      receiver: pager
    - matchers: [severity="mail"]
      receiver: mailed
receivers:
  - name: team
    webhook_configs: [{ url: '${receiver.url}/team' }]
  - name: pager
    webhook_configs: [{ url: '${receiver.url}/pager' }]
  - name: mailed
    email_configs: [{ to: '${MAILED}', smarthost: 'unused:25', from: 'unused@example.org' }]
`;

/** What SES was given to send. */
interface Outbox {
  readonly messages: Readonly<Record<string, readonly { To: string[]; Subject: string; BodyHtml: string }[]>>;
}

/** The embedded AWS's SES, as root. */
const ses = async (path: string, body?: object): Promise<Outbox> => {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${ROOT_SETTINGS.region}/ses/aws4_request`;
  const response = await fetch(`${ROOT_SETTINGS.endpoint}${path}`, {
    headers: { authorization },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  // The emulator's own answer, which is looked at no further.
  return (await response.json()) as Outbox;
};

const told = (alertname: string, status: string) =>
  eventually(`${alertname} is told to be ${status}`, 90, async () =>
    receiver.posts.find(
      (post) => post.status === status && post.alerts.some(({ labels }) => labels.alertname === alertname),
    ),
  );

const asked = (...args: string[]) => amtoolOf({ url: access.url, token }, ...args);

describe("Alertmanager's own programs", () => {
  it('set up what they need by the file and the command line', async () => {
    using folder = newFolder();
    const file = join(folder.path, 'alertmanager.yml');
    writeFileSync(file, yaml());
    const set = await novacron('route', 'set', file, '--project', project);
    expect(set.code, set.stderr).toBe(0);
    expect(set.stderr).toContain('version 1');
    writeFileSync(file, 'route: { receiver: nobody }\n');
    const refused = await novacron('route', 'set', file, '--project', project);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('line 1, route.receiver: undefined receiver "nobody" used in route');
  });

  it('amtool adds, finds, silences and ends, and shows the file', async () => {
    await asked('alert', 'add', 'AmtoolTest', 'severity=page', 'vm=web-1', '--annotation=summary=a test');
    const post = await told('AmtoolTest', 'firing');
    expect(post).toMatchObject({ receiver: 'pager', groupKey: '{}/{severity="page"}:{alertname="AmtoolTest"}' });
    expect(await asked('alert', 'query', 'vm=~"web-.*"')).toContain('AmtoolTest');
    const id = (await asked('silence', 'add', 'vm=web-1', '--comment=works', '--author=anna', '--duration=1h')).trim();
    expect(await asked('silence', 'query', '-o', 'simple')).toContain(id);
    expect(await asked('alert', 'query')).not.toContain('AmtoolTest');
    expect(await asked('alert', 'query', '--silenced')).toContain('AmtoolTest');
    await asked('silence', 'expire', id);
    expect(await asked('alert', 'query')).toContain('AmtoolTest');
    expect(await asked('config', 'show')).toContain('receiver: pager');
    expect(await asked('config', 'routes', 'test', 'severity=page')).toContain('pager');
    expect(await asked('cluster', 'show')).toContain('disabled');
  });

  it('whoever is told takes it on by the link in the message, and not by opening it', async () => {
    const { ackURL: link = '' } = await told('AmtoolTest', 'firing');
    const page = await fetch(link);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('AmtoolTest');
    const listed = () => novacron('alert', 'list', '--project', project);
    expect((await listed()).stdout).toMatch(/AmtoolTest +page +active/);
    const done = await fetch(`${link}&for=1h`, { method: 'POST' });
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Taken on')]);
    expect((await fetch(link.slice(0, -4))).status).toBe(400);
  });

  it('who is mailed hears once the address of the plane is verified, and why not before', async () => {
    await asked('alert', 'add', 'MailTest', 'severity=mail', '--annotation=summary=a <test>');
    await eventually('the mail is refused', 60, async () => {
      const { stdout } = await novacron('channel', 'list', '--project', project);
      return stdout.includes('MessageRejected: Email address is not verified');
    });
    await ses('/v2/email/identities', { EmailIdentity: 'example.org' });
    await asked('alert', 'add', 'MailTest', 'severity=mail', 'vm=web-1');
    const mail = await eventually('the mail', 90, async () => {
      const { messages } = await ses('/_ministack/ses/messages');
      return Object.values(messages)
        .flat()
        .find(({ To }) => To.includes(MAILED));
    });
    expect(mail.Subject).toMatch(/^\[FIRING:\d\] MailTest/);
    expect(mail.BodyHtml).toContain('a &lt;test&gt;');
  });

  it('nobody is told twice of the same', () => {
    const said = receiver.posts.map(({ receiver: name, alerts }) =>
      JSON.stringify([name, alerts.map(({ labels, status }) => [labels.alertname, status])]),
    );
    expect(new Set(said).size).toBe(said.length);
  });

  it('and a person sees the same on the command line', async () => {
    const { stdout } = await novacron('alert', 'list', '--project', project);
    expect(stdout).toMatch(/AmtoolTest +page +acknowledged/);
    const why = await novacron('route', 'test', 'severity=page', '--project', project);
    expect(why.stdout).toMatch(/severity="page"} +pager +goes here/);
  });

  it('silences that recur with a window are as good as any to amtool, and another routing takes over what fires', async () => {
    const well = async (...words: string[]): Promise<string> => {
      const ran = await novacron(...words, '--project', project);
      expect(ran.code, ran.stderr).toBe(0);
      return ran.stdout;
    };
    const days = ['--filter', 'name=nobody', '--zone', 'UTC', '--period', 'mon-sun 00:00-24:00'];
    await well('window', 'create', 'always', ...days);
    const id = (
      await well('silence', 'create', 'alertname=AmtoolTest', '--window', 'always', '--comment', 'works', '-o', 'name')
    ).trim();
    expect(await asked('silence', 'query', '-o', 'simple')).toContain(id);
    expect(await asked('alert', 'query')).not.toContain('AmtoolTest');
    await well('silence', 'expire', id);
    using folder = newFolder();
    const file = join(folder.path, 'alertmanager.yml');
    writeFileSync(file, yaml());
    await well('route', 'set', file);
  });
});
