import {
  CreateActivationCommand,
  DeregisterManagedInstanceCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import * as beats from '../../lambdas/store/beats.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as names from '../../lambdas/store/names.ts';
import * as projects from '../../lambdas/store/projects.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, call, insertHost, insertImage, insertVm, newHost, newImage, newVm, signIn } from '../support/api.ts';
import { endOpen } from '../support/ending.ts';
import { StateTable } from '../support/state-table.ts';

const ssm = mockClient(SSMClient);
const HOST = newHost().id;
const RETIRE = `POST /v1/hosts/${HOST}/actions/retire`;
const report = { unitVersion: '1', seq: 1, sentAt: '2026-11-25T10:00:00.000Z', events: [] };

let state: StateTable;
let admin: string;
beforeEach(async () => {
  state = new StateTable();
  admin = await signIn('admin');
  ssm.reset();
  ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: 'c' });
  ssm.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
});

const retire = () => call(RETIRE, { token: admin });
const enrol = () => call('POST /v1/hosts/enrol', { token: admin, body: { name: 'host-1' } });

describe('a host is retired', () => {
  it('not while VMs live on it', async () => {
    await insertHost(newHost());
    await insertVm(newVm());
    expect(await retire()).toMatchObject({ status: 409, body: { code: 'HostInUse' } });
    expect((await hosts.get(HOST)).state).toBe('ready');
  });

  it('not while it is being enrolled: the outcome would bring it back', async () => {
    const { host, operation } = (await enrol()).body;
    const got = await call(`POST /v1/hosts/${host.id}/actions/retire`, { token: admin });
    expect(got).toMatchObject({ status: 409, body: { code: 'InvalidTransition' } });
    expect(got.body.detail).toContain(operation.id);
  });

  it.each(['ready', 'draining', 'unreachable'] as const)('while it is %s: its unit is taken away', async (before) => {
    await insertHost(newHost({ state: before, images: ['img-0000000000000001'] }));
    expect(await retire()).toMatchObject({ status: 200, body: { state: 'retired', images: [], active: false } });
    const [sent] = ssm.commandCalls(SendCommandCommand);
    expect(sent?.args[0].input).toMatchObject({
      DocumentName: 'NovaCron-unit-RemoveUnit',
      InstanceIds: [newHost().nodeId],
    });
  });

  it('and forgets the strangers on it, and their VMs only', async () => {
    await insertHost(newHost());
    await insertVm(newVm({ managed: false }));
    await insertVm(newVm({ id: 'vm-0000000000000002', managed: false, location: { hostId: 'h-0000000000000002' } }));
    await retire();
    expect(state.of('vm').map(({ id }) => id)).toEqual(['vm-0000000000000002']);
  });

  it('and may report no more: its tokens are revoked, those of others are not', async () => {
    await insertHost(newHost());
    const token = await signIn('host', { hostId: HOST });
    const other = await signIn('host', { hostId: 'h-0000000000000002' });
    const send = (by: string) => call(`POST /v1/hosts/${HOST}/report`, { token: by, body: report });
    await retire();
    expect((await send(token)).status).toBe(401);
    expect((await send(other)).status).toBe(403);
  });

  it('tells how VMs are given up, where it is gone with them', async () => {
    await insertHost(newHost({ state: 'unreachable' }));
    await insertVm(newVm());
    expect((await retire()).body).toMatchObject({
      code: 'HostInUse',
      detail: expect.stringContaining('--abandon-vms'),
    });
  });

  it('though Systems Manager does not know its node any more', async () => {
    ssm.on(SendCommandCommand).rejects(Object.assign(new Error('gone'), { name: 'InvalidInstanceId' }));
    await insertHost(newHost({ state: 'unreachable' }));
    expect(await retire()).toMatchObject({ status: 200, body: { state: 'retired' } });
  });
});

describe('a retired host that is enrolled anew', () => {
  it('keeps its id, loses its old node first, and counts its reports from 1', async () => {
    ssm.on(DeregisterManagedInstanceCommand).resolves({});
    await insertHost(newHost({ state: 'retired', active: false, beatSeq: 500, reason: 'retired by ann' }));
    await table.save(names.taking('host', { name: 'host-1', id: HOST }));
    await beats.write({ hostId: HOST, at: '2026-11-25T12:00:00.000Z', version: 500 });
    const got = await enrol();
    expect(got).toMatchObject({ status: 202, body: { host: { id: HOST, state: 'enrolling', active: true } } });
    expect(await hosts.get(HOST)).toMatchObject({ beatSeq: 0 });
    expect(await beats.find(HOST)).toBeUndefined();
    expect(await hosts.get(HOST)).not.toHaveProperty('reason');
    expect(await hosts.get(HOST)).not.toHaveProperty('nodeId');
    expect(ssm.commandCalls(DeregisterManagedInstanceCommand)[0]?.args[0].input).toEqual({
      InstanceId: newHost().nodeId,
    });
  });
});

