import { beforeEach, describe, expect, it } from 'vitest';
import {
  call,
  insertGroup,
  insertProject,
  insertSchedule,
  insertVm,
  newGroup,
  newSchedule,
  newVm,
  signIn,
} from '../support/api.ts';
import { RULES } from '../support/rbac-rules.ts';
import { StateTable } from '../support/state-table.ts';

let operator: string;
beforeEach(async () => {
  new StateTable();
  operator = await signIn('operator');
});

const GROUP = newGroup();
const [ONE, TWO] = ['vm-0000000000000001', 'vm-0000000000000002'] as const;
const send = (line: string, body?: unknown, headers: Record<string, string> = {}) =>
  call(line, { token: operator, headers, ...(body === undefined ? {} : { body }) });
const create = (spec: object) => send('POST /v1/groups', { name: 'team', ...spec });
const plan = (more: object) => send('POST /v1/schedules', { ...RULES['create-schedule']?.body, ...more });
const pointers = (body: { readonly errors?: readonly { readonly pointer: string }[] }) =>
  body.errors?.map(({ pointer }) => pointer);

describe('a group', () => {
  it('is made, shown, listed, changed and forgotten', async () => {
    await insertVm(newVm({ id: ONE }));
    const { body, ...made } = await create({ vms: [ONE], filter: 'tag:app=shop', description: 'of the shop' });
    expect(made).toMatchObject({ status: 201, headers: { location: `/v1/groups/${body.id}` } });
    expect(body).toMatchObject({ name: 'team', vms: [ONE], filter: 'tag:app=shop', project: 'default' });
    expect((await send(`GET /v1/groups/${body.id}`)).body).toEqual(body);
    expect((await send(`GET /v1/groups?vm=${ONE}`)).body.items).toEqual([body]);
    const changed = await send(`PATCH /v1/groups/${body.id}`, { filter: null, description: null, vms: [] });
    expect(changed.status).toBe(200);
    expect(changed.body).not.toHaveProperty('filter');
    expect(changed.body).not.toHaveProperty('description');
    expect(changed.body).toMatchObject({ vms: [] });
    expect((await send(`DELETE /v1/groups/${body.id}`)).status).toBe(204);
    expect(await send(`GET /v1/groups/${body.id}`)).toMatchObject({ status: 404, body: { code: 'GroupNotFound' } });
    expect((await create({})).status).toBe(201);
  });

  it('has a name of its own within its project, and keeps it', async () => {
    await insertGroup(GROUP);
    expect(await create({ name: GROUP.name })).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
    expect(pointers((await send(`PATCH /v1/groups/${GROUP.id}`, { name: 'other' })).body)).toContain('/name');
  });

  it('is what a list of VMs asks for: group=, beside other terms; an empty one has none', async () => {
    await insertVm(newVm({ id: ONE, name: 'one', tags: { app: 'shop' } }));
    await insertVm(newVm({ id: TWO, name: 'two', tags: {} }));
    await insertGroup(GROUP);
    await insertGroup(newGroup({ id: 'grp-0000000000000002', name: 'empty', filter: 'tag:app=none' }));
    const names = async (filter: string) =>
      (await send(`GET /v1/vms?${filter}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names('group=shop')).toEqual(['one']);
    expect(await names('group!=shop')).toEqual(['two']);
    expect(await names('group=shop,empty&name=one')).toEqual(['one']);
    expect(await names('group=empty')).toEqual([]);
    const none = await send('GET /v1/vms?group=shpo');
    expect(none).toMatchObject({ status: 400, body: { code: 'InvalidFilter' } });
    expect(none.body.detail).toContain('There is no group shpo');
    expect((await send('GET /v1/vms?filter=group~sh')).status).toBe(400);
  });

  it('is changed by who has seen it as it is', async () => {
    await insertGroup(GROUP);
    const { headers } = await send(`GET /v1/groups/${GROUP.id}`);
    const seen = { 'if-match': headers.etag ?? '' };
    expect((await send(`PATCH /v1/groups/${GROUP.id}`, { filter: 'tag:app=a' }, seen)).status).toBe(200);
    expect((await send(`PATCH /v1/groups/${GROUP.id}`, { filter: 'tag:app=b' }, seen)).status).toBe(412);
    expect((await send(`DELETE /v1/groups/${GROUP.id}`, undefined, seen)).status).toBe(412);
  });
});

describe('a group that says', () => {
  it.each([
    ['an empty filter', { filter: '&' }, 400, '/filter'],
    ['no text for a filter', { filter: '' }, 400, '/filter'],
    ['a VM that is not there', { vms: [ONE, 'vm-00000000000000zz'] }, 400, '/vms/1'],
    ['a VM of another project', { vms: [TWO] }, 400, '/vms/0'],
    ['a VM twice', { vms: [ONE, ONE] }, 400, '/vms/1'],
    ['a VM by its name', { vms: ['web-1'] }, 400, '/vms/0'],
    ['too many VMs', { vms: Array.from({ length: 501 }, () => ONE) }, 400, '/vms'],
    ['a group', { filter: 'group=shop' }, 400, 'query/group'],
    ['a field that is none', { filter: 'colour=red' }, 400, 'query/colour'],
    ['a name that is none', { name: 'The Team' }, 400, '/name'],
    ['a key that is none', { members: [] }, 400, '/members'],
  ])('%s is refused, naming the place', async (_, spec, status, pointer) => {
    await insertProject({ id: 'shop' });
    await insertVm(newVm({ id: ONE }));
    await insertVm(newVm({ id: TWO, name: 'theirs', project: 'shop' }));
    await insertGroup(GROUP);
    for (const answer of [await create(spec), await send(`PATCH /v1/groups/${GROUP.id}`, spec)]) {
      expect(answer.status).toBe(status);
      if (!('name' in spec)) expect(pointers(answer.body)).toContain(pointer);
    }
  });
});

describe('a schedule', () => {
  it('is about groups that there are', async () => {
    await insertGroup(newGroup({ id: 'grp-0000000000000002', name: 'theirs', project: 'shop' }));
    await insertGroup(GROUP);
    const refusals = [
      [{ targets: { filter: 'group=shpo' } }, '/targets/filter'],
      [{ targets: { filter: 'group=shop,theirs' } }, '/targets/filter'],
      [{ targets: { filter: 'group=' } }, '/targets/filter'],
      [{ order: [{ name: 'db', filter: 'group=shpo' }] }, '/order/0/filter'],
    ] as const;
    for (const [more, pointer] of refusals) {
      const answer = await plan(more);
      expect(answer.status).toBe(400);
      expect(pointers(answer.body)).toEqual([pointer]);
    }
    expect((await plan({ targets: { filter: 'group=shop' } })).status).toBe(201);
  });

  it('is about twenty groups at most', async () => {
    const names = Array.from({ length: 21 }, (_, index) => `g-${index}`);
    for (const [index, name] of names.entries())
      await insertGroup(newGroup({ id: `grp-${String(index).padStart(16, '0')}`, name }));
    expect(pointers((await plan({ targets: { filter: `group=${names.join(',')}` } })).body)).toEqual(['/targets']);
    expect((await plan({ targets: { filter: `group=${names.slice(1).join(',')}` } })).status).toBe(201);
  });

  it('keeps its groups from being deleted, by name, until it is about them no more', async () => {
    await insertGroup(GROUP);
    const made = await plan({ order: [{ name: 'db', filter: 'group=shop' }] });
    const refused = await send(`DELETE /v1/groups/${GROUP.id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'GroupInUse' } });
    expect(refused.body.detail).toContain('office');
    expect((await send(`PATCH /v1/schedules/${made.body.id}`, { order: null })).status).toBe(200);
    expect((await send(`DELETE /v1/groups/${GROUP.id}`)).status).toBe(204);
  });

  it.each([
    ['made', () => plan({ targets: { filter: 'group=shop' } }), 201],
    ['changed', () => send(`PATCH /v1/schedules/${newSchedule().id}`, { targets: { filter: 'group=shop' } }), 200],
  ] as const)('%s to be about one at the moment of its end is refused, or keeps it', async (_, change, done) => {
    await insertGroup(GROUP);
    await insertSchedule(newSchedule({ name: 'before' }));
    const [made, gone] = await Promise.all([change(), send(`DELETE /v1/groups/${GROUP.id}`)]);
    expect([
      [done, 409],
      [400, 204],
      [404, 204],
    ]).toContainEqual([made.status, gone.status]);
  });

  it('is shown on a VM and in the preview through its group, and behind which it stands', async () => {
    await insertVm(newVm({ id: ONE, tags: { app: 'shop' } }));
    await insertGroup(GROUP);
    const { body } = await plan({ targets: { filter: 'group=shop' } });
    const high = await plan({ name: 'high', priority: 5, targets: { vms: [ONE] } });
    expect((await send(`GET /v1/vms/${ONE}/schedule`)).body).toMatchObject({
      schedule: { name: 'high' },
      behind: [{ name: 'office' }],
    });
    const preview = async () => (await send(`GET /v1/schedules/${body.id}/preview`)).body;
    expect(await preview()).toMatchObject({ vms: [], held: [{ by: { name: 'high' } }] });
    await send(`DELETE /v1/schedules/${high.body.id}`);
    expect((await send(`GET /v1/vms/${ONE}/schedule`)).body).toMatchObject({ schedule: { name: 'office' } });
    expect(await preview()).toMatchObject({ vms: [{ id: ONE }], held: [] });
    await send(`PATCH /v1/groups/${GROUP.id}`, { filter: 'tag:app=none' });
    expect((await send(`GET /v1/vms/${ONE}/schedule`)).body).toEqual({ behind: [], windows: [] });
    expect(await preview()).toMatchObject({ vms: [], held: [] });
  });
});
