import { newHost } from './api.ts';
import { ownId } from './tenants.ts';

/** What a route asks of its caller, said here by hand: the route table is what is tested. */
export type Least = 'nothing' | 'aws' | 'viewer' | 'operator' | 'admin' | 'system' | 'host';

export interface Rule {
  readonly least: Least;
  /** What kind of row of a tenant the id in its path names. */
  readonly owned?:
    | 'vm'
    | 'operation'
    | 'token'
    | 'schedule'
    | 'calendar'
    | 'group'
    | 'window'
    | 'rule'
    | 'silence'
    | 'alert';
  /** Any other id in its path. */
  readonly id?: string;
  readonly body?: object;
  /** The status where the caller may. */
  readonly done: number;
}

const HOST = newHost().id;
const report = { unitVersion: '1', seq: 1, sentAt: '2026-11-25T10:00:00.000Z', events: [] };
const measured = {
  unitVersion: '1',
  sentAt: '2026-11-25T10:00:00.000Z',
  samples: [{ at: '2026-11-25T10:00:00.000Z', intervalSeconds: 15, host: {}, domains: [] }],
};
const image = { name: 'debian', source: '/srv/debian.qcow2', sha256: 'b'.repeat(64) };
const vm = { owned: 'vm' } as const;
const schedule = { owned: 'schedule' } as const;
const calendar = { owned: 'calendar' } as const;
const group = { owned: 'group' } as const;
const window = { owned: 'window' } as const;
const patching = {
  name: 'patching',
  targets: { filter: 'tag:app=shop' },
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['sun'], start: '02:00', stop: '04:00' }],
};
const rule = { owned: 'rule' } as const;
const hot = { name: 'hot', when: { metric: 'vm.cpu.utilization', op: '>', value: 0.9 }, for: '10m' };
const silence = { owned: 'silence' } as const;
const quiet = {
  matchers: [{ name: 'alertname', value: 'Down', isRegex: false }],
  startsAt: '2026-11-25T10:00:00.000Z',
  endsAt: '2099-01-01T00:00:00.000Z',
  createdBy: 'anna',
  comment: 'works',
};
const office = {
  name: 'office',
  targets: { filter: 'tag:app=shop' },
  timeZone: 'Europe/Berlin',
  periods: [{ weekdays: ['mon'], start: '09:00', stop: '18:00' }],
};
const action: Rule = { least: 'operator', ...vm, done: 202 };

