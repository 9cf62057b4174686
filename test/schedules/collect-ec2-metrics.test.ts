import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { collectEc2Metrics } from '../../lambdas/schedules/collect-ec2-metrics.ts';
import { compactSamples } from '../../lambdas/schedules/compact-samples.ts';
import { call, insertProject, insertVm, newVm, signIn } from '../support/api.ts';
import { CloudWatchService } from '../support/cloudwatch.ts';
import { StateTable } from '../support/state-table.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A run comes some seconds after each fifth minute. */
const NOW = Date.parse('2026-11-27T08:30:07.000Z');
const SLOT = NOW - 7000;
const CPU = 'vm.cpu.utilization';

let state: StateTable;
let cloudwatch: CloudWatchService;
let viewer: string;
const bus = mockClient(EventBridgeClient);
beforeEach(async () => {
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  state = new StateTable();
  cloudwatch = new CloudWatchService();
  viewer = await signIn('viewer');
  return () => vi.useRealTimers();
});

const idOf = (number: number): string => `vm-${String(number).padStart(16, '0')}`;

const insert = (number: number, more: Partial<Vm> = {}): Promise<Vm> =>
  insertVm(
    newVm({
      id: idOf(number),
      name: `web-${number}`,
      provider: 'ec2',
      providerId: `i-${number}`,
      instanceType: 'm6i.large',
      location: { account: '123456789012', region: 'eu-central-1' },
      ...more,
    }),
  );

const runAt = (now: number) => {
  vi.setSystemTime(now);
  return collectEc2Metrics(now);
};

const instant = (at: number): string => new Date(at).toISOString();

interface Told {
  readonly series: readonly { readonly metric: string; readonly points: readonly { at: string; avg: number }[] }[];
}

const told = async (query = '', vm = idOf(1)): Promise<Told> =>
  (await call(`GET /v1/vms/${vm}/metrics${query}`, { token: viewer })).body as unknown as Told;

/** The points of a metric, as [minutes from SLOT, value]. */
const pointsOf = ({ series }: Told, metric = CPU): (readonly [number, number])[] =>
  series
    .find((each) => each.metric === metric)
    ?.points.map(({ at, avg }) => [(Date.parse(at) - SLOT) / MINUTE, Number(avg.toFixed(4))] as const) ?? [];

const metricsOf = ({ series }: Told): string[] => series.map(({ metric }) => metric);

const rows = () => [...state.telemetry.values()].filter(({ pk }) => String(pk).startsWith('samples#'));

describe('what CloudWatch tells of a VM', () => {
  it('is told of it as of any other, at the end of its five minutes', async () => {
    await insert(1, { memoryMiB: 2048 });
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 15 * MINUTE, 25);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 10 * MINUTE, 50);
    cloudwatch.put('i-1', 'StatusCheckFailed', SLOT - 10 * MINUTE, 1);
    expect(await runAt(NOW)).toEqual({ vms: 1, points: 3 });
    const got = await told();
    expect(pointsOf(got)).toEqual([
      [-10, 0.25],
      [-5, 0.5],
    ]);
    expect(pointsOf(got, 'vm.status.failed')).toEqual([[-5, 1]]);
    expect(pointsOf(got, 'vm.memory.allocated').map(([, value]) => value)).toEqual([2 ** 31, 2 ** 31]);
  });

  it('is nothing where nothing is known: no nought, and no row', async () => {
    await insert(1);
    expect(await runAt(NOW)).toEqual({ vms: 0, points: 0 });
    expect((await told()).series).toEqual([]);
    expect(rows()).toEqual([]);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 10 * MINUTE, 0);
    await runAt(NOW);
    expect(pointsOf(await told())).toEqual([[-5, 0]]);
    expect(metricsOf(await told())).not.toContain('vm.status.failed');
  });

  it('is nothing of five minutes that are not over', async () => {
    await insert(1);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT, 99);
    expect(await runAt(NOW)).toMatchObject({ points: 0 });
  });

  it('is asked for again, and what is said later is right, in a chart and of now', async () => {
    await insert(1);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 5 * MINUTE, 10);
    await runAt(NOW);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 5 * MINUTE, 30);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 10 * MINUTE, 20);
    await runAt(NOW + 5 * MINUTE);
    expect(pointsOf(await told())).toEqual([
      [-5, 0.2],
      [0, 0.3],
    ]);
    const { body } = await call('GET /v1/metrics/vms', { token: viewer });
    expect(body.items).toMatchObject([{ measuredAt: instant(SLOT), values: { [CPU]: expect.closeTo(0.3) } }]);
  });

  it('is in the same rows when a run is repeated', async () => {
    await insert(1);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 5 * MINUTE, 10);
    await runAt(NOW);
    const before = structuredClone(rows());
    await runAt(NOW + 20_000);
    expect(rows()).toEqual(before);
    expect(before).toHaveLength(1);
  });
});

