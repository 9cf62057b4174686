import { beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { handler } from '../../lambdas/events/totals-due.ts';
import { call, insertHost, insertProject, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

// Metrics read it when they are made.
vi.hoisted(() => Object.assign(process.env, { POWERTOOLS_METRICS_DISABLED: 'false', POWERTOOLS_DEV: 'true' }));

const NOW = Date.parse('2026-11-27T08:30:00.000Z');
const HOST = newHost();

/** What the function prints in CloudWatch's embedded metric format. */
let printed: MockInstance<typeof console.log>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  new StateTable();
  return () => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  };
});

/** Each figure with its dimensions and its unit. */
const told = async () => {
  await handler();
  return printed.mock.calls.flatMap(([text]) => {
    const line = JSON.parse(String(text));
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect(Namespace).toBe('NovaCron');
    return Metrics.map(({ Name, Unit }: { readonly Name: string; readonly Unit: string }) => {
      const of = Dimensions[0].filter((name: string) => name !== 'service').map((name: string) => line[name]);
      return [Name, ...of, line[Name], Unit];
    });
  });
};

it('CloudWatch is told nothing of a plane without hosts and VMs', async () => {
  expect(await told()).toEqual([]);
});

it('CloudWatch is told of all projects together, and what is measured and fires', async () => {
  await insertHost(HOST);
  await insertProject({ id: 'shop' });
  await insertVm(newVm());
  await insertVm(newVm({ id: 'vm-0000000000000002', name: 'db-1', project: 'shop', state: 'stopped' }));
  const host = await signIn('host', { hostId: HOST.id });
  const values = { 'host.cpu.utilization': 0.25, 'host.memory.usage': 1, 'host.memory.limit': 4 };
  const samples = [{ at: new Date(NOW).toISOString(), intervalSeconds: 15, host: values, domains: [] }];
  const body = { unitVersion: '1', sentAt: new Date(NOW).toISOString(), samples };
  await call(`POST /v1/hosts/${HOST.id}/metrics`, { token: host, body });
  const operator = await signIn('operator');
  const alert = { labels: { alertname: 'DiskFull' }, startsAt: new Date(NOW - 60_000).toISOString() };
  expect(await call('POST /api/v2/alerts', { token: operator, body: [alert] })).toMatchObject({ status: 200 });
  expect(await told()).toEqual([
    ['VmsRunning', 1, 'Count'],
    ['VmsOff', 1, 'Count'],
    ['VmsWrong', 0, 'Count'],
    ['Vms', 'kvm', 2, 'Count'],
    ['HostsUp', 1, 'Count'],
    ['HostsDown', 0, 'Count'],
    ['HostCpuUtilization', 25, 'Percent'],
    ['HostMemoryUtilization', 25, 'Percent'],
    ['SeriesMeasured', 3, 'Count'],
    ['AlertsFiring', 1, 'Count'],
  ]);
});
