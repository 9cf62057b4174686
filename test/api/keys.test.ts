import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ROUTES } from '../../lambdas/api/routes.ts';
import * as alerts from '../../lambdas/store/alerts.ts';
import * as silences from '../../lambdas/store/silences.ts';
import * as stateTable from '../../lambdas/store/table.ts';
import { newAlert, newSilence } from '../support/alert-rows.ts';
import {
  call,
  insertCalendar,
  insertGroup,
  insertHost,
  insertImage,
  insertRule,
  insertSchedule,
  insertVm,
  insertWindow,
  newCalendar,
  newGroup,
  newHost,
  newImage,
  newRule,
  newSchedule,
  newVm,
  newWindow,
  type Sent,
  signIn,
} from '../support/api.ts';
import { RULES } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let admin: string;
beforeEach(async () => {
  state = new StateTable();
  admin = await signIn('admin');
});

const headers = { 'idempotency-key': 'k1' };
const image = { name: 'debian', source: '/srv/debian.qcow2', sha256: 'b'.repeat(64) };

it('a repeated registration gives the same image, another one under its key is refused', async () => {
  const first = await call('POST /v1/images', { token: admin, body: image, headers });
  const again = await call('POST /v1/images', { token: admin, body: image, headers });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body).toEqual(first.body);
  expect(state.of('image')).toHaveLength(1);
  const other = await call('POST /v1/images', { token: admin, body: { ...image, name: 'other' }, headers });
  expect(other).toMatchObject({ status: 422, body: { code: 'KeyReused' } });
});

it('a repeated request for a token leaves one that works: the last', async () => {
  const body = { name: 'ci', role: 'viewer' };
  const first = await call('POST /v1/tokens', { token: admin, body, headers });
  const again = await call('POST /v1/tokens', { token: admin, body, headers });
  expect((await call('GET /v1/me', { token: first.body.token })).status).toBe(401);
  expect((await call('GET /v1/me', { token: again.body.token })).status).toBe(200);
});

it('an image that may not be fetched is refused and not written', async () => {
  const got = await call('POST /v1/images', { token: admin, body: { ...image, source: 'https://169.254.169.254/x' } });
  expect(got).toMatchObject({ status: 422, body: { code: 'ImageUrlRefused', errors: [{ pointer: '/source' }] } });
  expect(state.of('image')).toEqual([]);
});

const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const OTHER_VM = 'vm-0000000000000002';
const stop = (id: string) => `POST /v1/vms/${id}/actions/stop`;

/** One good request of each kind of change, by the action of its route; those that are left out are named below. */
const SCHEDULE = '/v1/schedules/sch-0000000000000001';
const CALENDAR = '/v1/calendars/cal-0000000000000001';
const CHANGES: Readonly<Record<string, [line: string, sent?: Sent]>> = {
  'create-vm': ['POST /v1/vms', { body: { name: 'new', provider: 'kvm', image: 'test' } }],
  'patch-vm': [`PATCH /v1/vms/${OTHER_VM}`, { body: { tags: { env: 'prod' } } }],
  'delete-vm': [`DELETE /v1/vms/${OTHER_VM}`],
  'stop-vm': [stop(newVm().id)],
  'reboot-vm': [`POST /v1/vms/${OTHER_VM}/actions/reboot`],
  'activate-host': [`POST /v1/hosts/${newHost().id}/actions/activate`],
  'deactivate-host': [`POST /v1/hosts/${newHost().id}/actions/deactivate`],
  'enrol-host': ['POST /v1/hosts/enrol', { body: { name: 'rack-1' } }],
  'register-image': ['POST /v1/images', { body: image }],
  'delete-image': ['DELETE /v1/images/spare'],
  'create-project': ['POST /v1/projects', { body: { id: 'shop' } }],
  'patch-project': ['PATCH /v1/projects/spare', { body: { maxVms: 5 } }],
  'delete-project': ['DELETE /v1/projects/spare'],
  'create-token': ['POST /v1/tokens', { body: { name: 'ci', role: 'viewer' } }],
  'revoke-token': ['DELETE /v1/tokens/tok-0000000000001111'],
  'create-schedule': ['POST /v1/schedules', { body: { ...RULES['create-schedule']?.body, name: 'nights' } }],
  'patch-schedule': [`PATCH ${SCHEDULE}`, { body: { priority: 3 } }],
  'override-schedule': [
    `POST ${SCHEDULE}/actions/override`,
    { body: { want: 'up', until: '2099-01-01T00:00:00.000Z' } },
  ],
  'end-override': [`POST ${SCHEDULE}/actions/end-override`],
  'delete-schedule': ['DELETE /v1/schedules/sch-0000000000000002'],
  'create-calendar': ['POST /v1/calendars', { body: RULES['create-calendar']?.body }],
  'patch-calendar': [`PATCH ${CALENDAR}`, { body: { open: ['2026-12-23'] } }],
  'refresh-calendar': [`POST ${CALENDAR}/actions/refresh`],
  'delete-calendar': ['DELETE /v1/calendars/cal-0000000000000002'],
  'create-group': ['POST /v1/groups', { body: { ...RULES['create-group']?.body, name: 'new' } }],
  'patch-group': ['PATCH /v1/groups/grp-0000000000000001', { body: { filter: 'tag:app=store' } }],
  'delete-group': ['DELETE /v1/groups/grp-0000000000000002'],
  'create-window': ['POST /v1/windows', { body: { ...RULES['create-window']?.body, name: 'new' } }],
  'patch-window': ['PATCH /v1/windows/win-0000000000000001', { body: { closures: [{ from: '2026-12-24' }] } }],
  'delete-window': ['DELETE /v1/windows/win-0000000000000002'],
  'create-rule': ['POST /v1/rules', { body: { ...RULES['create-rule']?.body, name: 'new' } }],
  'patch-rule': ['PATCH /v1/rules/rul-0000000000000001', { body: { enabled: false } }],
  'delete-rule': ['DELETE /v1/rules/rul-0000000000000002'],
  'post-silence': ['POST /api/v2/silences', { body: RULES['post-silence']?.body }],
  'create-silence': ['POST /v1/silences', { body: RULES['create-silence']?.body }],
  'patch-silence': [`PATCH /v1/silences/${newSilence().id}`, { body: { comment: 'mine' } }],
  'end-silence': [`POST /v1/silences/${newSilence().id}/actions/expire`, { body: {} }],
  'expire-silence': [`DELETE /api/v2/silence/${newSilence().id}`],
  'acknowledge-alert': [`POST /v1/alerts/${newAlert().fingerprint}/actions/acknowledge`, { body: {} }],
  'unacknowledge-alert': [`POST /v1/alerts/${newAlert().fingerprint}/actions/unacknowledge`],
  'comment-alert': [`POST /v1/alerts/${newAlert().fingerprint}/actions/comment`, { body: { comment: 'mine' } }],
  'assign-alert': [`POST /v1/alerts/${newAlert().fingerprint}/actions/assign`, { body: { to: 'anna' } }],
  'save-routing': ['POST /v1/routes', { body: RULES['save-routing']?.body }],
};
/** Of other states or principals, or asked of AWS; they go the same way as the others, through the one stack. */
const LEFT_OUT = [
  'start-vm',
  'reset-vm',
  'undelete-vm',
  'cancel-operation',
  'trade-token',
  'retire-host',
  'reconcile',
  'check-findings',
  'unlock-collection',
  'report-host',
  'report-metrics',
  'post-alerts',
  'test-routing',
  'test-channel',
  'redeliver-channel',
  'acknowledge-by-link',
  'preview-texts',
  'answer-from-slack',
  'test-rule',
];