describe('a host that is gone with its VMs', () => {
  const abandon = () => call(RETIRE, { token: admin, body: { abandonVms: true } });
  const inShop = { ...newVm({ id: 'vm-0000000000000002', name: 'shop-1' }), project: 'shop' };

  /** A VM that was made as people make them, on a host that then falls silent. */
  const insertLiving = async () => {
    await insertHost(newHost());
    await insertImage(newImage());
    const operator = await signIn('operator');
    const body = { name: 'web-1', provider: 'kvm', image: 'test' };
    const { vmId } = (await call('POST /v1/vms', { token: operator, body })).body;
    return vmId;
  };
  const fallSilent = async () => {
    const host = await hosts.get(HOST);
    await table.save(table.swapping(hosts.entity, table.next({ ...host, state: 'unreachable' })));
  };

  it('is retired, and they are deleted: what they took is free, their history and the audit log say who gave them up', async () => {
    const id = await insertLiving();
    await endOpen(() => true);
    await fallSilent();
    expect(await abandon()).toMatchObject({ status: 200, body: { state: 'retired' } });
    expect(await vms.get(id)).toMatchObject({ state: 'deleted', desired: 'deleted' });
    expect(await names.holderOf('vm', { name: 'web-1' })).toBeUndefined();
    expect((await hosts.get(HOST)).allocated).toEqual({ vcpus: 0, memoryMiB: 0, diskGiB: 0 });
    expect(state.of('event').at(-1)).toMatchObject({ type: 'GivenUp', message: expect.stringContaining('host-1') });
    expect(state.of('audit').map(({ action }) => action)).toEqual(
      expect.arrayContaining(['give-up-vm', 'retire-host']),
    );
  });

  it('gives up VMs of every project, and each project counts them no more', async () => {
    await table.save(projects.inserting({ id: 'shop', by: 'ann', createdAt: AT, live: true, version: 1 }));
    await table.transact(projects.counting('shop', 1));
    await insertHost(newHost({ state: 'unreachable' }));
    await insertVm(inShop);
    await table.save(names.taking('vm', inShop));
    expect((await abandon()).status).toBe(200);
    expect(await projects.find('shop')).toMatchObject({ vms: 0 });
  });

  it('gives up nothing of a host that answers', async () => {
    await insertHost(newHost());
    const { id } = await insertVm(newVm());
    expect(await abandon()).toMatchObject({ status: 409, body: { code: 'InvalidTransition' } });
    expect((await vms.get(id)).state).toBe('running');
  });

  it('gives up nothing while an operation is at one of them', async () => {
    const id = await insertLiving();
    await insertVm(newVm({ id: 'vm-0000000000000002', name: 'web-2' }));
    await fallSilent();
    expect(await abandon()).toMatchObject({ status: 409, body: { code: 'VmLocked' } });
    expect((await vms.get(id)).state).toBe('pending');
    expect((await vms.get('vm-0000000000000002')).state).toBe('running');
  });

  it('gives up nothing while the host registers anew: it may be there after all', async () => {
    await insertHost(newHost({ state: 'unreachable' }));
    await table.save(names.taking('host', { name: 'host-1', id: HOST }));
    const { id } = await insertVm(newVm());
    const anew = await call('POST /v1/hosts/enrol', { token: admin, body: { name: 'host-1', anew: true } });
    expect(anew.status).toBe(202);
    expect(await abandon()).toMatchObject({ status: 409, body: { code: 'InvalidTransition' } });
    expect((await vms.get(id)).state).toBe('running');
  });

  it('gives up nothing of a host that was changed since it was seen, and all of one that was not', async () => {
    const id = await insertLiving();
    await endOpen(() => true);
    await fallSilent();
    const seen = `"${(await hosts.get(HOST)).version}"`;
    const abandonSeen = (etag: string) =>
      call(RETIRE, { token: admin, body: { abandonVms: true }, headers: { 'if-match': etag } });
    expect((await abandonSeen('"1"')).status).toBe(412);
    expect((await vms.get(id)).state).toBe('running');
    expect((await abandonSeen(seen)).status).toBe(200);
    expect((await vms.get(id)).state).toBe('deleted');
  });

  it('goes on where it was ended', async () => {
    await insertHost(newHost({ state: 'unreachable' }));
    await insertVm(newVm({ state: 'deleted', desired: 'deleted' }));
    const { id } = await insertVm(newVm({ id: 'vm-0000000000000002', name: 'web-2' }));
    expect((await abandon()).status).toBe(200);
    expect((await vms.get(id)).state).toBe('deleted');
  });
});
