import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as vms from '../../lambdas/store/vms.ts';
import { call, insertImage, insertVm, newImage, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let system: string;
let shop: string;
beforeEach(async () => {
  vi.useRealTimers();
  state = new StateTable();
  system = await signIn('admin');
  await insertImage(newImage());
  await call('POST /v1/projects', { token: system, body: { id: 'shop' } });
  shop = await signIn('operator', { id: 'tok-0000000000shop22', project: 'shop', system: false });
});

const bound = (body: object, headers = {}) => call('PATCH /v1/projects/shop', { token: system, body, headers });
const create = (name: string, headers = {}) =>
  call('POST /v1/vms', { token: shop, body: { name, provider: 'ec2', image: 'al2023', size: 'small' }, headers });
const shown = async () => (await call('GET /v1/projects/shop', { token: system })).body;
const codes = (answers: readonly { readonly status: number; readonly body: { readonly code?: string } }[]) =>
  answers.map(({ status, body }) => `${status} ${body.code ?? ''}`.trim());
const times = (count: number) => Array.from({ length: count }, (_, index) => `web-${index}`);

describe('how many VMs a project may have', () => {
  it('is set, shown, changed in part and lifted by an admin of the installation', async () => {
    expect(await bound({ maxVms: 2, maxOperationsPerMinute: 60 })).toMatchObject({
      status: 200,
      body: { id: 'shop', vms: 0, maxVms: 2, maxOperationsPerMinute: 60 },
    });
    expect((await bound({ maxVms: 3 })).body).toMatchObject({ maxVms: 3, maxOperationsPerMinute: 60 });
    expect((await bound({ maxVms: null })).body).not.toHaveProperty('maxVms');
    expect(await shown()).toMatchObject({ maxOperationsPerMinute: 60 });
    expect(state.of('audit').filter(({ action }) => action === 'patch-project')).toHaveLength(3);
  });

  it.each([
    ['another role', () => call('PATCH /v1/projects/shop', { token: shop, body: { maxVms: 9 } }), '403 Forbidden'],
    [
      'a project that is not there',
      () => call('PATCH /v1/projects/nix', { token: system, body: {} }),
      '404 ProjectNotFound',
    ],
    [
      'the installation’s own',
      () => call('PATCH /v1/projects/default', { token: system, body: { maxVms: 1 } }),
      '400 InvalidRequest',
    ],
    ['less than nothing', () => bound({ maxVms: -1 }), '400 InvalidRequest'],
    ['an earlier version', () => bound({ maxVms: 1 }, { 'if-match': '"7"' }), '412 PreconditionFailed'],
  ])('is not set for %s', async (_, ask, expected) => {
    expect(codes([await ask()])).toEqual([expected]);
    expect(await shown()).not.toHaveProperty('maxVms');
  });

  it('holds for 50 that are asked for at once: so many come, and no more', async () => {
    await bound({ maxVms: 7 });
    const answers = codes(await Promise.all(times(50).map((name) => create(name))));
    expect(answers.filter((each) => each === '202')).toHaveLength(7);
    expect(answers.filter((each) => each === '409 ProjectFull')).toHaveLength(43);
    expect(state.of('vm')).toHaveLength(7);
    expect(await shown()).toMatchObject({ vms: 7, maxVms: 7 });
    const [refused] = await Promise.all([create('one-more')]);
    expect(refused.body.detail).toContain('shop has 7 of 7 VMs');
  });

  it('counts one request once, however often it is asked by its key', async () => {
    await bound({ maxVms: 1 });
    const asked = [
      await create('web-1', { 'idempotency-key': 'k' }),
      await create('web-1', { 'idempotency-key': 'k' }),
    ];
    expect(codes(asked)).toEqual(['202', '202']);
    expect(await shown()).toMatchObject({ vms: 1 });
  });

  it('takes nothing away where it is set below what there is, and counts anew', async () => {
    for (const name of times(3)) await create(name);
    // A row of before VMs were counted.
    const row = state.rows.get('project\nshop');
    if (row) delete row.vms;
    expect((await bound({ maxVms: 1 })).body).toMatchObject({ vms: 3, maxVms: 1 });
    expect(codes([await create('one-more')])).toEqual(['409 ProjectFull']);
    expect(state.of('vm')).toHaveLength(3);
  });

  it('counts a VM that comes back from the dead, room or not', async () => {
    const before = await insertVm(newVm({ project: 'shop', state: 'deleted' }));
    await bound({ maxVms: 0 });
    await vms.restore(before, { ...before, state: 'running' }, before.changedAt);
    expect(await shown()).toMatchObject({ vms: 1, maxVms: 0 });
  });

  it('is of no concern to other projects', async () => {
    await bound({ maxVms: 0 });
    const operator = await signIn('operator');
    const body = { name: 'web-1', provider: 'ec2', image: 'al2023', size: 'small' };
    expect((await call('POST /v1/vms', { token: operator, body })).status).toBe(202);
  });
});

describe('how many operations a project may begin in a minute', () => {
  it('holds for many at once, says when to come back, and begins anew with the next minute', async () => {
    vi.useFakeTimers({ now: new Date('2030-01-01T12:00:42.500Z'), toFake: ['Date'] });
    await bound({ maxOperationsPerMinute: 5 });
    const answers = await Promise.all(times(20).map((name) => create(name)));
    expect(codes(answers).filter((each) => each === '202')).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(15);
    expect(refused[0]).toMatchObject({ body: { code: 'TooManyRequests' }, headers: { 'retry-after': '18' } });
    expect(await shown()).toMatchObject({ vms: 5 });
    vi.setSystemTime(new Date('2030-01-01T12:01:00.000Z'));
    expect(codes([await create('later')])).toEqual(['202']);
  });
});
