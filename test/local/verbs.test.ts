import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { access, novacron, novacronJson, ROOT, run, virshOn } from './plane.ts';

/** The verbs of the command line that the README's session does not type, each on the real plane. */
interface VmView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly deletionProtection: boolean;
}
interface Item {
  readonly id: string;
  readonly name: string;
}

const suffix = Date.now().toString(36).slice(-5);
const ec2 = `verb-${suffix}-e`;
const renamed = `verb-${suffix}-f`;
const kvm = `verb-${suffix}-k`;

const succeed = async (...args: string[]): Promise<string> => {
  const ran = await novacron(...args);
  expect(ran.code, ran.stderr).toBe(0);
  return ran.stdout.trim();
};

const refuse = async (why: RegExp, code: number, ...args: string[]): Promise<void> => {
  const ran = await novacron(...args);
  expect(ran.stderr).toMatch(why);
  expect(ran.code).toBe(code);
};

beforeAll(async () => {
  await succeed('vm', 'create', '--provider', 'ec2', '--image', 'al2023', '--size', 'small', '--name', ec2);
});
afterAll(async () => {
  await novacron('host', 'activate', 'local');
  await novacron('vm', 'update', renamed, '--no-deletion-protection');
  await novacron('vm', 'delete', ec2, '--yes');
  await novacron('vm', 'delete', renamed, '--yes');
  await novacron('vm', 'delete', kvm, '--yes', '--purge');
});

describe('vm', () => {
  it('update changes name, tags and deletion protection, and leaves other tags alone', async () => {
    await succeed('vm', 'update', ec2, '--tag', 'env=test', '--tag', 'team=a');
    const changed = await novacronJson<VmView>('vm', 'update', ec2, '--name', renamed, '--deletion-protection');
    expect(changed).toMatchObject({ name: renamed, tags: { env: 'test', team: 'a' }, deletionProtection: true });
    await refuse(/VmProtected/, 1, 'vm', 'delete', renamed, '--yes');
    await succeed('vm', 'update', renamed, '--untag', 'env', '--no-deletion-protection');
    const { tags, deletionProtection } = await novacronJson<VmView>('vm', 'get', renamed);
    expect([tags, deletionProtection]).toEqual([{ team: 'a' }, false]);
    await refuse(/There is no VM/, 1, 'vm', 'get', ec2);
  });

  it('undelete is refused for a VM of EC2, with the reason', async () => {
    await succeed('vm', 'delete', renamed, '--yes');
    await refuse(/ec2/i, 1, 'vm', 'undelete', renamed);
  });
});

describe('image', () => {
  const image = `verb-${suffix}`;

  it('register and delete: it is listed in between', async () => {
    const source = '/var/lib/images/nowhere.qcow2';
    const what = ['--name', image, '--source', source, '--sha256', 'a'.repeat(64), '--format', 'qcow2'];
    expect(await novacronJson<Item>('image', 'register', ...what)).toMatchObject({ name: image, source });
    await refuse(/NameTaken/, 1, 'image', 'register', ...what);
    expect((await novacronJson<Item[]>('image', 'list')).map(({ name }) => name)).toContain(image);
    await succeed('image', 'delete', image, '--yes');
    await refuse(/There is no image/, 1, 'image', 'get', image);
  });
});

