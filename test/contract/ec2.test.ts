import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateLaunchTemplateCommand,
  DeleteLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import type { Action } from '../../lambdas/providers/ec2/actions.ts';
import { carryOut, type Result } from '../../lambdas/providers/ec2/carry-out.ts';
import type { RegionClients } from '../../lambdas/providers/ec2/clients.ts';
import { listInstances } from '../../lambdas/providers/ec2/list.ts';
import { ec2Provider } from '../../lambdas/providers/ec2/provider.ts';
import { ec2Error } from '../support/aws.ts';
import { type AwsProxy, startAwsProxy } from '../support/aws-proxy.ts';
import { anEc2Spec, anEc2Vm, clientsOf, livingInstances } from '../support/ec2.ts';
import { contractOf, type Harness } from './provider-contract.ts';

const INSTALLATION = 'contract';

/** The emulated AWS: of the plane that test/plane.sh started, or any that EMULATOR_URL names. */
const emulatorUrl = (): string => {
  if (process.env.EMULATOR_URL !== undefined) return process.env.EMULATOR_URL;
  const home = resolve(process.env.NOVACRON_HOME ?? join(import.meta.dirname, '../../.novacron'));
  return `http://127.0.0.1:${JSON.parse(readFileSync(join(home, 'plane.json'), 'utf8')).port}`;
};

/** A tenth of the patience that AWS needs: the emulator shows at once what it has. */
const pause = (milliseconds: number) => sleep(milliseconds / 10);

const noUserData = async () => '';

/** Carries out at once, and alone, what the plane's queue would gather; keeps what its wait would be told. */
const alone = (clients: RegionClients) => {
  const told = new Map<string, Result>();
  const rows = new Map<string, Vm>();
  const order = async (action: Action): Promise<void> => {
    const around = {
      installation: INSTALLATION,
      clients,
      vmOf: async () => rows.get(action.vmId) ?? anEc2Vm({ id: action.vmId }),
      tell: async () => undefined,
    };
    told.set(action.vmId, (await carryOut(around, [action])).get(action));
  };
  /** What was told of the VM since it was asked last. @throws the Fault it came to */
  const heard = (vm: Vm): Partial<Observed> | undefined => {
    const result = told.get(vm.id);
    told.delete(vm.id);
    if (result === undefined) return undefined;
    if (!('outcome' in result)) throw 'fault' in result ? result.fault : result.later;
    return result.outcome.observed ?? { state: 'deleted' };
  };
  return { order, heard, rows };
};

const open = async (proxy: AwsProxy): Promise<Harness> => {
  const clients = clientsOf(proxy.url);
  const { order, heard } = alone(clients);
  const provider = ec2Provider({
    installation: INSTALLATION,
    userData: noUserData,
    clients: () => clients,
    pause,
    order,
  });
  const finish = async (vm: Vm, _: unknown, wanted: Vm['state']): Promise<Partial<Observed>> => {
    const observed = heard(vm);
    if (observed) return observed;
    await expect.poll(async () => (await provider.describe(vm))?.state, { timeout: 30_000 }).toBe(wanted);
    return (await provider.describe(vm)) ?? {};
  };
  return {
    provider,
    newVm: anEc2Vm,
    context: {},
    finish,
    observe: (vm) => provider.describe(vm),
    count: async (vm) => (await livingInstances(clients.ec2, vm.id)).length,
    hibernating: () => ({ spec: anEc2Spec({ ec2: { hibernate: true } }) }),
    cutNextCreate: () => proxy.cut('RunInstances'),
    close: proxy.close,
  };
};

const emulator = emulatorUrl();
contractOf('EC2 as it is', async () => open(await startAwsProxy({ target: emulator })));