describe('asked for are', () => {
  const askedIn = async (now = NOW): Promise<string[]> => {
    cloudwatch.asked.length = 0;
    await runAt(now);
    return [...cloudwatch.asked];
  };

  it('CPU and status of VMs that run, or did so a moment ago, and of no others', async () => {
    const long = instant(NOW - 24 * HOUR);
    await insert(1, { changedAt: long });
    await insert(2, { state: 'stopped', changedAt: instant(NOW - 10 * MINUTE) });
    await insert(3, { state: 'stopped', changedAt: instant(NOW - 20 * MINUTE) });
    await insert(4, { state: 'deleted', changedAt: long });
    await insert(5, { managed: false });
    await insert(6, { providerId: undefined });
    await insert(7, { provider: 'kvm', location: { hostId: 'h-0000000000000001' } });
    await insert(8, { location: { region: 'sa-east-1' } });
    expect(await askedIn()).toEqual(['CPUUtilization', 'StatusCheckFailed', 'CPUUtilization', 'StatusCheckFailed']);
    expect(cloudwatch.calls).toEqual([{ region: 'eu-central-1', metrics: 4, from: SLOT - 15 * MINUTE, to: SLOT }]);
  });

  it('in each Region its own', async () => {
    await insert(1);
    await insert(2, { location: { region: 'us-east-1' } });
    await runAt(NOW);
    expect(cloudwatch.calls.map(({ region, metrics }) => [region, metrics])).toEqual([
      ['eu-central-1', 2],
      ['us-east-1', 2],
    ]);
  });

  it('at most 500 metrics at once', async () => {
    for (let number = 0; number < 300; number += 1) {
      await insert(number);
      cloudwatch.put(`i-${number}`, 'CPUUtilization', SLOT - 5 * MINUTE, number / 10);
    }
    expect(await runAt(NOW)).toEqual({ vms: 300, points: 300 });
    expect(cloudwatch.calls.map(({ metrics }) => metrics)).toEqual([500, 100]);
    expect(new Set(rows().map(({ pk }) => pk)).size).toBe(16);
    for (const number of [1, 249, 250, 299]) {
      expect(pointsOf(await told('', idOf(number)))).toEqual([[0, number / 1000]]);
    }
  });

  it('all pages of an answer', async () => {
    cloudwatch.page = 3;
    for (let number = 0; number < 5; number += 1) {
      await insert(number);
      cloudwatch.put(`i-${number}`, 'StatusCheckFailed', SLOT - 5 * MINUTE, 0);
    }
    expect(await runAt(NOW)).toEqual({ vms: 5, points: 5 });
    expect(cloudwatch.calls).toHaveLength(4);
    expect(cloudwatch.asked).toHaveLength(10);
  });

  const QUARTER_PAST = Date.parse('2026-11-27T09:15:02.000Z');
  const NETWORK = ['NetworkIn', 'NetworkOut', 'NetworkPacketsIn', 'NetworkPacketsOut'];
  const DISKS = ['EBSReadBytes', 'EBSReadOps', 'EBSWriteBytes', 'EBSWriteOps'];

  it.each([
    ['m6i.large', [...NETWORK, ...DISKS]],
    ['t3.micro', [...NETWORK, ...DISKS, 'CPUCreditBalance']],
    ['t4g.small', [...NETWORK, ...DISKS, 'CPUCreditBalance']],
    ['t2.micro', [...NETWORK, 'CPUCreditBalance']],
    ['m4.large', NETWORK],
    ['i3en.large', [...NETWORK, ...DISKS]],
    [undefined, [...NETWORK, ...DISKS]],
  ])('once an hour, of %s, what it has beside', async (instanceType, more) => {
    await insert(1, { instanceType });
    expect((await askedIn(QUARTER_PAST)).sort()).toEqual(['CPUUtilization', 'StatusCheckFailed', ...more].sort());
    for (let minute = 5; minute < 60; minute += 5) {
      expect(await askedIn(QUARTER_PAST + minute * MINUTE)).toEqual(['CPUUtilization', 'StatusCheckFailed']);
    }
  });

  it('once an hour a large Region, a thousand VMs at a time', async () => {
    const hours = Array.from({ length: 24 }, (_, index) => QUARTER_PAST - 2000 - (index + 4) * 5 * MINUTE);
    for (let number = 0; number < 1_100; number += 1) {
      await insert(number);
      for (const metric of [...NETWORK, ...DISKS]) for (const at of hours) cloudwatch.put(`i-${number}`, metric, at, 1);
    }
    expect(await runAt(QUARTER_PAST)).toEqual({ vms: 1_100, points: 1_100 * 8 * 24 });
    expect(Math.max(...cloudwatch.calls.map(({ metrics }) => metrics))).toBe(500);
    expect(cloudwatch.asked).toHaveLength(1_100 * 10);
  });

  it('once an hour all of it, as rates, with the hour before', async () => {
    await insert(1, { state: 'stopped', changedAt: instant(NOW) });
    const begin = Date.parse('2026-11-27T07:00:00.000Z');
    for (let at = begin; at < QUARTER_PAST; at += 5 * MINUTE) {
      cloudwatch.put('i-1', 'NetworkIn', at, 300_000);
      cloudwatch.put('i-1', 'EBSWriteOps', at, 150);
    }
    await runAt(QUARTER_PAST);
    const got = await told(`?from=${instant(begin)}&to=${instant(QUARTER_PAST)}&stepSeconds=15`);
    const received = got.series.find(({ metric }) => metric === 'vm.network.receive.bytes')?.points ?? [];
    expect(received).toHaveLength(24);
    expect(new Set(received.map(({ avg }) => avg))).toEqual(new Set([1000]));
    expect(received.at(-1)?.at).toBe('2026-11-27T09:00:00.000Z');
    expect(pointsOf(got, 'vm.disk.write.operations').at(-1)?.[1]).toBe(0.5);
  });
});

