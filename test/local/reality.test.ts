import { afterAll, describe, expect, it } from 'vitest';
import { api, eventually, findVm, novacron, run } from './plane.ts';

/** What happens outside NovaCron is seen: strangers, a guest that shuts itself down, a domain that somebody deletes; and a cancelled create leaves nothing. */
const suffix = Date.now().toString(36).slice(-5);
const stranger = `stranger-${suffix}`;
const ours = `ours-${suffix}`;
const virsh = (...args: string[]) => run('virsh', ['-c', 'qemu:///system', ...args]);

const XML = `<domain type='qemu'><name>${stranger}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`;

afterAll(async () => {
  await virsh('undefine', stranger);
  await novacron('vm', 'delete', ours, '--yes', '--purge');
});

describe('reality', () => {
  it('a domain made by hand appears, read-only, and is never touched', async () => {
    const defined = await run('bash', ['-c', `printf '%s' "$0" | virsh -c qemu:///system define /dev/stdin`, XML]);
    expect(defined.code, defined.stderr).toBe(0);
    const vm = await eventually('the stranger is listed', 30, () => findVm(stranger));
    expect(vm).toMatchObject({ managed: false, provider: 'kvm', state: 'stopped', actions: [] });
    const refused = await api('DELETE', `/v1/vms/${vm.id}`);
    expect(refused.json).toMatchObject({ status: 409, code: 'VmNotManaged' });
    await virsh('undefine', stranger);
    await eventually('it is gone from the list', 60, async () => (await findVm(stranger)) === undefined);
  });

  it('a guest that is shut down from inside, and one that is deleted outside, are seen in seconds', async () => {
    const created = await novacron(
      'vm',
      'create',
      '--provider',
      'kvm',
      '--image',
      'test',
      '--name',
      ours,
      '--host',
      'local',
    );
    expect(created.code, created.stderr).toBe(0);
    const { id, providerId } = await findVm(ours);
    const shutDown = ['qemu-agent-command', providerId, '{"execute":"guest-shutdown"}'];
    // it never answers; an agent that has let go of its channel for a moment is asked again
    await eventually(
      'its agent is there',
      30,
      async () => !(await virsh(...shutDown)).stderr.includes('not connected'),
    );
    await eventually('it is stopped', 40, async () => (await api('GET', `/v1/vms/${id}`)).json.state === 'stopped');
    await virsh('undefine', providerId);
    await eventually('it is lost', 30, async () => (await api('GET', `/v1/vms/${id}`)).json.state === 'lost');
  });

  it('a create that is cancelled leaves nothing', async () => {
    const name = `cancelled-${suffix}`;
    const asked = await api('POST', '/v1/vms', { name, provider: 'kvm', image: 'test', kvm: { host: 'local' } });
    expect(asked.status, JSON.stringify(asked.json)).toBe(202);
    await eventually('it is under way', 60, async () => {
      const { json } = await api('GET', `/v1/operations/${asked.json.id}`);
      return json.steps.some(
        (step: { name: string; state: string }) => step.name === 'Await Ready' && step.state === 'running',
      );
    });
    expect((await api('POST', `/v1/operations/${asked.json.id}/cancel`)).status).toBeLessThan(300);
    const operation = await eventually('it is cancelled', 90, async () => {
      const { json } = await api('GET', `/v1/operations/${asked.json.id}`);
      return ['cancelled', 'failed', 'succeeded'].includes(json.state) ? json : undefined;
    });
    expect(operation.state).toBe('cancelled');
    expect((await virsh('list', '--all', '--name')).stdout).not.toContain(name);
  });
});
