import { afterAll, describe, expect, it } from 'vitest';
import { api, eventually, novacron, novacronJson, virshOn } from './plane.ts';

/** The README's session, typed as it stands there, on the real stacks, the embedded AWS and the real libvirt. */
interface VmView {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly state: string;
  readonly ready: { status: string; reason: string; message: string };
  readonly providerId: string;
  /** Placement may choose any host of the plane. */
  readonly location: { readonly hostName: string };
  readonly addresses: string[];
}

const virsh = async ({ location }: VmView, ...args: string[]): Promise<string> => {
  const ran = await virshOn(location.hostName, ...args);
  if (ran.code !== 0) throw new Error(`virsh ${args.join(' ')} on ${location.hostName}: ${ran.stderr}`);
  return ran.stdout.trim();
};
const suffix = Date.now().toString(36).slice(-5);
const kvm = `web-${suffix}-1`;
const ec2 = `web-${suffix}-2`;

afterAll(async () => {
  await novacron('vm', 'delete', kvm, ec2, '--yes', '--purge');
});

describe('the terminal session of the README', () => {
  it('creates a KVM VM: a real libvirt domain boots and its address is shown', async () => {
    const ran = await novacron('vm', 'create', '--provider', 'kvm', '--image', 'test', '--name', kvm, '--wait');
    expect(ran.stderr + ran.stdout).toMatch(/Launch/);
    expect(ran.code, ran.stderr).toBe(0);
    const vm = await novacronJson<VmView>('vm', 'get', kvm);
    expect(vm).toMatchObject({ provider: 'kvm', state: 'running', ready: { status: 'true' } });
    expect(vm.addresses[0]).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(await virsh(vm, 'domstate', vm.providerId)).toBe('running');
    expect(ran.stdout).toContain(vm.addresses[0]);
  });

  it('creates an EC2 instance', async () => {
    const ran = await novacron(
      'vm',
      'create',
      '--provider',
      'ec2',
      '--image',
      'al2023',
      '--size',
      'small',
      '--name',
      ec2,
    );
    expect(ran.code, ran.stderr).toBe(0);
    expect(await novacronJson<VmView>('vm', 'get', ec2)).toMatchObject({
      provider: 'ec2',
      state: 'running',
      providerId: expect.stringMatching(/^i-[0-9a-f]+$/),
    });
  });

  it('lists both in one table', async () => {
    const ran = await novacron('vm', 'list');
    expect(ran.code).toBe(0);
    const line = (name: string) => ran.stdout.split('\n').find((text) => text.includes(name));
    expect(line(kvm)).toMatch(/kvm/);
    expect(line(ec2)).toMatch(/ec2/);
  });

  it('stops and starts the KVM VM', async () => {
    expect((await novacron('vm', 'stop', kvm)).code).toBe(0);
    const vm = await novacronJson<VmView>('vm', 'get', kvm);
    const { providerId } = vm;
    expect(await virsh(vm, 'domstate', providerId)).toBe('shut off');
    expect((await novacron('vm', 'start', kvm)).code).toBe(0);
    expect(await novacronJson<VmView>('vm', 'get', kvm)).toMatchObject({ state: 'running' });
    expect(await virsh(vm, 'domstate', providerId)).toBe('running');
  });

  it('stops and starts the EC2 instance', async () => {
    expect((await novacron('vm', 'stop', ec2)).code).toBe(0);
    expect(await novacronJson<VmView>('vm', 'get', ec2)).toMatchObject({ state: 'stopped' });
    expect((await novacron('vm', 'start', ec2)).code).toBe(0);
    expect(await novacronJson<VmView>('vm', 'get', ec2)).toMatchObject({ state: 'running' });
  });

  it('shows the serial console and the events', async () => {
    const log = await novacron('vm', 'log', kvm);
    expect(log.stdout).toContain('NOVACRON-GUEST READY');
    const events = await api('GET', `/v1/vms/${(await novacronJson<VmView>('vm', 'get', kvm)).id}/events`);
    expect(events.json.items.length).toBeGreaterThan(0);
  });

  it('deletes both, keeps the disks of the KVM VM and brings it back', async () => {
    const vm = await novacronJson<VmView>('vm', 'get', kvm);
    const { providerId } = vm;
    const ran = await novacron('vm', 'delete', kvm, ec2, '--yes');
    expect(ran.code, ran.stderr).toBe(0);
    await eventually(
      'the domain is gone',
      10,
      async () => !(await virsh(vm, 'list', '--all', '--uuid')).includes(providerId),
    );
    expect((await novacron('vm', 'undelete', kvm)).code).toBe(0);
    expect(await virsh(vm, 'domstate', providerId)).toBe('shut off');
    expect((await novacron('vm', 'delete', kvm, '--yes', '--purge')).code).toBe(0);
    expect(await virsh(vm, 'list', '--all', '--uuid')).not.toContain(providerId);
  });
});
