import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as conditionChanged } from '../../lambdas/alerting/condition-changed.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';
import { silenceIdOf } from '../../lambdas/domain/alerts/derived-silence.ts';
import type { Host } from '../../lambdas/domain/host.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as names from '../../lambdas/store/names.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { alertWorld } from '../support/alert-world.ts';
import {
  call,
  insertHost,
  insertProject,
  insertSchedule,
  insertVm,
  newHost,
  newSchedule,
  newVm,
  signIn,
} from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { failedOperation } from '../support/failed-operation.ts';
import { StateTable } from '../support/state-table.ts';

/** Alerts that are quiet because of where their VM is, or of what is planned for it, whoever sent them and whatever they say of it. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: all, group_by: ['...'], group_wait: 0s, group_interval: 1m }
receivers: [{ name: all, webhook_configs: [{ url: 'https://hooks.example.org/all' }] }]
`;
const HOST = 'h-0000000000000009';
const LOCATION = { hostId: HOST, hostName: 'rack-1' };
const TIMES = { startsAt: '2026-11-25T10:00:00.000Z', endsAt: '2026-11-27T10:00:00.000Z' };

let token: string;
beforeEach(async () => {
  new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  expect((await call('POST /v1/routes', { token, body: { yaml: YAML } })).status).toBe(200);
});

const named = async (more: Partial<Vm>): Promise<Vm> => {
  const vm = await insertVm(newVm(more));
  await table.transact([names.taking('vm', vm)]);
  return vm;
};
const raise = async (...all: Record<string, string>[]) => {
  const body = all.map((labels) => ({ labels: { alertname: 'Down', ...labels }, ...TIMES }));
  expect((await call('POST /api/v2/alerts', { token, body })).status).toBe(200);
};
const told = () =>
  world().posts.flatMap(({ body }) =>
    body.alerts.map(({ status, labels }) => `${status} ${labels.alertname} ${labels.vm ?? labels.vm_id ?? ''}`.trim()),
  );
type Shown = {
  labels: Record<string, string>;
  fingerprint: string;
  status: { state: string; silencedBy: string[]; inhibitedBy: string[]; mutedBy?: string[] };
};
const listed = async (query = '') => (await call(`GET /api/v2/alerts${query}`, { token })).body as unknown as Shown[];
const statusOf = async (alertname: string) =>
  (await listed()).find(({ labels }) => labels.alertname === alertname)?.status;
const tested = async (labels: Record<string, string>) =>
  (await call('POST /v1/routes/actions/test', { token, body: { labels } })).body;

describe('a host that is silent', () => {
  const silent = async (): Promise<Host> => {
    const host = newHost({ id: HOST, name: 'rack-1' });
    await insertHost(host);
    const after = await hosts.swap(host, { ...host, state: 'unreachable' });
    await conditionChanged({ 'detail-type': 'Alert Condition Changed', detail: { subject: HOST } });
    return after;
  };

  it('keeps alerts about its VMs quiet, by name and by id, and no others', async () => {
    const vm = await named({ name: 'db-1', location: LOCATION });
    await named({ id: 'vm-0000000000000002', name: 'web-1' });
    const host = await silent();
    await world().until(1);
    // What a sender says of hosts counts for nothing.
    await raise(
      { vm: 'db-1', host: 'elsewhere' },
      { vm_id: vm.id },
      { vm: 'web-1', host: 'rack-1' },
      { vm: 'stranger' },
    );
    await world().until(2);
    expect(told().sort()).toEqual(['firing Down stranger', 'firing Down web-1', 'firing HostUnreachable']);
    const [source] = (await listed()).filter(({ labels }) => labels.alertname === 'HostUnreachable');
    const quiet = (await listed()).filter(({ status }) => status.state === 'suppressed');
    expect(quiet.map(({ status }) => status.inhibitedBy)).toEqual(Array(2).fill([source?.fingerprint]));
    expect(await listed('?inhibited=false')).toHaveLength(3);
    expect(await tested({ alertname: 'Slow', vm: 'db-1' })).toMatchObject({ inhibitedBy: [source?.fingerprint] });
    expect(await tested({ alertname: 'Slow', vm: 'web-1' })).toMatchObject({ inhibitedBy: [] });
    await hosts.swap(host, { ...host, state: 'ready' });
    await conditionChanged({ 'detail-type': 'Own Alerts Open', detail: {} });
    await world().until(130);
    expect(told().filter((each) => each.startsWith('firing Down db-1') || each.endsWith(vm.id))).toHaveLength(2);
  });

  it('keeps those of other projects quiet, too, and only where the VM is theirs', async () => {
    await insertProject({ id: 'shop', vms: 1 });
    await named({ name: 'db-1', location: LOCATION });
    await named({ id: 'vm-0000000000000002', name: 'till', project: 'shop', location: LOCATION });
    await silent();
    token = await signIn('operator', {
      ...{ id: 'tok-0000000000004444', project: 'shop', system: false, expiresAt: '2099-01-01T00:00:00.000Z' },
    });
    await call('POST /v1/routes', { token, body: { yaml: YAML } });
    await raise({ vm: 'till' }, { vm: 'db-1' }, { vm_id: 'vm-0000000000000001' });
    await world().until(10);
    expect(
      told()
        .filter((each) => each.includes('Down'))
        .sort(),
    ).toEqual(['firing Down db-1', 'firing Down vm-0000000000000001']);
  });

  it('that only somebody says is silent keeps nobody quiet', async () => {
    await named({ name: 'db-1', location: LOCATION });
    await raise({ alertname: 'HostUnreachable', host: 'rack-1', host_id: HOST, provider: 'kvm', severity: 'critical' });
    await raise({ vm: 'db-1' });
    await world().until(1);
    expect(told()).toContain('firing Down db-1');
  });
});

describe('a VM that is off by plan', () => {
  const run = (more: Partial<NonNullable<Schedule['lastRun']>> = {}): NonNullable<Schedule['lastRun']> => ({
    ...{ plannedAt: '2026-11-25T09:30:00.000Z', ranAt: '2026-11-25T09:30:10.000Z', want: 'down' },
    ...{ because: 'mon-fri 09:00-18:00 ends', vms: 1, begun: 1, skipped: false, owed: [] },
    ...more,
  });
  const scheduled = async (more: Partial<Schedule> = {}): Promise<Schedule> => {
    const schedule = newSchedule({
      name: 'office',
      targets: { filter: 'name=db-1' },
      nextAt: '2026-11-26T08:00:00.000Z',
      lastRun: run(),
      ...more,
    });
    await insertSchedule(schedule);
    return schedule;
  };
  const off = () => named({ name: 'db-1', state: 'stopped', desired: 'stopped', location: LOCATION });

  it('is silent, by the schedule’s name, and its silence can be looked up', async () => {
    await off();
    const schedule = await scheduled();
    await raise({ vm: 'db-1' });
    await world().until(120);
    expect(told()).toEqual([]);
    const id = silenceIdOf(schedule.id);
    const quiet = { silencedBy: [id], mutedBy: ['schedule office'], inhibitedBy: [] };
    expect(await statusOf('Down')).toEqual({ state: 'suppressed', ...quiet });
    expect(await listed('?silenced=false')).toEqual([]);
    expect(await tested({ alertname: 'Slow', vm: 'db-1' })).toMatchObject(quiet);
    expect((await call(`GET /api/v2/silence/${id}`, { token })).body).toMatchObject({
      id,
      status: { state: 'active' },
      matchers: [{ name: 'vm', value: 'db-1', isRegex: true, isEqual: true }],
      startsAt: '2026-11-25T09:30:00.000Z',
      endsAt: '2026-11-26T08:00:00.000Z',
      createdBy: 'schedule office',
    });
    expect(await call(`DELETE /api/v2/silence/${id}`, { token })).toMatchObject({
      status: 409,
      body: { code: 'SilenceDerived', detail: expect.stringContaining('novacron schedule override office') },
    });
    expect((await call(`GET /api/v2/silence/${silenceIdOf('sch-0')}`, { token })).status).toBe(404);
  });

  it('has the grace to come up again, and is loud after it', async () => {
    const vm = await off();
    const schedule = await scheduled();
    await raise({ vm: 'db-1' });
    await world().until(60);
    const lastRun = run({ plannedAt: '2026-11-25T10:01:00.000Z', ranAt: '2026-11-25T10:01:00.000Z', want: 'up' });
    await schedules.swap(schedule, { ...schedule, lastRun });
    const ready = { ...vm.ready, status: 'unknown' as const };
    await vms.swap(vm, { ...vm, state: 'running', desired: 'running', ready });
    await world().until(650);
    expect([told(), (await statusOf('Down'))?.mutedBy]).toEqual([[], ['schedule office']]);
    const { body } = await call(`GET /api/v2/silence/${silenceIdOf(schedule.id)}`, { token });
    expect(body).toMatchObject({ endsAt: '2026-11-25T10:11:00.000Z', status: { state: 'active' } });
    await world().until(725);
    expect(told()).toEqual(['firing Down db-1']);
  });

  it.each([
    ['it runs all the same', { state: 'running' }, {}],
    ['its schedule has not stopped it', {}, { lastRun: run({ skipped: true }) }],
    ['its schedule is turned off', {}, { enabled: false }],
    ['its schedule has never run', {}, { lastRun: undefined }],
    ['another has it', {}, { targets: { filter: 'name=other' } }],
  ] as [string, Partial<Vm>, Partial<Schedule>][])('is not silent where %s', async (_, of, plan) => {
    await named({ name: 'db-1', state: 'stopped', desired: 'stopped', ...of });
    const { lastRun, ...rest } = newSchedule({ lastRun: run(), targets: { filter: 'name=db-1' }, ...plan });
    await insertSchedule({ ...rest, ...(lastRun ? { lastRun } : {}) });
    await raise({ vm: 'db-1' });
    await world().until(1);
    expect(told()).toEqual(['firing Down db-1']);
  });

  it('is loud where the plane itself knows better: what it says fires in spite of the plan', async () => {
    leaves('VmLost');
    const vm = await off();
    await scheduled();
    await operationFailed({ detail: { ...failedOperation, vmId: vm.id, vmName: vm.name } });
    await vms.swap(vm, { ...vm, state: 'lost' });
    await conditionChanged({ 'detail-type': 'Alert Condition Changed', detail: { subject: vm.id } });
    await world().until(1);
    expect(told().sort()).toEqual(['firing OperationFailed db-1', 'firing VmLost db-1']);
  });
});
