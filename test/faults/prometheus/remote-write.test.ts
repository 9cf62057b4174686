import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '../../../lambdas/domain/alerts/labels.ts';
import { exportDue } from '../../../lambdas/events/export-due.ts';
import { remoteStore } from '../../../lambdas/events/remote-store.ts';
import { collectEc2Metrics } from '../../../lambdas/schedules/collect-ec2-metrics.ts';
import * as vms from '../../../lambdas/store/vms.ts';
import { call, insertHost, insertVm, newCloudVm, newHost, newVm, signIn } from '../../support/api.ts';
import { CloudWatchService } from '../../support/cloudwatch.ts';
import { type Found, type PrometheusStore, startPrometheusStore } from '../../support/prometheus-store.ts';
import { StateTable } from '../../support/state-table.ts';

/** The plane's own code, over an in-memory table, writes to Debian's Prometheus by https. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-11-27T08:40:07.000Z');
const CPU = 'novacron_vm_cpu_utilization_ratio';

const RACK = newHost();
const FAR = newHost({ id: 'h-0000000000000002', name: 'host-2', nodeId: 'mi-00000000000000002' });
const WEB = newVm({ providerId: '11111111-1111-4111-8111-111111111111', tags: { 'cost centre': 'it’s "7"\n' } });
const DB = newVm({
  id: 'vm-0000000000000002',
  name: 'db-1',
  providerId: '22222222-2222-4222-8222-222222222222',
  location: { hostId: FAR.id, hostName: FAR.name },
});
const CLOUD = newCloudVm();

/** Nobody hears that rules are due. */
mockClient(EventBridgeClient)
  .on(PutEventsCommand)
  .resolves({ Entries: [{}] });

let store: PrometheusStore;
let state: StateTable;
let viewer: string;
/** Moves on from test to test: Prometheus takes no time that has passed. */
let now = NOW;

beforeAll(async () => {
  store = await startPrometheusStore();
});
afterAll(() => store[Symbol.asyncDispose]());
beforeEach(async () => {
  now += 6 * HOUR;
  vi.useFakeTimers({ toFake: ['Date'], now });
  state = new StateTable();
  viewer = await signIn('viewer');
  for (const host of [RACK, FAR]) await insertHost(host);
  for (const vm of [WEB, DB, CLOUD]) await insertVm(vm);
  return () => vi.useRealTimers();
});

/** Reports of a host, a sample for each of these times. */
const report = async (host: typeof RACK, vm: typeof WEB, times: readonly number[], cpu = 0.25) => {
  const token = await signIn('host', { hostId: host.id, id: `tok-${host.id.slice(2)}` });
  const samples = times.map((at) => ({
    at: new Date(at).toISOString(),
    intervalSeconds: 15,
    host: { 'host.cpu.utilization': 0.5, 'host.memory.usage': 2 ** 30 },
    domains: [{ uuid: vm.providerId, values: { 'vm.cpu.utilization': cpu, 'vm.disk.read.latency': 0.001 } }],
  }));
  const body = { unitVersion: '1', sentAt: new Date().toISOString(), samples };
  expect(await call(`POST /v1/hosts/${host.id}/metrics`, { token, body })).toMatchObject({ status: 200 });
};

const run = async (at = now) => {
  vi.setSystemTime(at);
  return exportDue(remoteStore({ url: store.url, headers: {} }, store.net), at);
};

const only = async (expression: string, at = now): Promise<string | undefined> => {
  const found = await store.query(expression, at);
  expect(found.length, expression).toBeLessThan(2);
  return found[0]?.value?.[1];
};

/** The times of a series over the hours before, in minutes before now. */
const minutesOf = ([series]: readonly Found[]): number[] =>
  series?.values?.map(([seconds]) => Math.floor((seconds * 1000 - now) / MINUTE)) ?? [];

