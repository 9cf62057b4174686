import { describe, expect, it } from 'vitest';
import { CreateVm } from '../../lambdas/domain/create-vm.ts';
import { ec2Vm, kvmVm } from '../../lambdas/domain/new-vm.ts';
import { anImage } from '../support/kvm.ts';

const AT = '2026-11-25T10:00:00.000Z';

const MAKING = { id: 'vm-0000000000000001', project: 'default', by: 'oidc:anna', at: AT };
const PLACES = { account: '123456789012', regions: ['eu-central-1'] };

const kvm = (more: object = {}, image = anImage({ minDiskGiB: 0.0625, minMemoryMiB: 64 })) =>
  kvmVm(CreateVm.parse({ name: 'web-1', provider: 'kvm', image: 'test', ...more }), MAKING, image);
const ec2 = (more: object = {}) =>
  ec2Vm(CreateVm.parse({ name: 'web-1', provider: 'ec2', image: 'al2023', ...more }), MAKING, PLACES);

describe('a KVM VM', () => {
  it('has the smallest common size where nothing is said', () => {
    expect(kvm()).toMatchObject({ size: 'micro', vcpus: 1, memoryMiB: 1024, disks: [{ sizeGiB: 8 }] });
    expect(kvm().spec).toMatchObject({ size: 'micro', hostname: 'web-1', kvm: {} });
  });

  it('has the shape that is asked for, and no size then', () => {
    const vm = kvm({ vcpus: 3, memoryMiB: 700, diskGiB: 5, hostname: 'db.example.org', kvm: { network: 'lan' } });
    expect(vm).toMatchObject({ vcpus: 3, memoryMiB: 700, disks: [{ sizeGiB: 5 }] });
    expect(vm.size).toBeUndefined();
    expect(vm.spec).toMatchObject({ diskGiB: 5, hostname: 'db.example.org', kvm: { network: 'lan' } });
    expect(vm.spec?.size).toBeUndefined();
  });

  it('has a disk as large as its image wants, by its size or without one', () => {
    const image = anImage({ minDiskGiB: 11.5 });
    expect(kvm({}, image).disks).toMatchObject([{ sizeGiB: 12 }]);
    expect(kvm({ vcpus: 1, memoryMiB: 512 }).disks).toMatchObject([{ sizeGiB: 1 }]);
  });

  it.each([
    ['memoryMiB', { vcpus: 1, memoryMiB: 64 }, anImage({ minMemoryMiB: 128 })],
    ['diskGiB', { diskGiB: 1 }, anImage({ minDiskGiB: 2 })],
  ])('is refused where its image needs more: %s', (field, more, image) => {
    expect(() => kvm(more, image)).toThrow(
      expect.objectContaining({ name: 'InvalidRequest', errors: [expect.objectContaining({ pointer: `/${field}` })] }),
    );
  });

  it('knows where its user-data lies', () => {
    const body = CreateVm.parse({ name: 'web-1', provider: 'kvm', image: 'test' });
    expect(
      kvmVm(body, { ...MAKING, userDataKey: 'user-data/x' }, anImage({ minDiskGiB: 0.0625, minMemoryMiB: 64 })).spec
        ?.userDataKey,
    ).toBe('user-data/x');
  });
});

describe('the row of a VM that is asked for', () => {
  const common = {
    id: MAKING.id,
    name: 'web-1',
    project: 'default',
    managed: true,
    state: 'pending',
    desired: 'running',
    ready: { status: 'false', reason: 'NotRunning', message: 'The VM is being made.', at: AT },
    nics: [],
    addresses: [],
    tags: {},
    deletionProtection: false,
    by: 'oidc:anna',
    createdAt: AT,
    changedAt: AT,
    version: 1,
  };
  const spec = { ready: 'auto', readyTimeoutSeconds: 300, hostname: 'web-1', sshKeys: [], installAgent: false };

  it('is, on KVM, what it will have', () => {
    const size = { size: 'micro', vcpus: 1, memoryMiB: 1024 };
    expect(kvm()).toEqual({
      ...{ ...common, ...size, provider: 'kvm', location: {}, image: 'test' },
      disks: [{ name: 'vda', sizeGiB: 8, boot: true }],
      spec: { ...spec, ...size, image: 'test', imageId: anImage().id, diskGiB: 8, kvm: {} },
    });
  });

  it('is, on EC2, what it is asked for first', () => {
    expect(ec2({ ec2: { keyName: 'k' } })).toEqual({
      ...{ ...common, provider: 'ec2', image: 'al2023', size: 'micro', instanceType: 't3.micro' },
      location: { account: '123456789012', region: 'eu-central-1' },
      vcpus: 2,
      memoryMiB: 1024,
      disks: [],
      spec: {
        ...spec,
        image: 'al2023',
        size: 'micro',
        ec2: { keyName: 'k', instanceTypes: ['t3.micro', 't3a.micro'] },
      },
    });
    expect(ec2({ type: 'm5.large' }).spec).not.toHaveProperty('size');
    expect(ec2({ type: 'zz9.huge' })).toMatchObject({ vcpus: 0, memoryMiB: 0 });
  });

  it('fits its image to the last MiB and GiB', () => {
    const image = anImage({ minMemoryMiB: 512, minDiskGiB: 3 });
    expect(kvm({ vcpus: 1, memoryMiB: 512, diskGiB: 3 }, image)).toMatchObject({
      memoryMiB: 512,
      disks: [{ sizeGiB: 3 }],
    });
    expect(kvm({ vcpus: 1, memoryMiB: 512 }, image).disks).toMatchObject([{ sizeGiB: 3 }]);
  });

  it.each([
    [{ vcpus: 1, memoryMiB: 64 }, 'memoryMiB: test needs 128 MiB or more', '/memoryMiB', 'test needs 128 MiB or more'],
    [{ diskGiB: 1 }, 'diskGiB: test needs 2 GiB or more', '/diskGiB', 'test needs 2 GiB or more'],
  ])('is refused where its image does not fit: %j', (more, message, pointer, detail) => {
    const image = anImage({ minMemoryMiB: 128, minDiskGiB: 2 });
    expect(() => kvm(more, image)).toThrow(expect.objectContaining({ message, errors: [{ pointer, detail }] }));
  });
});

describe('an EC2 VM', () => {
  it('has the types of its size, in order', () => {
    const vm = ec2({ size: 'small' });
    expect(vm).toMatchObject({ size: 'small', instanceType: 't3.small', vcpus: 2, memoryMiB: 2048 });
    expect(vm.spec?.ec2?.instanceTypes).toEqual(['t3.small', 't3a.small']);
  });

  it.each([
    ['one type', 'm5.large', ['m5.large'], 8192],
    ['several', ['m5.large', 't3.large'], ['m5.large', 't3.large'], 8192],
    ['one that only EC2 knows', 'zz9.huge', ['zz9.huge'], 0],
  ])('has %s, and no size then', (_, type, instanceTypes, memoryMiB) => {
    const vm = ec2({ type });
    expect(vm).toMatchObject({ instanceType: instanceTypes[0], memoryMiB });
    expect(vm.size).toBeUndefined();
    expect(vm.spec?.ec2).toMatchObject({ instanceTypes });
  });

  it('keeps the size of its disk for the launch', () => {
    expect(ec2({ diskGiB: 30 })).toMatchObject({ disks: [], spec: { diskGiB: 30 } });
  });
});
