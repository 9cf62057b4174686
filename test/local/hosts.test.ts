import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPlane } from '../../local/home.ts';
import { enrol } from '../../local/libvirt-hosts.ts';
import { access, api, eventually, findVm, labHosts, novacron, novacronJson, plane, virshOn } from './plane.ts';

/** What becomes of hosts: one drops an image, one is upgraded, one falls silent, one is retired and enrolled anew. */
interface HostView {
  readonly id: string;
  readonly state: string;
  readonly nodeId: string;
  readonly images: readonly string[];
  readonly changedAt: string;
  readonly beatAt: string;
  readonly facts: { readonly unitVersion: string };
}
const K = '2';
const tail = Date.now().toString(36).slice(-5);
const name = `far-${tail}`;
const host = async (k = K): Promise<HostView> => {
  const known = plane.hosts.find((each) => each.name === `h${k}`);
  return (await api('GET', `/v1/hosts/${known?.hostId}`)).json;
};
const vm = () => findVm(name);

/** Runs a line on a host, with what is where on it. */
const onHost = async (k: string, line: string): Promise<string> => {
  const places = [
    `code=/usr/lib/novacron/${access.installation}`,
    `state=/var/lib/novacron/${access.installation}`,
    `settings=/etc/novacron/${access.installation}`,
    `images=/var/lib/libvirt/images/novacron/${access.installation}/images`,
  ];
  const ran = await labHosts('exec', k, 'sh', '-euc', [...places, line].join('\n'));
  expect(ran.code, `${line}\n${ran.stderr}`).toBe(0);
  return ran.stdout.trim();
};

const create = async (vmName: string, image: string): Promise<void> => {
  const where = ['--provider', 'kvm', '--host', `h${K}`, '--ready', 'running'];
  const created = await novacron('vm', 'create', '--image', image, '--name', vmName, ...where);
  expect(created.code, created.stderr).toBe(0);
};
const remove = (vmName: string) => novacron('vm', 'delete', vmName, '--yes', '--purge');

afterAll(async () => {
  await labHosts('heal', K);
  await remove(name);
});

/** What an update of the plane finds: a unit of another version, which runs. */
const OUTDATED = `
  now=$(readlink $code/current)
  cp -a $code/$now $code/1-000000000000
  echo 1-000000000000 >$code/1-000000000000/VERSION
  ln -sfn 1-000000000000 $code/current
  rm -r $code/$now
  exec python3 -I $code/current ${access.installation} start-unit`;
/** An event, with which a host tells its facts at once; else it does so each minute. */
const NUDGE = `
  echo '<domain type="qemu"><name>nudge</name><memory>1024</memory><os><type>hvm</type></os></domain>' >/run/nudge.xml
  virsh -q define /run/nudge.xml
  virsh -q undefine nudge`;
/** What an operator of the account does who does not wait for the timed job. */
const tendNow = async (): Promise<void> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new EventBridgeClient({
    region: plane.region,
    endpoint: `http://127.0.0.1:${plane.port}`,
    credentials,
  });
  const asked = {
    EventBusName: plane.outputs.BusName,
    Source: 'novacron.operator',
    DetailType: 'Host Tending Requested',
  };
  await client.send(new PutEventsCommand({ Entries: [{ ...asked, Detail: '{}' }] }));
};
const version = async (): Promise<string> => (await host('1')).facts.unitVersion;

describe('hosts', () => {
  let current: string;

  it('tell which version of the unit runs on them', async () => {
    current = await version();
    await onHost('1', OUTDATED);
    await eventually('another version is told', 30, async () => (await version()) === '1-000000000000');
  });

  it('drop an image that is deleted, and not before', async () => {
    const { id: _, createdAt: __, ...image } = (await api('GET', '/v1/images/test')).json;
    const { id } = (await api('POST', '/v1/images', { ...image, name: `once-${tail}` })).json;
    await create(`once-${tail}`, id);
    expect((await api('DELETE', `/v1/images/${id}`)).status).toBe(409);
    await remove(`once-${tail}`);
    expect(await onHost(K, `ls $images`)).toContain(`${id}.${image.format}`);
    expect((await api('DELETE', `/v1/images/${id}`)).status).toBe(204);
    await onHost(K, NUDGE);
    await eventually('the image is dropped', 90, async () => !(await onHost(K, `ls $images`)).includes(id));
  });

  it('are unreachable when silent, their VMs unknown and still running; when heard again both are as they were', async () => {
    await create(name, 'test');
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

  it('are upgraded by the plane, and not probed anew', async () => {
    await tendNow();
    await eventually('this version is told', 60, async () => (await version()) === current);
    expect(await onHost('1', 'readlink $code/current')).toBe(current);
    expect(await host('1')).not.toHaveProperty('upgrade');
    expect(await onHost('1', 'ls $code')).toContain('1-000000000000');
  });

  it('are retired while they are empty, lose their unit and node, and come back by another enrolment', async () => {
    await remove(name);
    const before = await host();
    const retired = await novacronJson<HostView>('host', 'retire', before.id, '--yes');
    expect(retired).toMatchObject({ state: 'retired', images: [] });
    await eventually('the unit is gone', 30, async () => (await onHost(K, 'ls -d $settings $code || true')) === '');

    const api = { url: access.url, token: access.token };
    await enrol(loadPlane(undefined), api, { name: `h${K}`, where: Number(K) }, () => undefined);
    const after = await host();
    expect(after).toMatchObject({ id: before.id, state: 'ready' });
    expect(after.nodeId).not.toBe(before.nodeId);
    await eventually('it reports', 30, async () => (await host()).beatAt > after.changedAt);
  });
});
