import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planeClient } from '../../support/plane-client.ts';
import { api, eventually, findVm, HOME, novacron, novacronJson, ROOT, run, virshOn } from '../plane.ts';

/** What is kept over a stop, and over a kill: VMs of both providers, operations, tokens. */
interface VmView {
  readonly id: string;
  readonly name: string;
  readonly providerId: string;
}

const suffix = Date.now().toString(36).slice(-5);
const kvm = `keep-${suffix}-k`;
const ec2 = `keep-${suffix}-e`;
const script = (name: string) => run(process.execPath, [join(ROOT, 'local', name)]);

const succeed = async (...args: string[]): Promise<void> => {
  const ran = await novacron(...args);
  expect(ran.code, ran.stderr).toBe(0);
};

const startAgain = async (): Promise<void> => {
  const started = await script('start.ts');
  expect(started.code, started.stdout + started.stderr).toBe(0);
};

const inState = (vm: VmView, state: string): Promise<VmView> =>
  eventually(`${vm.name} is ${state}`, 90, async () => {
    const { json } = await api('GET', `/v1/vms/${vm.id}`);
    return json.state === state ? json : undefined;
  });

/** From when on everything is saved, as the emulator notes it when a save is complete. */
const savedSince = (): number => Number(readFileSync(join(HOME, 'state', 'parts', 'saved'), 'utf8')) * 1000;

const saved = (): Promise<boolean> => {
  const now = Date.now();
  return eventually('the next save is complete', 60, async () => savedSince() > now);
};

beforeAll(async () => {
  await Promise.all([
    succeed('vm', 'create', '--provider', 'kvm', '--image', 'test', '--name', kvm, '--host', 'local'),
    succeed('vm', 'create', '--provider', 'ec2', '--image', 'al2023', '--size', 'small', '--name', ec2),
  ]);
});

afterAll(async () => {
  await novacron('vm', 'delete', kvm, ec2, '--yes', '--purge');
});

describe('npm stop, npm start', () => {
  it('keeps VMs of both providers', async () => {
    const before = [await findVm(kvm), await findVm(ec2)];

    const stopped = await script('stop.ts');
    expect(stopped.code, stopped.stderr).toBe(0);
    await expect(api('GET', '/v1/health')).rejects.toThrow();
    await startAgain();

    for (const vm of before) {
      expect(await inState(vm, 'running')).toMatchObject({ id: vm.id, providerId: vm.providerId });
    }
    // what was kept is not only a picture of it: the instance can be worked with
    await succeed('vm', 'stop', ec2);
  });
});

describe('kill -9, npm start', () => {
  const EC2_PART = join(HOME, 'state', 'parts', 'ec2.state');
  const older = join(HOME, 'ec2.older');

  /** Changes a VM right after a save, so that the kill comes before the next one, which is three seconds away at least. */
  const changeUnsaved = async (vm: VmView): Promise<void> => {
    for (;;) {
      const last = savedSince();
      while (savedSince() === last) await sleep(50);
      const begun = Date.now();
      expect((await api('PATCH', `/v1/vms/${vm.id}`, { tags: { when: 'unsaved' } })).status).toBe(200);
      if (Date.now() - begun < 2500) return;
      expect((await api('PATCH', `/v1/vms/${vm.id}`, { tags: { when: 'saved' } })).status).toBe(200);
    }
  };

  const kill = async (): Promise<void> => {
    const { pid } = planeClient(HOME).plane.emulator ?? {};
    if (pid === undefined) throw new Error('no emulator is noted');
    process.kill(pid, 'SIGKILL');
    await eventually('nothing answers', 10, () =>
      api('GET', '/v1/health').then(
        () => false,
        () => true,
      ),
    );
  };

  it('the last save is back; what differs from the providers is told and put right', async () => {
    await saved();
    copyFileSync(EC2_PART, older);
    await succeed('vm', 'start', ec2);
    await succeed('vm', 'update', ec2, '--tag', 'when=saved');
    const [ours, instance] = [await findVm(kvm), await findVm(ec2)];
    await saved();
    await changeUnsaved(instance);
    await kill();
    // EC2's file is a save behind the others, as a kill amid a save leaves them; and the host lives on without the plane
    copyFileSync(older, EC2_PART);
    expect((await virshOn('local', 'destroy', ours.providerId)).code).toBe(0);

    await startAgain();
    expect(await findVm(ec2)).toMatchObject({ id: instance.id, tags: { when: 'saved' } });
    const told = await novacronJson<{ checked: number }>('reconcile');
    expect(told.checked).toBeGreaterThan(0);
    expect(await findVm(ec2)).toMatchObject({ providerId: instance.providerId, state: 'stopped' });
    expect(await inState(ours, 'stopped')).toMatchObject({ providerId: ours.providerId });
    // both can be worked with
    await succeed('vm', 'start', ec2, kvm);
  });
});
