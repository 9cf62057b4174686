import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { operationAfterFailure, operationAfterSuccess } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as images from '../../lambdas/store/images.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as operations from '../../lambdas/store/operations.ts';
import { settle } from '../../lambdas/store/settle.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { AT, call, insertHost, insertImage, newHost, newImage, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let operator: string;
let made: { id: string; vmId: string };
beforeEach(async () => {
  state = new StateTable();
  operator = await signIn('operator');
  await insertHost(newHost());
  await insertImage(newImage());
  made = await create();
});

const create = async () =>
  (
    await call('POST /v1/vms', {
      token: operator,
      body: { name: 'web-1', provider: 'kvm', image: 'test', size: 'small' },
    })
  ).body;

/** Ends an operation, the VM becoming what `change` says, its lock gone. */
const end = (id: string, well: boolean, change: Partial<Vm>) => {
  const at = new Date().toISOString();
  return settle(
    { operationId: id },
    ({ operation, vm }) => {
      const { lock: _, retainedUntil: __, ...rest } = vm as Vm;
      const fault = new Fault('HostFault', 'no');
      return {
        operation: well ? operationAfterSuccess(operation, {}, at) : operationAfterFailure(operation, { fault }, at),
        vm: { ...rest, ...change },
      };
    },
    at,
  );
};

describe('settling', () => {
  it('ends operation, lock and open row at once, and tells auditor and VM', async () => {
    await end(made.id, true, { state: 'running', providerId: 'u-1' });
    expect(await operations.get(made.id)).toMatchObject({ state: 'succeeded', version: 2 });
    expect(await vms.get(made.vmId)).not.toHaveProperty('lock');
    expect(await Array.fromAsync(opens.all())).toEqual([]);
    expect(state.of('audit').map(({ outcome }) => outcome)).toEqual(['accepted', 'succeeded']);
    expect(state.of('event')).toMatchObject([{ vmId: made.vmId, type: 'OperationSucceeded', operationId: made.id }]);
    expect((await hosts.get('h-0000000000000001')).allocated.memoryMiB).toBe(2048);
  });

  it('leaves nothing of a create that failed: name, room and clone are free', async () => {
    await end(made.id, false, { state: 'deleted' });
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 0, memoryMiB: 0, diskGiB: 0 });
    expect(await images.clonesOf('img-0000000000000001', AT)).toEqual([]);
    expect((await create()).state).toBe('queued');
  });

  it('is harmless when repeated', async () => {
    await end(made.id, false, { state: 'deleted' });
    const rows = state.rows.size;
    expect(await end(made.id, true, { state: 'running' })).toMatchObject({
      written: false,
      operation: { state: 'failed' },
    });
    expect(state.rows.size).toBe(rows);
    expect(await vms.get(made.vmId)).toMatchObject({ state: 'deleted' });
  });

  it('reads again where a beat or a look wrote in between, and loses neither', async () => {
    let races = 2;
    state.beforeWrite = () => {
      if (races === 0) return;
      races -= 1;
      const [vm, host] = [state.of('vm')[0], state.of('host')[0]];
      if (vm && races === 1) state.rows.set(`${vm.pk}\n${vm.sk}`, { ...vm, version: 2, addresses: ['10.0.0.9'] });
      if (host && races === 0)
        state.rows.set(`${host.pk}\n${host.sk}`, { ...host, version: Number(host.version) + 1, beatSeq: 77 });
    };
    await end(made.id, false, { state: 'deleted' });
    expect(races).toBe(0);
    expect(await vms.get(made.vmId)).toMatchObject({ addresses: ['10.0.0.9'], state: 'deleted', version: 3 });
    expect(await hosts.get('h-0000000000000001')).toMatchObject({ beatSeq: 77, allocated: { vcpus: 0 } });
  });

  it('keeps the disk of a deleted VM counted until it is purged', async () => {
    await end(made.id, true, { state: 'running' });
    const deletion = await call(`DELETE /v1/vms/${made.vmId}`, { token: operator });
    await end(deletion.body.id, true, { state: 'deleted', retainedUntil: '2026-12-02T10:00:00.000Z' });
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 0, memoryMiB: 0, diskGiB: 10 });
    expect(await images.clonesOf('img-0000000000000001', AT)).toMatchObject([
      { vmName: 'web-1', project: 'default', until: expect.any(String) },
    ]);
    const purge = await call(`DELETE /v1/vms/${made.vmId}?purge=true`, { token: operator });
    await end(purge.body.id, true, { state: 'deleted' });
    expect((await hosts.get('h-0000000000000001')).allocated.diskGiB).toBe(0);
    expect(await images.clonesOf('img-0000000000000001', AT)).toEqual([]);
  });

  it('lets a kept VM come back under its name, where that is still free', async () => {
    await end(made.id, true, { state: 'running' });
    const deletion = await call(`DELETE /v1/vms/${made.vmId}`, { token: operator });
    await end(deletion.body.id, true, { state: 'deleted', retainedUntil: '2026-12-02T10:00:00.000Z' });
    const other = await create();
    expect((await call(`POST /v1/vms/${made.vmId}/actions/undelete`, { token: operator })).body.code).toBe('NameTaken');
    await end(other.id, false, { state: 'deleted' });
    expect((await call(`POST /v1/vms/${made.vmId}/actions/undelete`, { token: operator })).status).toBe(202);
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 1, memoryMiB: 2048, diskGiB: 10 });
  });

  it('refuses to forget an image while a clone stands on it', async () => {
    const admin = await signIn('admin');
    const got = await call('DELETE /v1/images/test', { token: admin });
    expect(got).toMatchObject({ status: 409, body: { code: 'ImageInUse' } });
    expect(got.body.detail).toContain('web-1');
    await end(made.id, false, { state: 'deleted' });
    expect((await call('DELETE /v1/images/test', { token: admin })).status).toBe(204);
  });
});
