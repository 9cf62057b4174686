import { beforeEach, describe, expect, it } from 'vitest';
import * as table from '../../lambdas/store/table.ts';
import * as tokens from '../../lambdas/store/tokens.ts';
import * as vms from '../../lambdas/store/vms.ts';
import {
  call,
  insertHost,
  insertImage,
  insertVm,
  newHost,
  newImage,
  newVm,
  type Sent,
  signIn,
} from '../support/api.ts';
import { issuer } from '../support/issuer.ts';
import { StateTable } from '../support/state-table.ts';
import { tokenOf } from '../support/tenants.ts';

let state: StateTable;
let system: string;
beforeEach(async () => {
  state = new StateTable();
  issuer.publish();
  system = await signIn('admin');
});

const make = (id: string) => call('POST /v1/projects', { token: system, body: { id } });
const inProject = (project: string, sent: Sent): Sent => ({ ...sent, headers: { 'novacron-project': project } });
const jwt = (...groups: string[]) => issuer.good({ 'cognito:groups': groups });

describe('whoever asks', () => {
  const me = (token: string, headers: Record<string, string> = {}) => call('GET /v1/me', { token, headers });
  beforeEach(async () => {
    await make('shop');
    await make('bank');
  });

  it.each([
    ['its only project', ['novacron-shop-viewer'], { project: 'shop', role: 'viewer', system: false }],
    [
      'default, where it is a member',
      ['novacron-shop-admin', 'novacron-viewer'],
      { project: 'default', role: 'viewer', system: false },
    ],
    [
      'the higher of two roles',
      ['novacron-shop-viewer', 'novacron-shop-operator'],
      { project: 'shop', role: 'operator' },
    ],
    ['the installation', ['novacron-admin'], { project: 'default', role: 'admin', system: true }],
    ['default alone, by its name', ['novacron-default-admin'], { project: 'default', role: 'admin', system: false }],
  ])('acts in %s', async (_, groups, body) => {
    expect(await me(jwt(...groups))).toMatchObject({ status: 200, body });
  });

  it('in several says which; the refusal names them', async () => {
    const token = jwt('novacron-shop-viewer', 'novacron-bank-admin');
    const got = await me(token);
    expect(got).toMatchObject({ status: 400, body: { errors: [{ pointer: 'header/novacron-project' }] } });
    expect(got.body.detail).toContain('one of shop, bank');
    expect(await me(token, { 'novacron-project': 'bank' })).toMatchObject({
      body: {
        project: 'bank',
        role: 'admin',
        projects: [
          { project: 'shop', role: 'viewer' },
          { project: 'bank', role: 'admin' },
        ],
      },
    });
    expect((await me(token, { 'novacron-project': 'x y' })).status).toBe(400);
  });

  it('is answered alike of a project that is not theirs and of one that is not', async () => {
    const token = await tokenOf('shop', 'admin');
    const [theirs, none] = [
      await me(token, { 'novacron-project': 'bank' }),
      await me(token, { 'novacron-project': 'nope' }),
    ];
    expect(theirs.status).toBe(403);
    expect(JSON.stringify(theirs).replaceAll('bank', 'nope')).toBe(JSON.stringify(none));
  });

  it('is told and remembered in its own project where it may not administer the installation, in default where it may', async () => {
    const got = await call('POST /v1/reconcile', { token: await tokenOf('shop', 'operator') });
    expect(got).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('operator is operator in shop') },
    });
    expect(state.of('audit').at(-1)).toMatchObject({ action: 'reconcile', outcome: 'refused', project: 'shop' });
    await call('DELETE /v1/projects/bank', inProject('shop', { token: system }));
    expect(state.of('audit').at(-1)).toMatchObject({ action: 'delete-project', outcome: 'done', project: 'default' });
  });

  it('uses one key in two projects for two requests, and the operation ids of default stay what they were', async () => {
    await insertHost(newHost());
    await insertImage(newImage());
    const body = { name: 'web-1', provider: 'kvm', image: 'test' };
    const create = (project: string) =>
      call('POST /v1/vms', { token: system, body, headers: { 'novacron-project': project, 'idempotency-key': 'k' } });
    const made = [await create('shop'), await create('bank'), await create('default'), await create('shop')];
    expect(made.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(made.map(({ body: { id } }) => id)).size).toBe(3);
    expect(made[3]?.body.id).toBe(made[0]?.body.id);
    expect((await Array.fromAsync(vms.all())).map(({ project }) => project)).toEqual(['default', 'bank', 'shop']);
    const image = await call('DELETE /v1/images/test', { token: system });
    expect(image).toMatchObject({
      status: 409,
      body: { detail: '3 VMs stand on it: web-1, and 2 of other projects.' },
    });
  });
});

