import { beforeEach, describe, expect, it, vi } from 'vitest';
import { compactSamples } from '../../lambdas/schedules/compact-samples.ts';
import * as timeOff from '../../lambdas/store/time-off.ts';
import { call, insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

const NOW = Date.parse('2026-11-27T08:30:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CPU = 'vm.cpu.utilization';
const HOST = newHost();
const WEB = newVm({ name: 'web-1', providerId: '11111111-1111-4111-8111-111111111111', addresses: ['10.0.0.5'] });
const DB = newVm({
  id: 'vm-0000000000000002',
  name: 'db-1',
  providerId: '22222222-2222-4222-8222-222222222222',
  tags: { tier: 'db' },
});
const STRANGER = '33333333-3333-4333-8333-333333333333';

let state: StateTable;
let viewer: string;
let host: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  state = new StateTable();
  viewer = await signIn('viewer');
  host = await signIn('host', { hostId: HOST.id });
  await insertHost(HOST);
  await insertVm(WEB);
  await insertVm(DB);
  return () => vi.useRealTimers();
});

const instant = (at: number): string => new Date(at).toISOString();

const sample = (at: number, cpu: Readonly<Record<string, number>>, more = {}) => ({
  at: instant(at),
  intervalSeconds: 15,
  host: { 'host.cpu.utilization': 0.5 },
  domains: Object.entries(cpu).map(([uuid, value]) => ({ uuid, values: { [CPU]: value } })),
  ...more,
});

const send = (samples: readonly object[], sentAt = Date.now(), token = host) =>
  call(`POST /v1/hosts/${HOST.id}/metrics`, {
    token,
    body: { unitVersion: '1', sentAt: instant(sentAt), samples },
  });

interface Told {
  readonly resolution: string;
  readonly stepSeconds: number;
  readonly gaps?: readonly { readonly state: string }[];
  readonly series: readonly { readonly metric: string; readonly points: readonly { at: string; avg: number }[] }[];
}

const told = async (query = '', vm = WEB.id): Promise<Told> =>
  (await call(`GET /v1/vms/${vm}/metrics${query}`, { token: viewer })).body as unknown as Told;

const valuesOf = ({ series }: Told, metric = CPU): number[] =>
  series.find((each) => each.metric === metric)?.points.map(({ avg }) => Number(avg.toFixed(3))) ?? [];

const uuid = ({ providerId = '' }: { readonly providerId?: string | undefined }): string => providerId;

describe('what a host measures', () => {
  it('is told of its VMs a moment later', async () => {
    const got = await send([
      sample(NOW - 30_000, { [uuid(WEB)]: 0.25, [uuid(DB)]: 0.5 }),
      sample(NOW - 15_000, { [uuid(WEB)]: 0.75 }),
    ]);
    expect(got).toMatchObject({ status: 200, body: { sampleSeconds: 15 } });
    const web = await told();
    expect(web).toMatchObject({ resolution: 'raw', stepSeconds: 15 });
    expect(valuesOf(web)).toEqual([0.25, 0.75]);
    expect(valuesOf(await told('', DB.id))).toEqual([0.5]);
    const machine = await call(`GET /v1/hosts/${HOST.id}/metrics`, { token: viewer });
    expect(valuesOf(machine.body as unknown as Told, 'host.cpu.utilization')).toEqual([0.5, 0.5]);
  });

  it('is the same when it comes twice, and in whatever order', async () => {
    const [first, second] = [[sample(NOW - 30_000, { [uuid(WEB)]: 0.1 })], [sample(NOW, { [uuid(WEB)]: 0.2 })]];
    for (const samples of [second, first, second, [...first, ...second]]) await send(samples);
    expect(valuesOf(await told())).toEqual([0.1, 0.2]);
  });

  it('of domains that the plane does not know is left out, and metrics that it does not know are', async () => {
    const odd = { host: { 'host.of.later': 1 } };
    expect((await send([sample(NOW, { [STRANGER]: 1, [uuid(WEB)]: 0.5 }, odd)])).status).toBe(200);
    expect(valuesOf(await told())).toEqual([0.5]);
  });

  it.each([
    ['no finite number', '{"vm.cpu.utilization":1e999}'],
    ['a text', '{"vm.cpu.utilization":"1"}'],
  ])('is refused where a value is %s', async (_, values) => {
    const text = `{"unitVersion":"1","sentAt":"${instant(NOW)}","samples":[{"at":"${instant(NOW)}","intervalSeconds":15,"host":{},"domains":[{"uuid":"${uuid(WEB)}","values":${values}}]}]}`;
    const got = await call(`POST /v1/hosts/${HOST.id}/metrics`, { token: host, text });
    expect(got).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    expect(valuesOf(await told())).toEqual([]);
  });

  it('of a clock that is an hour behind is of our time; of one that is some seconds off its times are left alone', async () => {
    await send([sample(NOW - HOUR, { [uuid(WEB)]: 0.5 })], NOW - HOUR);
    await send([sample(NOW - 40_000, { [uuid(WEB)]: 0.7 })], NOW - 20_000);
    const { series } = await told('?stepSeconds=15');
    expect(series[0]?.points.map(({ at }) => at)).toEqual([instant(NOW - 45_000), instant(NOW)]);
  });

  it('of days ago, or of a time that has not come, is left out', async () => {
    await send([sample(NOW - 25 * HOUR, { [uuid(WEB)]: 0.5 }), sample(NOW + 10 * MINUTE, { [uuid(WEB)]: 0.5 })]);
    expect([...state.telemetry.values()].filter(({ pk }) => String(pk).startsWith('samples#'))).toEqual([]);
  });

  it('is taken from that host alone', async () => {
    const other = await signIn('host', { id: 'tok-0000000000005555', hostId: 'h-0000000000000009' });
    expect((await send([sample(NOW, {})], NOW, other)).status).toBe(403);
    expect((await send([sample(NOW, {})], NOW, viewer)).status).toBe(403);
  });
});

