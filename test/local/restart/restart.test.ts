import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { api, eventually, novacron, ROOT, run } from '../plane.ts';

/** npm stop and npm start keep everything: VMs of both providers, operations, tokens. */
const suffix = Date.now().toString(36).slice(-5);
const names = [`keep-${suffix}-k`, `keep-${suffix}-e`] as const;
const script = (name: string) => run(process.execPath, [join(ROOT, 'local', name)]);
const find = async (name: string) =>
  (await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`)).json.items[0];

afterAll(async () => {
  await novacron('vm', 'delete', ...names, '--yes', '--purge');
});

describe('npm stop, npm start', () => {
  it('keeps VMs of both providers', async () => {
    const kvm = await novacron(
      'vm',
      'create',
      '--provider',
      'kvm',
      '--image',
      'test',
      '--name',
      names[0],
      '--host',
      'local',
    );
    expect(kvm.code, kvm.stderr).toBe(0);
    const ec2 = await novacron(
      'vm',
      'create',
      '--provider',
      'ec2',
      '--image',
      'al2023',
      '--size',
      'small',
      '--name',
      names[1],
    );
    expect(ec2.code, ec2.stderr).toBe(0);
    const before = [await find(names[0]), await find(names[1])];

    const stopped = await script('stop.ts');
    expect(stopped.code, stopped.stderr).toBe(0);
    await expect(api('GET', '/v1/health')).rejects.toThrow();
    const started = await script('start.ts');
    expect(started.code, started.stdout + started.stderr).toBe(0);

    for (const vm of before) {
      const now = await eventually(`${vm.name} is running`, 90, async () => {
        const { json } = await api('GET', `/v1/vms/${vm.id}`);
        return json.state === 'running' ? json : undefined;
      });
      expect(now).toMatchObject({ id: vm.id, providerId: vm.providerId });
    }
    // what was kept is not only a picture of it: the instance can be worked with
    expect((await novacron('vm', 'stop', names[1])).code).toBe(0);
    expect((await novacron('vm', 'stop', names[0])).code).toBe(0);
  });
});