describe('a CloudWatch that refuses', () => {
  it('is Throttled by name; the next run has what this one has not', async () => {
    await insert(1);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 15 * MINUTE, 10);
    cloudwatch.takes = () => false;
    await expect(runAt(NOW)).rejects.toMatchObject({ name: 'Throttled' });
    expect(rows()).toEqual([]);
    cloudwatch.takes = () => true;
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 5 * MINUTE, 20);
    await runAt(NOW + 5 * MINUTE);
    expect(pointsOf(await told())).toEqual([[0, 0.2]]);
    await runAt(Date.parse('2026-11-27T09:15:02.000Z'));
    expect(pointsOf(await told(`?from=${instant(SLOT - HOUR)}`))).toEqual([
      [-10, 0.1],
      [0, 0.2],
    ]);
  });

  it('in one Region keeps no other from being measured', async () => {
    await insert(1);
    await insert(2, { location: { region: 'us-east-1' } });
    for (const id of ['i-1', 'i-2']) cloudwatch.put(id, 'CPUUtilization', SLOT - 5 * MINUTE, 10);
    cloudwatch.takes = ({ region }) => region === 'us-east-1';
    await expect(runAt(NOW)).rejects.toMatchObject({ name: 'Throttled' });
    expect(pointsOf(await told('', idOf(2)))).toEqual([[0, 0.1]]);
    const said = bus.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries ?? []);
    expect(said.map(({ DetailType }) => DetailType)).toEqual(['Rules Due']);
  });

  it('one of several questions is answered the others', async () => {
    for (let number = 0; number < 300; number += 1) {
      await insert(number);
      cloudwatch.put(`i-${number}`, 'CPUUtilization', SLOT - 5 * MINUTE, 10);
    }
    cloudwatch.takes = ({ metrics }) => metrics === 500;
    await expect(runAt(NOW)).rejects.toMatchObject({ name: 'Throttled' });
    const { body } = await call('GET /v1/metrics/vms', { token: viewer });
    expect(body).toMatchObject({
      summary: { [CPU]: { count: 250, min: expect.closeTo(0.1), max: expect.closeTo(0.1) } },
    });
  });
});