describe.each([
  ['honours', false],
  ['ignores', true],
])('a launch on an EC2 that %s client tokens', (_, dropTokens) => {
  let proxy: AwsProxy;
  let place: Harness;
  const clients = clientsOf(emulator);
  beforeAll(async () => {
    proxy = await startAwsProxy({ target: emulator, dropTokens });
    place = await open(proxy);
  });
  afterAll(() => proxy.close());

  const ask = (vm: Vm, attempt = 1) => ({
    operationId: `op-${vm.id.slice(3)}0123456789`,
    attempt,
    notAfter: '2099-01-01T00:00:00.000Z',
  });
  const create = (vm: Vm, attempt?: number) => place.provider.create(vm, {}, ask(vm, attempt));

  it('keeps one instance whose reply was cut, in the same attempt', async () => {
    const vm = anEc2Vm();
    proxy.cut('RunInstances');
    const { observed } = await create(vm);
    expect(await livingInstances(clients.ec2, vm.id)).toEqual([observed?.providerId]);
    await place.provider.undoCreate(vm, ask(vm, 2));
  });

  it('keeps one instance whose reply was cut, though Describe lags by two looks', async () => {
    const vm = anEc2Vm();
    proxy.cut('RunInstances');
    proxy.blind('DescribeInstances', 4);
    const { observed } = await create(vm);
    expect(await livingInstances(clients.ec2, vm.id)).toEqual([observed?.providerId]);
    await place.provider.undoCreate(vm, ask(vm, 2));
  });

  it('keeps one instance over three attempts, each of which lost its reply', async () => {
    const vm = anEc2Vm();
    for (const attempt of [1, 2, 3]) {
      proxy.cut('RunInstances');
      await create(vm, attempt);
    }
    expect(await livingInstances(clients.ec2, vm.id)).toHaveLength(1);
    await place.provider.undoCreate(vm, ask(vm, 4));
  });

  it('keeps one instance of two calls that race', async () => {
    const vm = anEc2Vm();
    await Promise.allSettled([create(vm), create(vm)]);
    await create(vm, 2);
    expect(await livingInstances(clients.ec2, vm.id)).toHaveLength(1);
    await place.provider.undoCreate(vm, ask(vm, 3));
    expect(await livingInstances(clients.ec2, vm.id)).toEqual([]);
  });
});