describe('window', () => {
  const project = `verb-${suffix}`;
  const ours = ['--project', project];
  const times = ['--filter', `tag:verb=${suffix}`, '--zone', 'Europe/Berlin', '--period'];

  it('is made, changed and deleted; a schedule that names it is up in it, and keeps it', async () => {
    await succeed('project', 'create', project);
    await succeed('calendar', 'create', 'freeze', '--closed', '2026-12-24', ...ours);
    const made = await novacronJson<{ open: boolean; next: unknown[] }>(
      ...['window', 'create', 'patching', ...times, 'daily 00:00-00:01', '--calendar', 'freeze', ...ours],
    );
    expect(made.next).toHaveLength(5);
    await succeed('schedule', 'create', 'office', ...times, '2020-01-01 09:00-18:00', '--window', 'patching', ...ours);
    const wanted = async () =>
      (await novacronJson<{ now?: { want: string; because: string } }>('schedule', 'preview', 'office', ...ours)).now;
    expect((await wanted())?.want).toBe('down');
    const open = await novacronJson<{ open: boolean }>(
      ...['window', 'update', 'patching', '--period', 'daily 00:00-24:00', '--no-calendars', ...ours],
    );
    expect(open.open).toBe(true);
    expect(await wanted()).toMatchObject({ want: 'up', because: 'window patching begins' });
    await refuse(/patching is used by schedule office/, 1, 'window', 'delete', 'patching', '--yes', ...ours);
    expect(await succeed('window', 'export', ...ours)).toContain('daily 00:00-24:00');
    await succeed('schedule', 'update', 'office', '--no-windows', ...ours);
    await succeed('window', 'delete', 'patching', '--yes', ...ours);
    await refuse(/There is no window/, 1, 'window', 'get', 'patching', ...ours);
    await succeed('schedule', 'delete', 'office', '--yes', ...ours);
    await succeed('calendar', 'delete', 'freeze', '--yes', ...ours);
    await succeed('project', 'delete', project, '--yes');
  });
});

describe('token', () => {
  const name = `verb-${suffix}`;
  const as = (token: string, ...args: string[]) =>
    run(process.execPath, [`${ROOT}/cli/novacron.ts`, ...args], { NOVACRON_URL: access.url, NOVACRON_TOKEN: token });

  it('create prints a token of the role it was asked for, list shows it, revoke ends it at once', async () => {
    const token = await succeed('token', 'create', '--name', name, '--role', 'viewer', '--expires', '1d');
    expect(JSON.parse((await as(token, 'me', '-o', 'json')).stdout)).toMatchObject({ role: 'viewer' });
    const create = ['vm', 'create', '--provider', 'ec2', '--image', 'al2023', '--size', 'small', '--name', ec2];
    expect((await as(token, ...create)).code).toBe(4);

    const listed = await novacronJson<Item[]>('token', 'list');
    expect(listed.find((each) => each.name === name)).toMatchObject({ role: 'viewer' });
    expect(JSON.stringify(listed)).not.toContain(token);

    await succeed('token', 'revoke', name, '--yes');
    expect((await as(token, 'me')).code).toBe(4);
  });
});

describe('host', () => {
  const create = ['vm', 'create', '--provider', 'kvm', '--image', 'test', '--host', 'local', '--name', kvm];

  it('deactivate keeps new VMs off it, activate lets them in again', async () => {
    await succeed('host', 'deactivate', 'local');
    expect(await novacronJson('host', 'get', 'local')).toMatchObject({ active: false });
    await refuse(/NoHostFits/, 1, ...create, '--dry-run');
    await succeed('host', 'activate', 'local');
    expect(await novacronJson('host', 'get', 'local')).toMatchObject({ active: true, state: 'ready' });
    expect(await succeed(...create, '--dry-run')).toContain('local');
  });

  it('a VM that waits for what never comes: op list shows it, op cancel undoes it, and only once', async () => {
    const [id = ''] = (await succeed(...create, '--ready', 'port:9', '--no-wait', '-o', 'name')).split('\n');
    expect(id).toMatch(/^op-/);
    const open = await novacronJson<Item[]>('op', 'list', '--filter', 'kind=create-vm');
    expect(open.find((each) => each.id === id)).toMatchObject({ vmName: kvm });
    await succeed('op', 'cancel', id);
    expect(await novacronJson('op', 'get', id)).toMatchObject({ state: 'cancelled' });
    await refuse(/NotCancellable/, 1, 'op', 'cancel', id);
    expect(['deleted', 'error']).toContain((await novacronJson<VmView>('vm', 'get', kvm)).state);
    expect((await virshOn('local', 'list', '--all', '--name')).stdout).not.toContain(kvm);
  });
});

describe('reconcile', () => {
  it('tells what was compared, as a page and as JSON', async () => {
    expect(await succeed('reconcile')).toMatch(/Checked +\d+/);
    expect(await novacronJson('reconcile')).toMatchObject({ checked: expect.any(Number), lost: 0 });
  });
});
