import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as conditionChanged } from '../../lambdas/alerting/condition-changed.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';
import { handler as scheduleMissed } from '../../lambdas/alerting/schedule-missed.ts';
import type { Host } from '../../lambdas/domain/host.ts';
import { ruleIdOf } from '../../lambdas/domain/ids.ts';
import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as operations from '../../lambdas/store/operations.ts';
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
import { StateTable } from '../support/state-table.ts';
import { anOperation } from '../support/world.ts';

/** What is so of hosts, VMs and schedules, as alerts that begin and end with it. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: all, group_by: ['...'], group_wait: 0s, group_interval: 1m }
receivers: [{ name: all, webhook_configs: [{ url: 'https://hooks.example.org/all' }] }]
`;
let token: string;
beforeEach(async () => {
  new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
});
const route = async (more = {}) =>
  expect((await call('POST /v1/routes', { token, ...more, body: { yaml: YAML } })).status).toBe(200);

const changed = (subject: string) =>
  conditionChanged({ 'detail-type': 'Alert Condition Changed', detail: { subject } });
const swept = () => conditionChanged({ 'detail-type': 'Own Alerts Open', detail: {} });

const NOW = '2026-11-25T10:00:00.000Z';
const HOST = 'h-0000000000000009';
const LOCATION = { hostId: HOST, hostName: 'rack-1' };
const put = async (vm: Vm, more: Partial<Vm>): Promise<Vm> => {
  const after = await vms.swap(vm, { ...vm, ...more, changedAt: new Date(Date.now()).toISOString() });
  await changed(vm.id);
  return after;
};
const ready = (reason: string): Vm['ready'] => ({ status: 'false', reason, message: 'm', at: NOW });

const told = () =>
  world().posts.flatMap(({ body }) => body.alerts.map(({ status, labels }) => `${status} ${labels.alertname}`));
const listed = async () => {
  const { body } = await call('GET /api/v2/alerts', { token });
  return body as unknown as { labels: Record<string, string>; annotations: Record<string, string> }[];
};

describe('a host that is silent', () => {
  const silent = async (host: Host): Promise<Host> => {
    const after = await hosts.swap(host, { ...host, state: 'unreachable', reason: 'No beat since 09:59.' });
    await changed(host.id);
    return after;
  };
  const speaks = async ({ reason: _, ...host }: Host): Promise<void> => {
    await hosts.swap(host, { ...host, state: 'ready' });
    await changed(host.id);
  };
  const kvmHost = async (): Promise<Host> => {
    const host = newHost({ id: HOST, name: 'rack-1' });
    await insertHost(host);
    return host;
  };

  it('is an alert from the first minute, to all channels, until it speaks again', async () => {
    const back = await silent(await kvmHost());
    await world().until(60);
    expect(world().notices.map(({ notice }) => notice.title)).toEqual(Array(2).fill('[FIRING:1] HostUnreachable'));
    expect(world().notices[0]?.notice.severity).toBe('critical');
    await speaks(back);
    await world().until(400);
    expect(
      world()
        .notices.map(({ notice }) => notice.title)
        .slice(2),
    ).toEqual(Array(2).fill('[RESOLVED:1] HostUnreachable'));
  });

  it('fires as long as it is so, and names the VMs on it', async () => {
    await route();
    const host = await kvmHost();
    await insertVm(newVm({ name: 'db-1', location: LOCATION }));
    const back = await silent(host);
    vi.setSystemTime(world().begin + 4 * 86_400_000);
    await swept();
    const [alert] = await listed();
    expect(alert?.labels).toEqual({
      alertname: 'HostUnreachable',
      host: 'rack-1',
      host_id: HOST,
      provider: 'kvm',
      severity: 'critical',
    });
    expect(alert?.annotations.description).toContain('No beat since 09:59.\nOn it: db-1.');
    vi.setSystemTime(world().begin + 9 * 86_400_000);
    expect(await listed()).toHaveLength(1);
    await speaks(back);
    expect(await listed()).toEqual([]);
  });

  it('is told to projects with VMs on it that have routes of their own, without the names of others’ VMs', async () => {
    await insertProject({ id: 'shop' });
    const theirs = await signIn('operator', {
      ...{ id: 'tok-0000000000004444', project: 'shop', system: false, expiresAt: '2099-01-01T00:00:00.000Z' },
    });
    const host = await kvmHost();
    await insertVm(newVm({ name: 'db-1', location: LOCATION }));
    await insertVm(newVm({ id: 'vm-0000000000000002', name: 'till', project: 'shop', location: LOCATION }));
    await route({ token: theirs });
    const back = await silent(host);
    await world().until(1);
    expect(JSON.stringify(world().posts)).toContain('On it: till.');
    expect(JSON.stringify(world().posts)).not.toContain('db-1');
    expect((await listed())[0]?.annotations.description).toContain('On it: db-1; and 1 of other projects.');
    await speaks(back);
    await world().until(70);
    expect(told()).toEqual(['firing HostUnreachable', 'resolved HostUnreachable']);
  });

  it('whose pool is nearly full is one, until there is room again, with the VMs that lie there', async () => {
    await route();
    const host = await kvmHost();
    await insertVm(newVm({ name: 'db-1', location: LOCATION }));
    const facts = host.facts as NonNullable<Host['facts']>;
    const withFree = async (before: Host, freeGiB: number): Promise<Host> => {
      const after = await hosts.swap(before, {
        ...before,
        facts: { ...facts, pool: { path: '/p', sizeGiB: 100, freeGiB } },
      });
      await changed(HOST);
      return after;
    };
    const full = await withFree(host, 4);
    expect((await listed())[0]?.annotations.description).toContain('On it: db-1.');
    await world().until(1);
    const tight = await withFree(full, 8);
    expect(await listed()).toHaveLength(1);
    await withFree(tight, 11);
    await world().until(70);
    expect(told()).toEqual(['firing PoolFull', 'resolved PoolFull']);
  });
});

describe('a VM', () => {
  beforeEach(async () => route());

  it.each([
    ['VmLost', { state: 'lost' }, { state: 'running' }],
    ['VmCrashed', { state: 'error', ready: ready('Crashed') }, { state: 'running', ready: ready('Starting') }],
    ['VmPausedOnIoError', { state: 'suspended', ready: ready('PausedOnIoError') }, { state: 'deleted' }],
  ] as const)('is an alert %s until it is well, or gone', async (alertname, trouble, well) => {
    const vm = await insertVm(newVm({ location: LOCATION }));
    const so = await put(vm, trouble);
    await world().until(10);
    const labels = { alertname, vm: vm.name, vm_id: vm.id, host: 'rack-1', host_id: HOST, provider: 'kvm' };
    expect((await listed()).map((alert) => alert.labels)).toEqual([{ ...labels, severity: 'critical' }]);
    // Whoever hears it late, or twice, hears of nothing new.
    await changed(vm.id);
    await put(await put(so, { state: 'unknown' }), { state: 'pending' });
    if (alertname !== 'VmLost') expect(await listed()).toHaveLength(1);
    await put(await vms.get(vm.id), well);
    await swept();
    await world().until(80);
    expect(told()).toEqual([`firing ${alertname}`, `resolved ${alertname}`]);
  });

  it('whose row is gone, and whose name is another, leaves no alert behind', async () => {
    const vm = await put(await insertVm(newVm({ location: LOCATION })), { state: 'lost' });
    const renamed = await put(vm, { name: 'other' });
    expect((await listed()).map(({ labels }) => labels.vm)).toEqual(['other']);
    await vms.forget(renamed);
    await changed(vm.id);
    expect(await listed()).toEqual([]);
  });

  it('that changes while it is judged is judged anew', async () => {
    const state = new StateTable();
    token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
    await route();
    const lost = await vms.swap(await insertVm(newVm()), { ...newVm(), state: 'lost' });
    // Between what is read of the VM and what is written of its alert it is found again, and that is settled by another.
    let reads = 0;
    state.around = async (work) => {
      const done = await work();
      reads += 1;
      if (reads === 2) {
        state.around = (other) => other();
        await put(lost, { state: 'running' });
      }
      return done;
    };
    await changed(lost.id);
    expect(reads).toBe(2);
    expect(await listed()).toEqual([]);
  });

  it('that is not ours is its owner’s', async () => {
    await put(await insertVm(newVm({ managed: false })), { state: 'lost' });
    expect(await listed()).toEqual([]);
  });

  const scheduled = async (more: Partial<Schedule> = {}): Promise<Schedule> => {
    const schedule = newSchedule({
      periods: [{ weekdays: ['wed'], start: '08:00', stop: '18:00' }],
      timeZone: 'UTC',
      targets: { vms: [newVm().id] },
      graceMinutes: 10,
      ...more,
    });
    await insertSchedule(schedule);
    return schedule;
  };

  it('that is down though a schedule wants it up, and nobody asked for it, is one after the grace', async () => {
    await scheduled();
    const vm = await insertVm(newVm({ state: 'running', desired: 'running' }));
    const down = await put(vm, { state: 'stopped' });
    await world().until(500);
    await swept();
    expect([await listed(), told()]).toEqual([[], []]);
    await world().until(601);
    await swept();
    expect((await listed()).map(({ labels }) => labels.alertname)).toEqual(['VmDownAgainstPlan']);
    await world().until(602);
    await put(down, { state: 'running' });
    await world().until(700);
    expect(told()).toEqual(['firing VmDownAgainstPlan', 'resolved VmDownAgainstPlan']);
  });

  it('that comes back within the grace, that people stopped, and that is to be off, is none', async () => {
    const schedule = await scheduled();
    const vm = await insertVm(newVm({ state: 'running', desired: 'running' }));
    const down = await put(vm, { state: 'stopped' });
    const back = await put(down, { state: 'running' });
    await world().until(700);
    await swept();
    const stopped = await put(back, { state: 'stopped', desired: 'stopped' });
    await world().until(1_400);
    await swept();
    expect([await listed(), told()]).toEqual([[], []]);
    await schedules.swap(schedule, { ...schedule, periods: [{ weekdays: ['wed'], start: '20:00', stop: '22:00' }] });
    await put(stopped, { desired: 'running' });
    await world().until(2_100);
    await swept();
    expect([await listed(), told()]).toEqual([[], []]);
  });
});

describe('the rule of an event', () => {
  const rule = async (name: string, body: object): Promise<void> => {
    expect((await call(`PATCH /v1/rules/${ruleIdOf('default', name)}`, { token, body })).status).toBe(200);
  };

  it('says what is told of it, also while it fires', async () => {
    await route();
    await rule('vm-lost', {
      labels: { severity: 'page', team: 'web' },
      annotations: { summary: 'Gone: {{ $labels.vm }}' },
    });
    const vm = await insertVm(newVm({ location: LOCATION }));
    const lost = await put(vm, { state: 'lost' });
    const [alert] = await listed();
    expect(alert?.labels).toMatchObject({ alertname: 'VmLost', vm: vm.name, severity: 'page', team: 'web' });
    expect(alert?.annotations.summary).toBe(`Gone: ${vm.name}`);
    await rule('vm-lost', { labels: { severity: 'info' } });
    await swept();
    expect((await listed()).map(({ labels }) => labels.severity)).toEqual(['info']);
    await put(lost, { state: 'running' });
    expect(await listed()).toEqual([]);
  });

  it('that is off, or not about it, has nobody told; what was told is over, and is told again once it is on', async () => {
    await route();
    const vm = await insertVm(newVm({ location: LOCATION }));
    await rule('vm-lost', { matchers: ['vm="another"'] });
    const lost = await put(vm, { state: 'lost' });
    await world().until(60);
    expect([await listed(), told()]).toEqual([[], []]);
    await rule('vm-lost', { matchers: [] });
    await swept();
    await world().until(120);
    await rule('vm-lost', { enabled: false });
    await swept();
    expect(await listed()).toEqual([]);
    await world().until(240);
    await swept();
    expect(told()).toEqual(['firing VmLost', 'resolved VmLost']);
    await rule('vm-lost', { enabled: true });
    await swept();
    await world().until(360);
    await put(lost, { state: 'running' });
    await world().until(480);
    expect(told().slice(2)).toEqual(['firing VmLost', 'resolved VmLost']);
  });

  const made = async (body: object): Promise<void> => {
    expect((await call('POST /v1/rules', { token, body })).status).toBe(201);
  };
  const severities = async () => (await listed()).map(({ labels }) => labels.severity).sort();

  it('is one of several: each that is about it tells of it, by tags, too', async () => {
    await route();
    await made({
      name: 'lost-prod',
      when: { event: 'vm-lost' },
      matchers: ['tag_env="prod"'],
      labels: { severity: 'page' },
    });
    await made({ name: 'lost-off', when: { event: 'vm-lost' }, labels: { severity: 'none' }, enabled: false });
    const vm = await insertVm(newVm({ location: LOCATION, tags: { env: 'prod' } }));
    const other = await insertVm(
      newVm({ id: 'vm-0000000000000077', name: 'dev-1', location: LOCATION, tags: { env: 'dev' } }),
    );
    const lost = await put(vm, { state: 'lost' });
    const otherLost = await put(other, { state: 'lost' });
    expect((await listed()).map(({ labels }) => [labels.vm, labels.severity, labels.tag_env]).sort()).toEqual([
      ['dev-1', 'critical', undefined],
      [vm.name, 'critical', undefined],
      [vm.name, 'page', undefined],
    ]);
    await rule('vm-lost', { matchers: ['tag_env!="prod"'] });
    await swept();
    expect(await severities()).toEqual(['critical', 'page']);
    await put(lost, { state: 'running' });
    expect(await severities()).toEqual(['critical']);
    await put(otherLost, { state: 'running' });
  });

  it('waits for as long as it says, and of two that are called alike one fires', async () => {
    await route();
    await rule('vm-lost', { for: '10m' });
    await made({ name: 'lost-long', when: { event: 'vm-lost' }, for: '20m', labels: { severity: 'page' } });
    await made({ name: 'lost-same', when: { event: 'vm-lost' }, for: '30m' });
    const lost = await put(await insertVm(newVm({ location: LOCATION })), { state: 'lost' });
    expect(await listed()).toEqual([]);
    await world().until(610);
    await swept();
    expect(await severities()).toEqual(['critical']);
    await world().until(1_210);
    await swept();
    expect(await severities()).toEqual(['critical', 'page']);
    const back = await put(lost, { state: 'running' });
    expect(await listed()).toEqual([]);
    const again = await put(back, { state: 'lost' });
    await put(again, { state: 'running' });
    await world().until(2_000);
    await swept();
    expect(await listed()).toEqual([]);
  });

  it('of a silent host that is off leaves its guests quiet', async () => {
    await route();
    await rule('host-unreachable', { enabled: false });
    const host = newHost({ id: HOST, name: 'rack-1' });
    await insertHost(host);
    const { id: vm_id } = await insertVm(newVm({ location: LOCATION }));
    await hosts.swap(host, { ...host, state: 'unreachable', reason: 'No beat since 09:59.' });
    await changed(HOST);
    const alerts = [{ labels: { alertname: 'InstanceDown', vm_id } }];
    expect((await call('POST /api/v2/alerts', { token, body: alerts })).status).toBe(200);
    await world().until(70);
    expect((await listed()).map(({ labels }) => labels.alertname)).toEqual(['InstanceDown']);
    expect(told()).toEqual([]);
  });
});

describe('what has happened', () => {
  beforeEach(async () => route());
  const failedAt = (id: string, more: Partial<Operation> = {}) => ({
    detail: {
      id: `event-${id}`,
      operationId: id,
      kind: 'start-vm',
      state: 'failed',
      by: 'token:t',
      endedAt: NOW,
      ...more,
    },
  });
  const insertOperation = (operation: Operation) => table.save(table.putNew(operations.entity, operation));

  it('is over once the same operation goes well on the same VM, and not by an earlier or another one', async () => {
    leaves('OperationsOverlap', 'HistoryBroken', 'EndNotTold');
    const vm = await insertVm(newVm());
    const of = (number: number, more: Partial<Operation>) =>
      insertOperation(anOperation(number, { kind: 'start-vm', vmId: vm.id, version: 1, ...more }));
    await of(2, { state: 'failed', createdAt: '2026-11-25T09:59:00.000Z' });
    await of(1, { createdAt: '2026-11-25T09:58:00.000Z' });
    await operationFailed(failedAt('op-00000000000000000000000002', { vmId: vm.id }));
    await world().until(1);
    await swept();
    await of(3, { kind: 'stop-vm', createdAt: '2026-11-25T10:00:00.000Z' });
    await swept();
    expect(await listed()).toHaveLength(1);
    await of(4, { createdAt: '2026-11-25T10:00:01.000Z' });
    await swept();
    await world().until(70);
    expect(told()).toEqual(['firing OperationFailed', 'resolved OperationFailed']);
  });

  it('is looked at no more once its hour is over', async () => {
    const state = new StateTable();
    token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
    await route();
    await operationFailed(failedAt('op-00000000000000000000000002'));
    await world().until(3_700);
    expect(state.of('alert')[0]?.gsi2pk).toBe('own-alert');
    await swept();
    expect(state.of('alert')[0]?.gsi2pk).toBeUndefined();
    expect(told()).toEqual(['firing OperationFailed', 'resolved OperationFailed']);
  });

  const missed = (schedule: Schedule) =>
    scheduleMissed({
      'detail-type': 'Schedule Missed',
      detail: {
        ...{ id: 's-1', scheduleId: schedule.id, scheduleName: schedule.name, project: 'default', plannedAt: NOW },
        ...{ want: 'up', because: 'mon-fri 09:00-18:00', graceMinutes: 10, vms: 1 },
        late: [{ vmId: newVm().id, vmName: 'web-1', state: 'stopped', cause: 'No capacity right now.' }],
      },
    });
  const run = (more = {}): NonNullable<Schedule['lastRun']> => ({
    ...{ plannedAt: NOW, ranAt: NOW, want: 'up', because: 'b', vms: 1, begun: 1, skipped: false, owed: [] },
    checkedAt: NOW,
    late: [{ vmId: newVm().id, vmName: 'web-1', state: 'stopped', cause: 'c' }],
    ...more,
  });

  it('to a schedule is over once its late VMs have come', async () => {
    const vm = await insertVm(newVm({ state: 'stopped', desired: 'stopped' }));
    const schedule = newSchedule();
    await insertSchedule(schedule);
    await missed(schedule);
    await swept();
    const looked = await schedules.swap(schedule, { ...schedule, lastRun: run() });
    await swept();
    vi.setSystemTime(world().begin + 2 * 86_400_000);
    expect(await listed()).toHaveLength(1);
    await put(vm, { state: 'running', ready: { ...ready('AgentAnswers'), status: 'true' } });
    await swept();
    expect(await listed()).toEqual([]);
    expect(looked.lastRun?.late).toHaveLength(1);
  });

  it.each([
    ['a later run that none is late for', { lastRun: run({ plannedAt: '2026-11-26T10:00:00.000Z', late: [] }) }],
    ['being turned off', { enabled: false }],
  ])('to a schedule is over by %s', async (_, change) => {
    await insertVm(newVm({ state: 'stopped' }));
    const schedule = newSchedule();
    await insertSchedule(schedule);
    await missed(schedule);
    const looked = await schedules.swap(schedule, { ...schedule, lastRun: run() });
    await swept();
    expect(await listed()).toHaveLength(1);
    await schedules.swap(looked, { ...looked, ...change });
    await swept();
    expect(await listed()).toEqual([]);
  });
});
