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
import * as table from '../../lambdas/store/table.ts';
import { call, insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
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