describe('once an hour is over', () => {
  const minutes = async (count: number, begin: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      const at = begin + minute * MINUTE;
      vi.setSystemTime(at);
      await send([sample(at, { [uuid(WEB)]: minute / 100, [uuid(DB)]: 1 })]);
    }
  };

  it('it is told as before from a row of each VM, also when what hosts sent is gone', async () => {
    const begin = NOW - 90 * MINUTE;
    await minutes(90, begin);
    const later = NOW + HOUR;
    vi.setSystemTime(later);
    const span = `?from=${instant(begin)}&to=${instant(NOW)}&metric=${CPU}`;
    const before = await told(span);
    expect(valuesOf(before)).toHaveLength(90);
    expect(await compactSamples(later)).toBe(2);
    expect(await compactSamples(later)).toBe(0);
    for (const [key, { pk }] of state.telemetry) if (String(pk).startsWith('samples#')) state.telemetry.delete(key);
    expect(await told(span)).toEqual(before);
    const day = await told(`?from=${instant(NOW - 24 * HOUR)}&to=${instant(NOW)}`);
    expect(day).toMatchObject({ resolution: '5m', stepSeconds: 300 });
    expect(valuesOf(day).slice(0, 2)).toEqual([0.02, 0.07]);
    const month = await told(`?from=${instant(NOW - 700 * HOUR)}&to=${instant(NOW)}`);
    expect(month.resolution).toBe('1h');
    expect(valuesOf(month, CPU).length).toBeGreaterThan(0);
  });

  it('what comes late is put to the rest', async () => {
    const begin = NOW - 3 * HOUR;
    await minutes(10, begin);
    vi.setSystemTime(NOW);
    await compactSamples(NOW);
    await send([sample(begin + 20 * MINUTE, { [uuid(WEB)]: 0.9 })]);
    expect(await compactSamples(NOW)).toBe(1);
    expect(valuesOf(await told(`?from=${instant(begin)}&to=${instant(NOW)}`)).at(-1)).toBe(0.9);
  });

  it('that is not over yet is left alone', async () => {
    await send([sample(NOW, { [uuid(WEB)]: 1 })]);
    expect(await compactSamples(NOW)).toBe(0);
  });
});

