import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as auditFinding } from '../../lambdas/alerting/audit-finding.ts';
import { handler as calendarDown } from '../../lambdas/alerting/calendar-down.ts';
import { handler as operationFailed } from '../../lambdas/alerting/operation-failed.ts';
import { handler as scheduleMissed } from '../../lambdas/alerting/schedule-missed.ts';
import { ruleIdOf } from '../../lambdas/domain/ids.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, insertProject, insertVm, newVm, signIn } from '../support/api.ts';
import { failedOperation } from '../support/failed-operation.ts';
import { StateTable } from '../support/state-table.ts';

/** What happens to the plane's own, as a notice to all channels, or as an alert by the routes that somebody has written. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const AT = '2026-11-25T09:59:00.000Z';
const failed = (more = {}) => operationFailed({ detail: { ...failedOperation, endedAt: AT, ...more } });
const found = () =>
  auditFinding({
    detail: {
      id: 'f-1',
      kind: 'VmLost',
      invariant: 'I2',
      subject: 'vm-1',
      detail: 'It is gone.',
      suggestion: 'Look.',
      more: 0,
    },
  });
const down = () =>
  calendarDown({
    detail: {
      id: 'c-1',
      calendarId: 'cal-1',
      calendarName: 'works',
      project: 'shop',
      readAt: AT,
      since: AT,
      why: 'It answers 404.',
    },
  });
const missed = () =>
  scheduleMissed({
    'detail-type': 'Schedule Missed',
    detail: {
      ...{ id: 's-1', scheduleId: 'sch-1', scheduleName: 'office', project: 'shop', plannedAt: AT, want: 'up' },
      ...{ because: 'mon-fri 09:00-18:00', graceMinutes: 10, vms: 1 },
      late: [{ vmId: 'vm-0000000000000001', vmName: 'web-1', state: 'stopped', cause: 'No capacity right now.' }],
    },
  });

const YAML = `
route:
  receiver: all
  group_by: [alertname]
  group_wait: 0s
  routes: [{ matchers: [fault="DiskFull"], receiver: disks }]
receivers:
  - name: all
    webhook_configs: [{ url: 'https://hooks.example.org/all' }]
  - name: disks
    webhook_configs: [{ url: 'https://hooks.example.org/disks' }]
`;

beforeEach(async () => {
  new StateTable();
  await insertProject({ id: 'shop' });
});
const route = async (project: string) => {
  const id = project === 'default' ? 'tok-0000000000002222' : 'tok-0000000000004444';
  const token = await signIn('operator', { id, project, system: false, expiresAt: '2099-01-01T00:00:00.000Z' });
  expect((await call('POST /v1/routes', { token, body: { yaml: YAML } })).status).toBe(200);
};
const labels = () => world().posts.flatMap(({ body }) => body.alerts.map((alert) => alert.labels));

describe('what happens to the plane’s own', () => {
  it('is told to all channels where nobody has written routes', async () => {
    await failed();
    await found();
    await down();
    await missed();
    await world().until(60);
    expect(world().notices.map(({ queue }) => queue)).toHaveLength(8);
    expect(world().posts).toEqual([]);
  });

  it('is told so for as many as people read, and in a storm by a digest of all further ones', async () => {
    const VMS = 60;
    for (let number = 0; number < VMS; number += 1)
      await failed({ id: `e-${number}`, operationId: `op-${number}`, vmId: `vm-${number}`, vmName: `web-${number}` });
    expect(world().notices.filter(({ queue }) => queue.includes('topic'))).toHaveLength(20);
    await world().until(900);
    const mails = world().notices.flatMap(({ queue, notice }) => (queue.includes('topic') ? [notice] : []));
    expect(mails.map(({ title }) => title).slice(20)).toEqual(['[FIRING:40] 1 group of alerts']);
    expect(mails.at(-1)?.facts[0]).toEqual(['Held back', expect.stringContaining('40 alerts firing')]);
  });

  it('that is critical has a reserve of its own in a storm', async () => {
    for (let number = 0; number < 30; number += 1) await failed({ id: `e-${number}`, operationId: `op-${number}` });
    await failed({ id: 'e-x', operationId: 'op-x', state: 'needs-attention' });
    expect(world().notices.filter(({ notice: { severity } }) => severity === 'critical')).toHaveLength(2);
  });

  it('is an alert where somebody has, with what routes and silences go by', async () => {
    await route('default');
    await failed();
    await found();
    await world().until(60);
    expect(world().notices).toEqual([]);
    expect(labels()).toEqual([
      {
        alertname: 'OperationFailed',
        operation: 'create-vm',
        fault: 'DiskFull',
        vm: 'web-1',
        vm_id: 'vm-1',
        provider: 'kvm',
        severity: 'warning',
      },
      { alertname: 'AuditFinding', kind: 'VmLost', invariant: 'I2', subject: 'vm-1', severity: 'critical' },
    ]);
    expect(world().posts.map(({ url }) => new URL(url).pathname)).toEqual(['/disks', '/all']);
    expect(JSON.stringify(world().posts[0]?.body)).toContain('The pool has 1 GiB left.');
  });

  it('is its project’s, by its project’s routes', async () => {
    await route('shop');
    await down();
    await missed();
    await failed();
    await world().until(60);
    expect(labels()).toEqual([
      { alertname: 'CalendarFeedDown', calendar: 'works', severity: 'warning' },
      { alertname: 'ScheduleMissed', schedule: 'office', want: 'up', severity: 'warning' },
    ]);
    // The other is of `default`, where nobody has written any.
    expect(world().notices).toHaveLength(2);
  });

  it('is told once, however often the bus tells of it, and is over after an hour', async () => {
    await route('default');
    await failed();
    await failed({ id: 'event-1' });
    await world().until(30);
    await failed();
    await world().until(4_200);
    expect(world().posts.map(({ body }) => body.status)).toEqual(['firing', 'resolved']);
  });

  it('is told as the rule of its event has it, as a notice, too', async () => {
    const token = await signIn('operator', { system: false, expiresAt: '2099-01-01T00:00:00.000Z' });
    const rule = (name: string, body: object) => call(`PATCH /v1/rules/${ruleIdOf('default', name)}`, { token, body });
    await rule('operation-failed', {
      labels: { severity: 'critical', team: 'web' },
      annotations: { summary: '{{ $labels.fault }} on {{ $labels.vm }}', runbook_url: 'https://wiki.test/failed' },
    });
    await rule('audit-finding', { enabled: false });
    await failed();
    await found();
    await world().until(1);
    expect(world().notices.map(({ notice }) => notice)).toEqual(
      Array(2).fill(
        expect.objectContaining({
          title: 'DiskFull on web-1',
          severity: 'critical',
          links: expect.arrayContaining([{ label: 'Runbook', url: 'https://wiki.test/failed' }]),
        }),
      ),
    );
    await rule('operation-failed', { labels: { severity: 'page' }, annotations: {} });
    await failed({ id: 'event-1' });
    await world().until(2);
    expect(world().notices.at(-1)?.notice).toMatchObject({ severity: 'warning' });
    await route('default');
    await failed();
    await found();
    await world().until(60);
    expect(labels()).toMatchObject([{ alertname: 'OperationFailed', severity: 'page', vm: 'web-1' }]);
  });

  it('is told by each rule that is about it, and as a notice by the last of them', async () => {
    const token = await signIn('operator', { system: false, expiresAt: '2099-01-01T00:00:00.000Z' });
    await insertVm(newVm({ id: 'vm-1', tags: { env: 'prod' } }));
    const when = { event: 'operation-failed' };
    const body = { name: 'failed-prod', when, matchers: ['tag_env="prod"'], labels: { severity: 'critical' } };
    expect((await call('POST /v1/rules', { token, body })).status).toBe(201);
    await failed();
    await world().until(1);
    expect(world().notices.map(({ notice }) => notice.severity)).toEqual(['critical', 'critical']);
    await route('default');
    await failed({ operationId: 'op-2', id: 'event-2' });
    await world().until(60);
    expect(labels().map(({ severity }) => severity)).toEqual(['critical', 'warning']);
    expect(JSON.stringify(labels())).not.toContain('tag_');
  });

  it('that needs a person has a name of its own', async () => {
    await route('default');
    await failed({ state: 'needs-attention' });
    await world().until(1);
    expect(labels()).toMatchObject([{ alertname: 'OperationNeedsAttention', severity: 'critical' }]);
  });
});
