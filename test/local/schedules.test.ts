import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, eventually, HOME, novacron, novacronJson } from './plane.ts';

/** A schedule over both worlds, by the clock of the plane: the timer comes each minute, as it does on AWS. */
interface Schedule {
  readonly id: string;
  readonly lastRun?: {
    readonly want: string;
    readonly vms: number;
    readonly begun: number;
    readonly late?: readonly object[];
  };
}

const suffix = Date.now().toString(36).slice(-5);
const [ec2, kvm, office] = [`plan-${suffix}-e`, `plan-${suffix}-k`, `office-${suffix}`];
const TAG = `plan=${suffix}`;

const succeed = async (...args: string[]): Promise<string> => {
  const ran = await novacron(...args);
  expect(ran.code, ran.stderr).toBe(0);
  return ran.stdout;
};
const stateOf = async (name: string): Promise<string> =>
  (await novacronJson<{ state: string }>('vm', 'get', name)).state;
const get = () => novacronJson<Schedule>('schedule', 'get', office);
const bothAre = (state: string) =>
  eventually(`both are ${state}`, 180, async () => {
    const states = [await stateOf(ec2), await stateOf(kvm)];
    return states.every((each) => each === state) ? states : undefined;
  });

beforeAll(async () => {
  const create = ['vm', 'create', '--tag', TAG];
  await succeed(...create, '--size', 'micro', '--provider', 'ec2', '--image', 'al2023', '--name', ec2);
  // Nothing listens there: it runs, and is never ready.
  const never = ['--ready', 'port:9', '--ready-timeout', '10s'];
  await succeed(...create, '--size', 'micro', '--provider', 'kvm', '--image', 'test', ...never, '--name', kvm);
});
afterAll(async () => {
  await novacron('schedule', 'delete', office, '--yes');
  for (const name of [ec2, kvm]) await novacron('vm', 'delete', name, '--yes', '--purge');
});

describe('a schedule', () => {
  it('tells what it will do to VMs of both worlds, and what that saves', async () => {
    const when = ['--zone', 'UTC', '--period', 'daily 00:00-24:00', '--grace', '1'];
    await succeed('schedule', 'create', office, '--filter', `tag:${TAG}`, ...when);
    const preview = await succeed('schedule', 'preview', office, '--days', '2');
    expect(preview).toMatch(new RegExp(`${ec2}.*list[\\s\\S]*${kvm}.*estimate`));
    expect(preview).toContain('█'.repeat(48));
  });

  it('is put aside by an override: the timer stops both, in its own name', async () => {
    const shown = await succeed('schedule', 'override', office, '--want', 'down', '--until', '1h', '--note', 'release');
    expect(shown).toMatch(/Override +down .*: release/);
    await bothAre('stopped');
    const { id, lastRun } = await get();
    expect(lastRun).toMatchObject({ want: 'down', vms: 2, begun: 2 });
    const { json } = await api('GET', `/v1/operations?by=${encodeURIComponent(`schedule:${id}`)}`);
    expect(json.items.map(({ kind, state }: { kind: string; state: string }) => [kind, state])).toEqual([
      ['stop-vm', 'succeeded'],
      ['stop-vm', 'succeeded'],
    ]);
    expect(await succeed('vm', 'schedule', kvm)).toMatch(new RegExp(`Schedule +${office}[\\s\\S]*Wanted +down`));
  });

  it('has them again when that ends, and tells people of the one that is not ready in time, and why', async () => {
    await succeed('schedule', 'end-override', office);
    await bothAre('running');
    const folder = join(HOME, 'state', 'outbox');
    const mail = await eventually('the e-mail', 240, async () =>
      readdirSync(folder)
        .map((file) => readFileSync(join(folder, file), 'utf8'))
        .find((text) => text.includes(`by schedule ${office}`)),
    );
    expect(mail).toContain(`${kvm} should be up`);
    expect(mail).not.toContain(ec2);
    expect((await get()).lastRun?.late).toMatchObject([{ vmName: kvm, state: 'running' }]);
  });
});