describe('a question', () => {
  it.each([
    ['?metric=vm.cpu', 'query/metric'],
    ['?metric=host.cpu.utilization', 'query/metric'],
    [`?from=${instant(NOW)}&to=${instant(NOW - HOUR)}`, 'query/from'],
    [`?from=${instant(NOW + HOUR)}&to=${instant(NOW + 2 * HOUR)}`, 'query/from'],
    [`?from=${instant(NOW - 500 * 24 * HOUR)}`, 'query/from'],
    ['?stepSeconds=0', 'query/stepSeconds'],
  ])('%s is refused by name', async (query, pointer) => {
    const got = await call(`GET /v1/vms/${WEB.id}/metrics${query}`, { token: viewer });
    expect(got).toMatchObject({ status: 400, body: { code: 'InvalidRequest', errors: [{ pointer }] } });
  });

  it('of a VM of another project is answered as one that never was', async () => {
    const shop = await signIn('viewer', { id: 'tok-0000000000006666', project: 'shop' });
    expect((await call(`GET /v1/vms/${WEB.id}/metrics`, { token: shop })).status).toBe(404);
  });
});

describe('who uses most', () => {
  beforeEach(async () => {
    await send([sample(NOW - 15_000, { [uuid(WEB)]: 0.2, [uuid(DB)]: 0.9 })]);
  });

  it('is told first, with what all use together', async () => {
    const { body } = await call('GET /v1/metrics/vms', { token: viewer });
    expect(body).toMatchObject({
      overSeconds: 60,
      items: [{ name: 'db-1', measuredAt: instant(NOW - 15_000) }, { name: 'web-1' }],
      summary: { [CPU]: { count: 2 } },
    });
  });

  it('is told of those that are asked for', async () => {
    const { body } = await call('GET /v1/metrics/vms?tag:tier=db&limit=1', { token: viewer });
    expect(body.items.map(({ name }) => name)).toEqual(['db-1']);
    const hosts = await call('GET /v1/metrics/hosts', { token: viewer });
    expect(hosts.body.items).toMatchObject([{ name: HOST.name, values: { 'host.cpu.utilization': 0.5 } }]);
  });

  it('has no value of what was not measured since', async () => {
    vi.setSystemTime(NOW + 10 * MINUTE);
    const { body } = await call('GET /v1/metrics/vms', { token: viewer });
    expect(body.items).toMatchObject([{ values: {} }, { values: {} }]);
    expect(body.items[0]).not.toHaveProperty('measuredAt');
  });
});

describe('Prometheus', () => {
  it('scrapes what is known now, hosts with the installation’s own project only', async () => {
    await send([sample(NOW, { [uuid(WEB)]: 0.25 })]);
    const got = await call('GET /metrics', { token: viewer });
    expect(got.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(String(got.body)).toMatch(
      new RegExp(`^novacron_vm_cpu_utilization_ratio\\{.*vm="web-1".*\\} 0.25 ${NOW}$`, 'm'),
    );
    expect(String(got.body)).toContain('novacron_host_info{');
    const shop = await signIn('viewer', { id: 'tok-0000000000006666', project: 'shop' });
    expect(String((await call('GET /metrics', { token: shop })).body ?? '')).toBe('');
  });

  it('discovers running VMs that have an address', async () => {
    const { body } = await call('GET /v1/sd/prometheus?port=9200', { token: viewer });
    expect(body).toMatchObject([{ targets: ['10.0.0.5:9200'], labels: { __meta_novacron_vm: 'web-1' } }]);
    const none = await call('GET /v1/sd/prometheus?name=db-1', { token: viewer });
    expect(none.body).toEqual([]);
  });
});

describe('where nothing was measured of a VM', () => {
  it('its schedule is named, with the time for which it was off by it', async () => {
    const [since, until] = [instant(NOW - 3 * HOUR), instant(NOW - 2 * HOUR)];
    const off = {
      ...{ vmId: WEB.id, vmName: WEB.name, project: 'default', scheduleId: 'sch-1', scheduleName: 'office-hours' },
      ...{ owner: 'ann', tags: {}, usdPerHour: null, priceKind: 'unknown' as const, since, version: 1 },
    };
    await timeOff.begin(off);
    await timeOff.end(off, [{ ...off, from: since, until, endedBy: 'ann' }]);
    await send([sample(NOW - 15_000, { [uuid(WEB)]: 0.5 })]);
    const query = `?from=${instant(NOW - 3 * HOUR)}&to=${instant(NOW)}`;
    expect((await told(query)).gaps).toEqual([
      { from: since, to: until, state: 'off-by-plan', because: 'schedule office-hours' },
      expect.objectContaining({ from: until, state: 'no-data' }),
    ]);
  });
});
