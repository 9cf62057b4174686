import { afterAll, describe, expect, it } from 'vitest';
import { api, eventually, labHosts, novacron, plane, virshOn } from './plane.ts';

/** A host that falls silent, and what the plane says of it and of its VMs; nothing on it stops. */
interface HostView {
  readonly id: string;
  readonly state: string;
  readonly beatAt: string;
}
const K = '2';
const name = `far-${Date.now().toString(36).slice(-5)}`;
const host = async (): Promise<HostView> => {
  const known = plane.hosts.find((each) => each.name === `h${K}`);
  return (await api('GET', `/v1/hosts/${known?.hostId}`)).json;
};
const vm = async () => (await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`)).json.items[0];

afterAll(async () => {
  await labHosts('heal', K);
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

    expect((await labHosts('partition', K)).code).toBe(0);
    await eventually('the host is unreachable', 90, async () => (await host()).state === 'unreachable');
    expect(
      await eventually('its VM is unknown', 30, async () => ((await vm()).state === 'unknown' ? vm() : undefined)),
    ).toMatchObject({
      state: 'unknown',
      lastState: 'running',
    });
    expect((await virshOn(`h${K}`, 'domstate', providerId)).stdout.trim()).toBe('running');

    expect((await labHosts('heal', K)).code).toBe(0);
    await eventually('the host is ready', 90, async () => (await host()).state === 'ready');
    await eventually('its VM is running', 60, async () => (await vm()).state === 'running');
  });
});
