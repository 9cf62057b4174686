import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePrometheus, PROMTOOL } from '../../local/prerequisites.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { access, api, eventually, novacron, novacronJson, plane, virshOn } from './plane.ts';

/** From what a real guest does to what a real webhook is posted: measured by the host unit, looked at by a rule, told by a route. */
const suffix = Date.now().toString(36).slice(-5);
const name = `hot-${suffix}`;
const project = `eyes-${suffix}`;
const inProject = { 'novacron-project': project };
const CPU = 'vm.cpu.utilization';

let receiver: WebhookReceiver;
const typed = (...words: string[]) => novacron(...words, '--project', project);
beforeAll(async () => {
  receiver = await startWebhookReceiver(`10.79.${plane.port % 250}.2`);
  expect((await api('POST', '/v1/projects', { id: project })).status).toBe(201);
  const how = ['--provider', 'kvm', '--image', 'test', '--name', name, '--host', 'local'];
  const created = await typed('vm', 'create', ...how);
  expect(created.code, created.stderr).toBe(0);
  await ensurePrometheus(console.log);
});
afterAll(async () => {
  await typed('vm', 'delete', name, '--yes', '--purge');
  await api('DELETE', `/v1/projects/${project}`);
  await receiver.close();
});

interface Top {
  readonly items: readonly { readonly name: string; readonly values: Readonly<Record<string, number>> }[];
}

const valuesOf = async () => {
  const { items } = await novacronJson<Top>('vm', 'top', '-f', `name=${name}`, '--project', project);
  return items[0]?.values ?? {};
};

/** Runs a program in the guest, and answers its process id there. */
const inGuest = async (...words: string[]): Promise<number> => {
  const { providerId } = await novacronJson<{ readonly providerId: string }>('vm', 'get', name, '--project', project);
  const [path, ...arg] = words;
  const asked = JSON.stringify({ execute: 'guest-exec', arguments: { path, arg } });
  const ran = await virshOn('local', 'qemu-agent-command', providerId, asked);
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout).return.pid;
};

describe('what a guest does', () => {
  it('is measured, and shown', async () => {
    const values = await eventually('it is measured', 60, async () => {
      const known = await valuesOf();
      return CPU in known && known;
    });
    // The guest has a balloon driver, which tells what it uses.
    expect(Object.keys(values)).toEqual(expect.arrayContaining(['vm.memory.allocated', 'vm.disk.write.bytes']));
    const drawn = await typed('vm', 'metrics', name, '--since', '10m');
    expect(drawn.stdout).toMatch(/vm\.cpu\.utilization +\S+ % /);
    const machine = await novacron('host', 'top');
    expect(machine.stdout).toMatch(/^local +\S+ +[\d.]+ %/m);
  });

  it('fires a rule, is told to a webhook, and is over when it is over', async () => {
    const yaml = `route: { receiver: hooks, group_by: [alertname, vm], group_wait: 0s, group_interval: 5s }
receivers: [{ name: hooks, webhook_configs: [{ url: '${receiver.url}/hot' }] }]
`;
    const set = await api('POST', '/v1/routes', { yaml }, inProject);
    expect(set.status, JSON.stringify(set.json)).toBe(200);
    const made = await typed('rule', 'create', 'hot', '--metric', CPU, '--above', '0.5', '--matcher', `vm="${name}"`);
    expect(made.code, made.stderr).toBe(0);
    const told = (status: string) =>
      eventually(`the webhook is told that it is ${status}`, 120, async () =>
        receiver.posts.find((post) => post.status === status && post.alerts.some(({ labels }) => labels.vm === name)),
      );
    const pid = await inGuest('/bin/sh', '-c', 'while :; do :; done');
    expect((await told('firing')).alerts[0]?.labels).toMatchObject({ vm: name, host: 'local', provider: 'kvm' });
    await inGuest('/bin/sh', '-c', `kill ${pid}`);
    await told('resolved');
  });
});

describe('Prometheus', () => {
  it('has nothing to say against what it scrapes', async () => {
    const headers = { authorization: `Bearer ${access.token}`, ...inProject };
    const scraped = await fetch(`${access.url}/metrics`, { headers });
    expect(scraped.status).toBe(200);
    const body = await scraped.text();
    expect(body).toMatch(new RegExp(`^novacron_vm_cpu_utilization_ratio\\{.*vm="${name}".*\\} `, 'm'));
    const checking = spawn(PROMTOOL, ['check', 'metrics']);
    checking.stdin.end(body);
    const [said, code] = await Promise.all([
      text(checking.stderr),
      new Promise((ended) => checking.once('close', ended)),
    ]);
    expect([code, said]).toEqual([0, '']);
  });
});
