import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlane } from '../../local/home.ts';
import { hostProcesses } from '../../local/libvirt-hosts.ts';
import { ensurePrometheus, PROMTOOL } from '../../local/prerequisites.ts';
import { newFolder, startPrometheus } from '../support/alertmanager.ts';
import { type Receiver, startSlack, startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { access, api, eventually, HOME, labHosts, novacron, novacronJson, plane, virshOn } from './plane.ts';
import { ROOT_SETTINGS } from './slack-receiver.ts';

/**
 * An evening of who is on call: three hosts push; a guest is driven hot, a host loses its power, a VM is off by plan, and a Prometheus
 * looks at all of them from outside. A webhook, Slack and a mailbox are told what is to be told, and of nothing else.
 */
const suffix = Date.now().toString(36).slice(-5);
const project = `call-${suffix}`;
const [hot, lone, planned] = [`hot-${suffix}`, `lone-${suffix}`, `planned-${suffix}`];
/** Who loses its power. */
const DARK = '2';
const CPU = 'vm.cpu.utilization';
/** Far apart: on a busy machine a guest that does all it can gets little of a CPU. */
const [AT_REST, AT_WORK] = [0.12, 0.2];
const inProject = { 'novacron-project': project };

const typed = async (...words: string[]) => {
  const ran = await novacron(...words, '--project', project);
  expect(ran.code, `${words.join(' ')}\n${ran.stderr}`).toBe(0);
  return ran;
};

let hooks: WebhookReceiver;
let slack: Receiver<string>;

const routing = (): string => `
route: { receiver: everybody, group_by: [alertname], group_wait: 0s, group_interval: 5s }
receivers:
  - name: everybody
    webhook_configs: [{ url: '${hooks.url}/on-call' }]
    slack_configs: [{ api_url_file: /novacron/${access.installation}/receivers/${project}/slack, send_resolved: true }]
    sns_configs: [{ topic_arn: '${plane.outputs.AlertTopicArn}' }]
`;

const putSecret = (name: string, value: string) =>
  new SSMClient(ROOT_SETTINGS).send(
    new PutParameterCommand({
      Name: `/novacron/${access.installation}/receivers/${project}/${name}`,
      Type: 'SecureString',
      Value: value,
    }),
  );

beforeAll(async () => {
  hooks = await startWebhookReceiver(`10.79.${plane.port % 250}.3`);
  slack = await startSlack(`10.79.${plane.port % 250}.4`);
  expect((await api('POST', '/v1/projects', { id: project })).status).toBe(201);
  await putSecret('slack', `${slack.url}/services/T0/B0/secret`);
  using folder = newFolder();
  const file = join(folder.path, 'alertmanager.yml');
  writeFileSync(file, routing());
  await typed('route', 'set', file);
  const onHost = ['--provider', 'kvm', '--image', 'test', '--host'];
  await Promise.all([
    typed('vm', 'create', '--name', planned, '--provider', 'ec2', '--image', 'al2023', '--size', 'micro'),
    typed('vm', 'create', '--name', lone, ...onHost, `h${DARK}`, '--ready', 'running'),
    typed('vm', 'create', '--name', hot, ...onHost, 'local'),
    ensurePrometheus(console.log),
  ]);
});
afterAll(async () => {
  await novacron('schedule', 'delete', 'nights', '--yes', '--project', project);
  await Promise.all([planned, lone, hot].map((name) => typed('vm', 'delete', name, '--yes', '--purge')));
  await api('DELETE', `/v1/projects/${project}`);
  await Promise.all([hooks.close(), slack.close()]);
});

/** Those of this project: its commands name it. */
const mails = (): string[] => {
  const folder = join(HOME, 'state', 'outbox');
  const all = readdirSync(folder).map((file): string => JSON.parse(readFileSync(join(folder, file), 'utf8')).message);
  return all.filter((mail) => mail.includes(project));
};

/** Of a kind of alert each channel is told that it is so, or that it is over. */
const toldOf = async (alertname: string, status: 'firing' | 'resolved', seconds: number): Promise<void> => {
  const title = `[${status.toUpperCase()}:1] ${alertname}`;
  await eventually(`a webhook, Slack and a mailbox are told: ${title}`, seconds, async () => {
    const posted = hooks.posts.some(
      (post) => post.status === status && post.alerts.some(({ labels }) => labels.alertname === alertname),
    );
    return posted && [slack.posts, mails()].every((texts) => texts.some((text) => text.includes(title)));
  });
};

/** Runs a line in the hot guest, and answers its process id there. */
const inGuest = async (line: string): Promise<number> => {
  const { providerId } = await novacronJson<{ readonly providerId: string }>('vm', 'get', hot, '--project', project);
  const asked = JSON.stringify({ execute: 'guest-exec', arguments: { path: '/bin/sh', arg: ['-c', line] } });
  const ran = await virshOn('local', 'qemu-agent-command', providerId, asked);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout).return.pid;
};

interface Top {
  readonly items: readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[];
}