describe('a token', () => {
  beforeEach(() => make('shop'));
  const mint = (sent: Sent) => call('POST /v1/tokens', { body: { name: 'ci', role: 'admin' }, ...sent });

  it('of an admin of the installation administers it only where it is made in default', async () => {
    expect(await mint({ token: system })).toMatchObject({ status: 201, body: { project: 'default', system: true } });
    const shop = await mint(inProject('shop', { token: system, body: { name: 'ci', role: 'admin' } }));
    expect(shop).toMatchObject({ status: 201, body: { project: 'shop', system: false } });
    const more = await mint({ token: shop.body.token });
    expect(more).toMatchObject({ status: 201, body: { project: 'shop', system: false } });
    expect((await call('GET /v1/projects', { token: more.body.token })).status).toBe(403);
  });

  it.each([
    ['shop', 'shop:admin', { project: 'shop', role: 'admin', system: false }],
    ['root', 'admin', { project: 'default', role: 'admin', system: true }],
    ['deploy', 'operator', { project: 'default', role: 'operator', system: false }],
  ])('traded for the AWS role %s is good for %s', async (role, _, body) => {
    const traded = await call('POST /v1/token', { iam: `arn:aws:sts::123456789012:assumed-role/${role}/x` });
    expect(traded).toMatchObject({ status: 201, body });
    expect(await call('GET /v1/me', { token: traded.body.token })).toMatchObject({ status: 200, body });
    expect(state.of('audit').at(-1)).toMatchObject({ action: 'trade-token', project: body.project });
  });
});

describe('rows of before there were projects', () => {
  it('are of default: listed, found, changed, and their admins administer', async () => {
    await insertVm(newVm());
    const row = [...state.rows.values()].find(({ entity }) => entity === 'vm');
    expect(row).toMatchObject({ gsi1pk: 'vm' });
    expect(row).not.toHaveProperty('project');
    const viewer = await signIn('viewer');
    expect((await call('GET /v1/vms', { token: viewer })).body.items).toMatchObject([{ project: 'default' }]);
    expect((await call(`GET /v1/vms/${newVm().id}`, { token: viewer })).status).toBe(200);
    const stopped = await call(`POST /v1/vms/${newVm().id}/actions/stop`, { token: system });
    expect(stopped).toMatchObject({ status: 202, body: { project: 'default' } });
    expect((await call('GET /v1/operations', { token: viewer })).body.items).toHaveLength(1);
    expect(await call('GET /v1/me', { token: system })).toMatchObject({ body: { project: 'default', system: true } });
    expect((await call('GET /v1/tokens', { token: system })).body.items).toHaveLength(2);
  });

  it('keep their keys and partitions', async () => {
    const token = await signIn('operator');
    const hash = tokens.hashOf(token);
    expect(await table.get({ pk: `token#${hash}`, sk: 'token' })).not.toHaveProperty('project');
    await insertHost(newHost());
    await insertImage(newImage());
    await call('POST /v1/vms', { token, body: { name: 'web-1', provider: 'kvm', image: 'test' } });
    expect(state.rows.has('name#vm#web-1\nname')).toBe(true);
    expect(state.of('vm')).toMatchObject([{ gsi1pk: 'vm', project: 'default' }]);
    expect(state.of('operation')).toMatchObject([{ gsi1pk: 'op' }]);
  });
});