describe('an EC2 VM', () => {
  const clients = clientsOf(emulator);
  const { order, heard, rows } = alone(clients);
  const provider = ec2Provider({ installation: INSTALLATION, userData: noUserData, clients: () => clients, order });
  const remove = async (vm: Vm): Promise<void> => {
    rows.set(vm.id, vm);
    await provider.remove(vm, { purge: true }, ask);
    heard(vm);
  };
  const ask = { operationId: 'op-0123456789abcdefghjkmnpqrs', attempt: 1, notAfter: '2099-01-01T00:00:00.000Z' };

  const launched = async (changes: Partial<Vm> = {}): Promise<Vm> => {
    const vm = anEc2Vm(changes);
    const { observed } = await provider.create(vm, {}, { ...ask, operationId: `op-${vm.id.slice(3)}0123456789` });
    return { ...vm, ...(observed?.providerId === undefined ? {} : { providerId: observed.providerId }) };
  };
  const instanceOf = async (vm: Vm) => {
    const ids = { InstanceIds: vm.providerId === undefined ? [] : [vm.providerId] };
    const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand(ids));
    return Reservations[0]?.Instances?.[0];
  };

  it('has its marks on instance and volume, and an encrypted root of the size asked for', async () => {
    const vm = await launched({ spec: anEc2Spec({ diskGiB: 12 }) });
    const instance = await instanceOf(vm);
    const volumeId = instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
    const { Volumes = [] } = await clients.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    const marks = {
      'novacron:installation': INSTALLATION,
      'novacron:managed': 'true',
      'novacron:vm': vm.id,
      env: 'test',
    };
    for (const tags of [instance?.Tags, Volumes[0]?.Tags]) {
      expect(Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]))).toMatchObject(marks);
    }
    expect(instance?.MetadataOptions?.HttpTokens).toBe('required');
    expect(Volumes[0]).toMatchObject({ Encrypted: true, Size: 12 });
    await remove(vm);
  });

  it('has encrypted disks only, those of its launch template too', async () => {
    const LaunchTemplateName = `disks-${process.pid}-${Date.now()}`;
    const BlockDeviceMappings = [{ DeviceName: '/dev/sdg', Ebs: { VolumeSize: 3, Encrypted: false } }];
    await clients.ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: { BlockDeviceMappings } }),
    );
    const volumes = [{ device: '/dev/sdf', sizeGiB: 2, type: 'gp3' }];
    const vm = await launched({ spec: anEc2Spec({ ec2: { launchTemplate: LaunchTemplateName, volumes } }) });
    const ids = (await instanceOf(vm))?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId ?? '') ?? [];
    const { Volumes = [] } = await clients.ec2.send(new DescribeVolumesCommand({ VolumeIds: ids }));
    expect(Volumes.map(({ Size = 0, Encrypted }) => [Size, Encrypted]).sort()).toEqual([
      [10, true],
      [2, true],
      [3, true],
    ]);
    await remove(vm);
    await clients.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName }));
  });

  it.each(['al2023', 'ubuntu-24.04', 'debian-12'])('boots %s on x86_64 and arm64', async (image) => {
    for (const [type, architecture] of [
      ['t3.small', 'x86_64'],
      ['t4g.small', 'arm64'],
    ] as const) {
      const vm = await launched({ image, spec: anEc2Spec({ image, ec2: { instanceTypes: [type] } }) });
      expect(await instanceOf(vm)).toMatchObject({ InstanceType: type, Architecture: architecture });
      await remove(vm);
    }
  });

  it('refuses an AMI that does not exist', async () => {
    const vm = anEc2Vm({ spec: anEc2Spec({ image: 'ami-00000000000000000' }) });
    await expect(provider.create(vm, {}, ask)).rejects.toMatchObject({ name: 'SpecRefused' });
  });

  it('keeps a protected VM, and removes it once the protection was taken off here', async () => {
    const vm = await launched({ deletionProtection: true });
    await expect(remove(vm)).rejects.toMatchObject({ name: 'VmProtected' });
    await remove({ ...vm, deletionProtection: false });
    expect(await livingInstances(clients.ec2, vm.id)).toEqual([]);
  });

  it('starts as the next of its types where EC2 has none of the first left', async () => {
    const types = ['t3.small', 't3a.small'];
    const vm = await launched({ instanceType: 't3.small', spec: anEc2Spec({ ec2: { instanceTypes: types } }) });
    rows.set(vm.id, vm);
    const isSeen = (state: Vm['state'], instanceType: string) =>
      expect
        .poll(() => provider.describe(vm), { timeout: 30_000, interval: 200 })
        .toMatchObject({ state, instanceType });
    await isSeen('running', 't3.small');
    await provider.stop(vm, { mode: 'stop', graceSeconds: 60, force: false, skipOsShutdown: false }, ask);
    await isSeen('stopped', 't3.small');
    let isFirst = true;
    clients.changing.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const lacks = commandName === 'StartInstancesCommand' && isFirst;
          if (lacks) isFirst = false;
          if (lacks) throw ec2Error('InsufficientInstanceCapacity', 'none left', 500);
          return next(args);
        },
      { step: 'initialize', name: 'none-left' },
    );
    await provider.start(vm, ask).finally(() => clients.changing.middlewareStack.remove('none-left'));
    heard(vm);
    await isSeen('running', 't3a.small');
    await remove(vm);
  });

  it('is listed with its disks and the mark of this installation only', async () => {
    const vm = await launched();
    const where = { account: '000000000000', region: 'us-east-1' };
    const seenBy = async (installation: string) => {
      const all = await Array.fromAsync(listInstances(clients.ec2, { installation, ...where }));
      return all.find(({ providerId }) => providerId === vm.providerId);
    };
    expect(await seenBy(INSTALLATION)).toMatchObject({ vmId: vm.id, name: 'web-2', disks: [{ boot: true }] });
    expect(await seenBy('another')).not.toHaveProperty('vmId');
    await remove(vm);
  });
});