describe('a Prometheus that is written to', () => {
  it('knows of both worlds what /metrics shows, under the same names and labels, with the same values', async () => {
    const cloudwatch = new CloudWatchService();
    const slot = now - (now % (5 * MINUTE));
    cloudwatch.put('i-3', 'CPUUtilization', slot - 5 * MINUTE, 75);
    await collectEc2Metrics(now);
    await report(RACK, WEB, [now - 15_000]);
    await report(FAR, DB, [now - 20_000], 1 / 3);
    expect(await run()).toEqual({ sent: 15, dropped: 0 });

    const { body } = await call('GET /metrics', { token: viewer });
    const lines = String(body)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.length).toBeGreaterThan(12);
    for (const line of lines) {
      const [, series = '', value] = /^(.*\}) (\S+)(?: \d+)?$/.exec(line) ?? [];
      expect([line, await only(series)]).toEqual([line, value]);
    }
    const [web] = await store.query(`${CPU}{vm="web-1"}`, now);
    expect(web?.metric).toEqual({
      __name__: CPU,
      ...{ host: 'host-1', project: 'default', provider: 'kvm', vm: 'web-1', vm_id: WEB.id },
      tag_cost_centre: 'it’s "7"\n',
    });
  });

  it('is told once, and the same again by a run that did not live to write down what it had told', async () => {
    await report(RACK, WEB, [now - 45_000, now - 30_000, now - 15_000]);
    await run();
    const told = await only(`count_over_time(${CPU}{vm="web-1"}[1h])`);
    expect(told).toBe('3');
    // Three states, and no sample.
    expect(await run()).toEqual({ sent: 5, dropped: 0 });
    for (const key of [...state.telemetry.keys()]) if (key.includes('export#')) state.telemetry.delete(key);
    expect(await run()).toMatchObject({ sent: expect.any(Number) });
    expect(await only(`count_over_time(${CPU}{vm="web-1"}[1h])`)).toBe('3');
    expect(await only(`last_over_time(${CPU}{vm="web-1"}[1h])`)).toBe('0.25');
  });

  it('that was away for hours catches up in the order of time, and nothing waits for it', async () => {
    await report(RACK, WEB, [now - 15_000]);
    await run();
    await store.stop();
    const begin = now;
    const sent: (number | undefined)[] = [];
    for (let at = begin + 15 * MINUTE; at <= begin + 4 * HOUR; at += 15 * MINUTE) {
      vi.setSystemTime(at);
      await report(RACK, WEB, [at - 60_000, at - 15_000]);
      await report(FAR, DB, [at - 50_000, at - 5_000]);
      sent.push((await run(at))?.sent);
    }
    expect(sent).toEqual(Array(16).fill(0));
    await store.start();
    now = begin + 4 * HOUR + 10 * MINUTE;
    expect(await run()).toEqual({ sent: 2 * 32 * 4 + 5, dropped: 0 });
    expect(minutesOf(await store.query(`${CPU}{vm="web-1"}[5h]`, now))).toHaveLength(33);
    expect(minutesOf(await store.query(`${CPU}{vm="db-1"}[5h]`, now))).toHaveLength(32);
  });

  it('refuses what is an hour older than what it has of another host, and nothing else along with it', async () => {
    await report(RACK, WEB, [now - 15_000]);
    await report(FAR, DB, [now - 15_000]);
    await run();
    now += 3 * HOUR;
    vi.setSystemTime(now);
    await report(RACK, WEB, [now - 15_000]);
    expect(await run()).toMatchObject({ dropped: 0 });
    await report(FAR, DB, [now - 2.5 * HOUR, now - 2 * HOUR, now - 40 * MINUTE, now - 15_000]);
    // Host and VM, two metrics of each, at two times.
    expect(await run()).toEqual({ sent: 8 + 5, dropped: 8 });
    expect(minutesOf(await store.query(`${CPU}{vm="db-1"}[2h]`, now))).toEqual([-40, -1]);
  });

  it('knows at once that an alert fires, that somebody has taken it on, and that it is over', async () => {
    const token = await signIn('operator');
    const labels = { alertname: 'DiskFull', severity: 'critical', vm: 'web-1' };
    const post = (more = {}) => call('POST /api/v2/alerts', { token, body: [{ labels, ...more }] });
    const told = async () => {
      now += MINUTE;
      await run();
      return (await store.query('novacron_alerts', now)).map(({ metric, value }) => [metric.state, value?.[1]]);
    };
    await post();
    await post({ labels: { ...labels, vm: 'db-1' } });
    expect(await told()).toEqual([['firing', '2']]);
    await call(`POST /v1/alerts/${fingerprintOf(labels)}/actions/acknowledge`, { token, body: {} });
    expect((await told()).toSorted()).toEqual([
      ['acknowledged', '1'],
      ['firing', '1'],
    ]);
    await post({ endsAt: new Date(now).toISOString() });
    expect(await told()).toEqual([['firing', '1']]);
  });

  it('knows at once that a VM is not in the state any more that it was in', async () => {
    const states = `count by (state) (novacron_vm_info{vm="web-1"})`;
    await run();
    expect((await store.query(states, now)).map(({ metric }) => metric.state)).toEqual(['running']);
    const web = await vms.get(WEB.id);
    await vms.swap(web, { ...web, state: 'stopped' });
    now += MINUTE;
    await run();
    expect((await store.query(states, now)).map(({ metric }) => metric.state)).toEqual(['stopped']);
    const stopped = await vms.get(WEB.id);
    await vms.swap(stopped, { ...stopped, state: 'deleted' });
    now += MINUTE;
    await run();
    expect(await store.query(states, now)).toEqual([]);
  });
});