describe('an evening on call', () => {
  it('begins with a plan that puts a VM off, of which nobody is told', async () => {
    await typed('schedule', 'create', 'nights', '--vm', planned, '--zone', 'UTC', '--period', 'mon-sun 00:00-23:59');
    await typed('schedule', 'override', 'nights', '--want', 'down', '--until', '2h', '--note', 'nobody needs it');
  });

  it('with hosts that are measured, and shown, and one that loses its power', async () => {
    await eventually('each host is measured', 60, async () => {
      const { stdout } = await novacron('host', 'top');
      return ['local', 'h1', 'h2'].every((name) => new RegExp(`^${name} +\\S+ +[\\d.]+ %`, 'm').test(stdout));
    });
    // It is a while until anybody can know: what follows is done in it.
    expect((await labHosts('kill', DARK)).code).toBe(0);
  });

  it('with a guest that is measured, and shown', async () => {
    await eventually('the guest is measured, and at rest after its boot', 90, async () => {
      const { items } = await novacronJson<Top>('vm', 'top', '-f', `name=${hot}`, '--project', project);
      const { [CPU]: cpu = 1, ...others } = items[0]?.values ?? {};
      // The guest has a balloon driver, which tells what it uses.
      return cpu < AT_REST && ['vm.memory.allocated', 'vm.disk.write.bytes'].every((metric) => metric in others);
    });
    const drawn = await typed('vm', 'metrics', hot, '--since', '10m');
    expect(drawn.stdout).toMatch(/vm\.cpu\.utilization +\S+ % /);
  });

  it('the guest runs hot, and all are told', async () => {
    const beyond = ['--above', String(AT_WORK), '--clear', String(AT_REST)];
    await typed('rule', 'create', 'hot', '--metric', CPU, ...beyond, '--matcher', `vm="${hot}"`);
    await inGuest('while :; do :; done & echo $! >/run/hot; wait');
    await toldOf('Hot', 'firing', 120);
  });

  it('and one of them takes it on by the link in the mail, and lets it cool', async () => {
    const mail = mails().find((text) => text.includes('[FIRING:1] Hot')) ?? '';
    const link = /https?:\S+\/v1\/answers\?token=\S+/.exec(mail)?.[0] ?? '';
    const taken = await fetch(link, { method: 'POST' });
    expect(taken.status).toBe(200);
    const { stdout } = await typed('alert', 'list');
    expect(stdout).toMatch(/^Hot +– +acknowledged /m);
    await inGuest('kill $(cat /run/hot)');
  });

  it('the host without power is told of', async () => {
    await toldOf('HostUnreachable', 'firing', 120);
  });

  it('a Prometheus that sees three services down is heard of the one that nothing explains', async () => {
    const of = (vm: string) => ({ alert: 'ServiceDown', labels: { vm }, seconds: 20 });
    const checkout = { alert: 'CheckoutSlow', labels: { service: 'shop' }, seconds: 20 };
    await eventually('the plan has put its VM off', 120, async () => {
      const { state } = await novacronJson<{ readonly state: string }>('vm', 'get', planned, '--project', project);
      return state === 'stopped';
    });
    const made = await api('POST', '/v1/tokens', { name: 'prometheus', role: 'operator' }, inProject);
    const { token, id } = made.json;
    await using _ = await startPrometheus({ url: access.url, token }, of(planned), of(lone), checkout);
    await toldOf('CheckoutSlow', 'firing', 60);
    const { stdout } = await typed('alert', 'list');
    expect(stdout).toMatch(new RegExp(`^ServiceDown +– +suppressed .* vm=${planned} +schedule nights$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^ServiceDown +– +suppressed .* vm=${lone} +alert [0-9a-f]{16}$`, 'm'));
    await toldOf('CheckoutSlow', 'resolved', 60);
    await api('DELETE', `/v1/tokens/${id}`, undefined, inProject);
  });

  it('ends when the guest is cool and the host is back', async () => {
    expect((await labHosts('start', DARK)).code).toBe(0);
    const host = loadPlane(undefined).hosts.find(({ name }) => name === `h${DARK}`);
    if (host === undefined) throw new Error(`the plane knows no h${DARK}`);
    await hostProcesses(loadPlane(undefined), host, 'start');
    await toldOf('Hot', 'resolved', 120);
    await toldOf('HostUnreachable', 'resolved', 120);
  });

  it('and nobody was told of anything else, or twice', () => {
    const ALL = ['Hot', 'HostUnreachable', 'CheckoutSlow'];
    const said = ALL.flatMap((name) => ['FIRING', 'RESOLVED'].map((state) => `[${state}:1] ${name}`)).sort();
    const posted = hooks.posts.map(
      ({ status, alerts }) => `[${status.toUpperCase()}:${alerts.length}] ${alerts[0]?.labels.alertname}`,
    );
    expect(posted.sort()).toEqual(said);
    for (const texts of [slack.posts, mails()]) {
      expect(texts.map((text) => /\[(?:FIRING|RESOLVED):\d+\] \w+/.exec(text)?.[0]).sort()).toEqual(said);
    }
  });
});

describe('Prometheus', () => {
  it('has nothing to say against what it scrapes', async () => {
    const headers = { authorization: `Bearer ${access.token}`, ...inProject };
    const scraped = await fetch(`${access.url}/metrics`, { headers });
    expect(scraped.status).toBe(200);
    const body = await scraped.text();
    expect(body).toMatch(new RegExp(`^novacron_vm_cpu_utilization_ratio\\{.*vm="${hot}".*\\} `, 'm'));
    const checking = spawn(PROMTOOL, ['check', 'metrics']);
    checking.stdin.end(body);
    const [said, code] = await Promise.all([
      text(checking.stderr),
      new Promise((ended) => checking.once('close', ended)),
    ]);
    expect([code, said]).toEqual([0, '']);
  });
});
