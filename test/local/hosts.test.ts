import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { api, eventually, HOME, novacron, plane, ROOT, run } from './plane.ts';

/** A host that falls silent, and what the plane says of it and of its VMs; nothing on it stops. */
interface HostView {
  readonly id: string;
  readonly state: string;
  readonly beatAt: string;
}
const K = '2';
const name = `far-${Date.now().toString(36).slice(-5)}`;
const lab = {
  NOVACRON_LAB: join(HOME, 'hosts'),
  NOVACRON_LAB_NET: `10.78.${plane.port % 250}`,
  NOVACRON_FORWARD: String(plane.port),
};
const hosts = (...args: string[]) => run('bash', [join(ROOT, 'local/hosts.sh'), ...args], lab);
const host = async (): Promise<HostView> => {
  const known = plane.hosts.find((each) => each.name === `h${K}`);
  return (await api('GET', `/v1/hosts/${known?.hostId}`)).json;
};
const vm = async () => (await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`)).json.items[0];

afterAll(async () => {
  await hosts('heal', K);
  await novacron('vm', 'delete', name, '--yes', '--purge');
});

describe('a host that falls silent', () => {
  it('is unreachable, its VMs unknown and still running; when it is heard again both are as they were', async () => {
    const created = await novacron(
      'vm',
      'create',
      '--provider',
      'kvm',
      '--image',
      'test',
      '--name',
      name,
      '--host',
      `h${K}`,
      '--ready',
      'running',
    );
    expect(created.code, created.stderr).toBe(0);
    const { providerId } = await vm();

    expect((await hosts('partition', K)).code).toBe(0);
    await eventually('the host is unreachable', 90, async () => (await host()).state === 'unreachable');
    expect(
      await eventually('its VM is unknown', 30, async () => ((await vm()).state === 'unknown' ? vm() : undefined)),
    ).toMatchObject({
      state: 'unknown',
      lastState: 'running',
    });
    const uri = (await hosts('uri', K)).stdout.trim();
    expect((await run('virsh', ['-c', uri, 'domstate', providerId])).stdout.trim()).toBe('running');

    expect((await hosts('heal', K)).code).toBe(0);
    await eventually('the host is ready', 90, async () => (await host()).state === 'ready');
    await eventually('its VM is running', 60, async () => (await vm()).state === 'running');
  });
});