/** One rule for each operation of the OpenAPI, by its operationId. A route without a rule fails the matrix. */
export const RULES: Readonly<Record<string, Rule>> = {
  'get-health': { least: 'nothing', done: 200 },
  'get-openapi': { least: 'nothing', done: 200 },
  'get-me': { least: 'viewer', done: 200 },
  'trade-token': { least: 'aws', done: 201 },
  'list-vms': { least: 'viewer', done: 200 },
  'get-vm': { least: 'viewer', ...vm, done: 200 },
  'list-vm-events': { least: 'viewer', ...vm, done: 200 },
  'get-console-log': { least: 'viewer', ...vm, done: 200 },
  'create-vm': { least: 'operator', body: { name: 'new', provider: 'kvm', image: 'test' }, done: 202 },
  'patch-vm': { least: 'operator', ...vm, body: { tags: {} }, done: 200 },
  'delete-vm': action,
  'start-vm': action,
  'stop-vm': action,
  'reboot-vm': action,
  'reset-vm': action,
  // It is there, and runs: whoever may is told so.
  'undelete-vm': { ...action, done: 409 },
  'get-vm-schedule': { least: 'viewer', ...vm, done: 200 },
  'get-savings': { least: 'viewer', done: 200 },
  'list-schedules': { least: 'viewer', done: 200 },
  'create-schedule': { least: 'operator', body: office, done: 201 },
  'get-schedule': { least: 'viewer', ...schedule, done: 200 },
  'patch-schedule': { least: 'operator', ...schedule, body: { enabled: false }, done: 200 },
  'delete-schedule': { least: 'operator', ...schedule, done: 204 },
  'preview-schedule': { least: 'viewer', ...schedule, done: 200 },
  'override-schedule': {
    least: 'operator',
    ...schedule,
    body: { want: 'up', until: '2099-01-01T00:00:00.000Z' },
    done: 200,
  },
  'end-override': { least: 'operator', ...schedule, done: 200 },
  'list-calendars': { least: 'viewer', done: 200 },
  'create-calendar': { least: 'operator', body: { name: 'works', dates: [{ from: '2026-12-24' }] }, done: 201 },
  'get-calendar': { least: 'viewer', ...calendar, done: 200 },
  'patch-calendar': { least: 'operator', ...calendar, body: { open: ['2026-12-23'] }, done: 200 },
  'delete-calendar': { least: 'operator', ...calendar, done: 204 },
  'refresh-calendar': { least: 'operator', ...calendar, done: 200 },
  'list-groups': { least: 'viewer', done: 200 },
  'create-group': { least: 'operator', body: { name: 'shop', filter: 'tag:app=shop' }, done: 201 },
  'get-group': { least: 'viewer', ...group, done: 200 },
  'patch-group': { least: 'operator', ...group, body: { filter: 'tag:app=store' }, done: 200 },
  'delete-group': { least: 'operator', ...group, done: 204 },
  'list-windows': { least: 'viewer', done: 200 },
  'create-window': { least: 'operator', body: patching, done: 201 },
  'get-window': { least: 'viewer', ...window, done: 200 },
  'patch-window': { least: 'operator', ...window, body: { closures: [{ from: '2026-12-24' }] }, done: 200 },
  'delete-window': { least: 'operator', ...window, done: 204 },
  'list-rules': { least: 'viewer', done: 200 },
  'create-rule': { least: 'operator', body: hot, done: 201 },
  'test-rule': {
    least: 'viewer',
    body: { rule: hot, samples: [{ at: '2026-11-25T10:00:00.000Z', values: { 'vm.cpu.utilization': 1 } }] },
    done: 200,
  },
  'get-rule': { least: 'viewer', ...rule, done: 200 },
  'patch-rule': { least: 'operator', ...rule, body: { enabled: false }, done: 200 },
  'delete-rule': { least: 'operator', ...rule, done: 204 },
  'list-alerts': { least: 'viewer', done: 200 },
  'post-alerts': { least: 'operator', body: [{ labels: { alertname: 'Down' } }], done: 200 },
  'list-alert-groups': { least: 'viewer', done: 200 },
  'acknowledge-alert': { least: 'operator', owned: 'alert', body: { comment: 'mine' }, done: 200 },
  'get-alert': { least: 'viewer', owned: 'alert', done: 200 },
  'comment-alert': { least: 'operator', owned: 'alert', body: { comment: 'mine' }, done: 200 },
  'assign-alert': { least: 'operator', owned: 'alert', body: { to: 'anna' }, done: 200 },
  'unacknowledge-alert': { least: 'operator', owned: 'alert', done: 200 },
  'list-silences': { least: 'viewer', done: 200 },
  'list-all-silences': { least: 'viewer', done: 200 },
  'create-silence': {
    least: 'operator',
    body: { matchers: ['alertname="Down"'], endsAt: '2099-01-01T00:00:00.000Z', comment: 'works' },
    done: 201,
  },
  'show-silence': { least: 'viewer', ...silence, done: 200 },
  'patch-silence': { least: 'operator', ...silence, body: { comment: 'more works' }, done: 200 },
  'end-silence': { least: 'operator', ...silence, body: {}, done: 200 },
  'post-silence': { least: 'operator', body: quiet, done: 200 },
  'get-silence': { least: 'viewer', ...silence, done: 200 },
  'expire-silence': { least: 'operator', ...silence, done: 200 },
  'list-channels': { least: 'viewer', done: 200 },
  // What lets somebody in is the token of the link; here there is none.
  'show-answer': { least: 'nothing', done: 400 },
  'answer-from-slack': { least: 'nothing', done: 400 },
  'acknowledge-by-link': { least: 'nothing', done: 400 },
  'redeliver-channel': { least: 'operator', body: { receiver: 'default' }, done: 200 },
  'test-channel': { least: 'operator', body: { receiver: 'default' }, done: 200 },
  'preview-texts': { least: 'viewer', body: { receiver: 'default' }, done: 200 },
  'list-receivers': { least: 'viewer', done: 200 },
  'get-alertmanager-status': { least: 'viewer', done: 200 },
  'get-routing': { least: 'viewer', done: 200 },
  'save-routing': {
    least: 'operator',
    body: { yaml: 'route: { receiver: a }\nreceivers: [{ name: a }]\n' },
    done: 200,
  },
  'test-routing': { least: 'viewer', body: { labels: { alertname: 'Down' } }, done: 200 },
  'list-operations': { least: 'viewer', done: 200 },
  'get-operation': { least: 'viewer', owned: 'operation', done: 200 },
  'cancel-operation': { least: 'operator', owned: 'operation', done: 202 },
  'list-tokens': { least: 'admin', done: 200 },
  'create-token': { least: 'admin', body: { name: 'ci', role: 'viewer' }, done: 201 },
  'revoke-token': { least: 'admin', owned: 'token', done: 204 },
  'list-sizes': { least: 'viewer', done: 200 },
  'list-images': { least: 'viewer', done: 200 },
  'get-image': { least: 'viewer', id: 'test', done: 200 },
  'register-image': { least: 'system', body: image, done: 201 },
  'delete-image': { least: 'system', id: 'test', done: 204 },
  'list-hosts': { least: 'viewer', done: 200 },
  'get-host': { least: 'viewer', id: HOST, done: 200 },
  'enrol-host': { least: 'system', body: { name: 'rack-1' }, done: 202 },
  'activate-host': { least: 'system', id: HOST, done: 200 },
  'deactivate-host': { least: 'system', id: HOST, done: 200 },
  // The tenants' VMs live on it.
  'retire-host': { least: 'system', id: HOST, done: 409 },
  'report-metrics': { least: 'host', id: HOST, body: measured, done: 200 },
  'get-vm-metrics': { least: 'viewer', ...vm, done: 200 },
  'get-host-metrics': { least: 'viewer', id: HOST, done: 200 },
  'top-vms': { least: 'viewer', done: 200 },
  'top-hosts': { least: 'viewer', done: 200 },
  'get-exposition': { least: 'viewer', done: 200 },
  'list-prometheus-targets': { least: 'viewer', done: 200 },
  'report-host': { least: 'host', id: HOST, body: report, done: 200 },
  'get-install-script': { least: 'host', id: HOST, done: 200 },
  reconcile: { least: 'system', done: 200 },
  'list-audit': { least: 'admin', done: 200 },
  'list-audit-heads': { least: 'admin', done: 200 },
  'get-audit-key': { least: 'viewer', done: 200 },
  'list-findings': { least: 'system', done: 200 },
  'check-findings': { least: 'system', done: 202 },
  'unlock-collection': { least: 'system', done: 200 },
  'list-projects': { least: 'system', done: 200 },
  'create-project': { least: 'system', body: { id: 'lab' }, done: 201 },
  'get-project': { least: 'system', id: 'shop', done: 200 },
  'patch-project': { least: 'system', id: 'shop', body: { maxVms: 10 }, done: 200 },
  'delete-project': { least: 'system', id: 'shop', done: 409 },
};

/** The line of a request, with this id where its path has one. */
export const lineOf = (method: string, path: string, { owned, id }: Rule, owner = id): string =>
  `${method} ${path.replace('{id}', owner ?? (owned ? ownId(owned, 'shop') : ''))}`;