describe('what is known now of VMs on EC2', () => {
  beforeEach(async () => {
    await insertProject({ id: 'shop' });
    await insert(1);
    await insert(2, { project: 'shop' });
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 10 * MINUTE, 80);
    cloudwatch.put('i-1', 'CPUUtilization', SLOT - 5 * MINUTE, 20);
    cloudwatch.put('i-1', 'StatusCheckFailed', SLOT - 10 * MINUTE, 0);
    cloudwatch.put('i-1', 'StatusCheckFailed', SLOT - 5 * MINUTE, 1);
    cloudwatch.put('i-2', 'CPUUtilization', SLOT - 5 * MINUTE, 90);
    await runAt(NOW);
  });

  const topAt = async (now: number, token = viewer) => {
    vi.setSystemTime(now);
    return (await call('GET /v1/metrics/vms', { token })).body;
  };

  it('is the last five minutes, for a quarter of an hour', async () => {
    const last = { measuredAt: instant(SLOT), values: { [CPU]: expect.closeTo(0.2), 'vm.status.failed': 1 } };
    expect((await topAt(NOW)).items).toMatchObject([last]);
    expect((await topAt(SLOT + 14 * MINUTE)).items).toMatchObject([last]);
    const { items } = await topAt(SLOT + 16 * MINUTE);
    expect(items).toMatchObject([{ values: {} }]);
    expect(items[0]).not.toHaveProperty('measuredAt');
  });

  it('is shown to Prometheus with its time', async () => {
    const { body } = await call('GET /metrics', { token: viewer });
    expect(String(body)).toMatch(
      new RegExp(`^novacron_vm_cpu_utilization_ratio\\{.*vm="web-1".*\\} 0.2\\d* ${SLOT}$`, 'm'),
    );
    expect(String(body)).toMatch(/^novacron_vm_status_failed\{.*vm="web-1".*\} 1 /m);
  });

  it('is of each project to its own, though one row may hold both', async () => {
    const shop = await signIn('viewer', { id: 'tok-0000000000006666', project: 'shop' });
    expect((await topAt(NOW)).items.map(({ id }) => id)).toEqual([idOf(1)]);
    expect((await topAt(NOW, shop)).items).toMatchObject([{ id: idOf(2), values: { [CPU]: expect.closeTo(0.9) } }]);
    expect((await call(`GET /v1/vms/${idOf(1)}/metrics`, { token: shop })).status).toBe(404);
    const scraped = String((await call('GET /metrics', { token: shop })).body);
    expect(scraped).toContain('vm="web-2"');
    expect(scraped).not.toContain('vm="web-1"');
  });
});

describe('an hour of EC2', () => {
  it('is put together once all of it has come, and is told as before', async () => {
    await insert(1);
    const begin = Date.parse('2026-11-27T08:00:00.000Z');
    for (let at = begin - 10 * MINUTE; at < begin + HOUR; at += 5 * MINUTE) {
      cloudwatch.put('i-1', 'CPUUtilization', at, 40);
      cloudwatch.put('i-1', 'NetworkOut', at, 600);
    }
    for (let at = begin; at <= begin + HOUR + 15 * MINUTE; at += 5 * MINUTE) await runAt(at + 3000);
    expect(await compactSamples(begin + HOUR + 19 * MINUTE)).toBe(1);
    const span = `?from=${instant(begin)}&to=${instant(begin + HOUR - 1)}`;
    const before = await told(span);
    expect(pointsOf(before)).toHaveLength(12);
    expect(pointsOf(before, 'vm.network.transmit.bytes')).toHaveLength(12);
    expect(await compactSamples(begin + HOUR + 21 * MINUTE)).toBe(1);
    expect(await compactSamples(begin + HOUR + 21 * MINUTE)).toBe(0);
    for (const [key, { pk }] of state.telemetry) if (String(pk).startsWith('samples#')) state.telemetry.delete(key);
    expect(await told(span)).toEqual(before);
  });
});