/** Each kind before and after some others, near and far in the list: the key is compared by one rule, whatever the two are. */
const STRIDES = [1, 5, 12];
const KINDS = Object.keys(CHANGES);
const PAIRS = KINDS.flatMap((first, at) =>
  STRIDES.map((stride) => [first, KINDS[(at + stride) % KINDS.length] ?? first] as const),
);

describe('one Idempotency-Key for two requests', () => {
  const ssm = mockClient(SSMClient);
  beforeEach(async () => {
    ssm.reset();
    ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: 'code' });
    ssm.on(AddTagsToResourceCommand).resolves({});
    await signIn('viewer');
    await insertHost(newHost());
    await insertImage(newImage());
    await insertImage(newImage({ id: 'img-0000000000000002', name: 'spare' }));
    await call('POST /v1/projects', { token: admin, body: { id: 'spare' } });
    await insertSchedule(newSchedule());
    await insertSchedule(newSchedule({ id: 'sch-0000000000000002', name: 'spare' }));
    await insertCalendar(newCalendar());
    await insertCalendar(newCalendar({ id: 'cal-0000000000000002', name: 'spare' }));
    await insertGroup(newGroup());
    await insertGroup(newGroup({ id: 'grp-0000000000000002', name: 'spare' }));
    await insertRule(newRule());
    await insertRule(newRule({ id: 'rul-0000000000000002', name: 'spare' }));
    await insertWindow(newWindow());
    await insertWindow(newWindow({ id: 'win-0000000000000002', name: 'spare' }));
    await stateTable.save(silences.inserting(newSilence()));
    await stateTable.save(alerts.writing(newAlert()));
    await insertVm(newVm());
    await insertVm(newVm({ id: OTHER_VM, name: 'web-2' }));
  });

  const change = (action: string) => {
    const [line, sent] = CHANGES[action] ?? [''];
    return call(line, { token: admin, headers, ...sent });
  };
  const withoutAudit = () => JSON.stringify([...state.rows.values()].filter(({ entity }) => entity !== 'audit'));

  it('every kind of change is here', () => {
    const changing = ROUTES.filter(({ method }) => method !== 'GET').map(({ action }) => action);
    expect([...Object.keys(CHANGES), ...LEFT_OUT].sort()).toEqual(changing.sort());
  });

  it.each(PAIRS)('%s and then %s is refused, and does nothing', async (first, second) => {
    expect((await change(first)).status).toBeLessThan(300);
    const rows = withoutAudit();
    expect(await change(second)).toMatchObject({ status: 422, body: { code: 'KeyReused' } });
    expect(withoutAudit()).toBe(rows);
  });

  it.each(
    // What it was about is gone by then.
    Object.keys(CHANGES).filter(
      (action) => !/^delete-(image|project|schedule|calendar|group|window|rule)$/.test(action),
    ),
  )('%s and the same again is no other request', async (action) => {
    const first = await change(action);
    expect((await change(action)).status).toBe(first.status);
  });

  it('on another VM is refused', async () => {
    expect((await call(stop(newVm().id), { token: admin, headers })).status).toBe(202);
    expect(await call(stop(OTHER_VM), { token: admin, headers })).toMatchObject({
      status: 422,
      body: { code: 'KeyReused' },
    });
  });

  it('by two principals is none of the other’s business', async () => {
    expect((await change('create-token')).status).toBe(201);
    const traded = await call('POST /v1/token', { iam: ROLE, headers });
    expect(traded.status).toBe(201);
    expect((await call(stop(OTHER_VM), { token: traded.body.token, headers })).status).toBe(202);
  });

  it('at the same moment is taken by one of them', async () => {
    const both = await Promise.all([change('register-image'), change('create-token')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(state.of('key')).toHaveLength(1);
  });
});
