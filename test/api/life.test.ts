import { beforeEach, describe, expect, it } from 'vitest';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as table from '../../lambdas/store/table.ts';
import * as vms from '../../lambdas/store/vms.ts';
import { call, insertHost, insertImage, insertVm, newHost, newImage, newVm, signIn } from '../support/api.ts';
import { anEc2Spec, anEc2Vm } from '../support/ec2.ts';
import { endOpen } from '../support/ending.ts';
import { StateTable } from '../support/state-table.ts';

let state: StateTable;
let operator: string;
beforeEach(async () => {
  state = new StateTable();
  operator = await signIn('operator');
});

const create = (body: object, headers: Record<string, string> = {}) =>
  call('POST /v1/vms', { token: operator, body: { name: 'web-1', provider: 'kvm', image: 'test', ...body }, headers });

describe('creating a KVM VM', () => {
  beforeEach(async () => {
    await insertHost(newHost());
    await insertImage(newImage());
  });

  it('answers 202 with the operation, and has written VM, lock, name, share of the host and audit at once', async () => {
    const got = await create({ size: 'small' });
    expect(got).toMatchObject({ status: 202, body: { kind: 'create-vm', state: 'queued', vmName: 'web-1' } });
    expect(got.headers.location).toBe(`/v1/operations/${got.body.id}`);
    expect(got.body.steps).toEqual(['Launch', 'Await Ready', 'Record'].map((name) => ({ name, state: 'pending' })));
    const vm = await vms.get(got.body.vmId);
    expect(vm).toMatchObject({
      state: 'pending',
      lock: { operationId: got.body.id },
      location: { hostName: 'host-1' },
    });
    expect((await hosts.get('h-0000000000000001')).allocated).toEqual({ vcpus: 1, memoryMiB: 2048, diskGiB: 10 });
    expect(state.of('audit')).toMatchObject([{ action: 'create-vm', outcome: 'accepted', from: '192.0.2.7' }]);
    expect(await Array.fromAsync(opens.all())).toHaveLength(1);
  });

  it('answers the same operation to the same key and body, whatever became of the VM', async () => {
    const first = await create({}, { 'idempotency-key': 'k1' });
    const second = await create({}, { 'idempotency-key': 'k1' });
    expect(second).toMatchObject({ status: 202, body: { id: first.body.id } });
    expect(state.of('vm')).toHaveLength(1);
  });

  it('refuses the key for another body', async () => {
    await create({}, { 'idempotency-key': 'k1' });
    expect(await create({ name: 'web-2' }, { 'idempotency-key': 'k1' })).toMatchObject({
      status: 422,
      body: { code: 'KeyReused' },
    });
  });

  it('refuses a name in use, and writes nothing but the refusal', async () => {
    await create({});
    const rows = state.rows.size;
    expect(await create({})).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
    expect(state.rows.size).toBe(rows + 1);
    expect(state.of('audit').map(({ outcome }) => outcome)).toContain('refused');
  });

  it('tells per host which filter refused it', async () => {
    const got = await create({ kvm: { network: 'dmz' } });
    expect(got).toMatchObject({ status: 422, body: { code: 'NoHostFits' } });
    expect(got.body.detail).toMatch(/host-1: network: .*dmz/);
  });

  it('says that it may pass where the host that would take it does not answer', async () => {
    const silent = newHost({ state: 'unreachable', reason: 'No beat.', version: 2 });
    await table.save(table.swapping(hosts.entity, silent));
    const got = await create({});
    expect(got).toMatchObject({ status: 503, body: { code: 'HostUnreachable' } });
    expect(got.body.detail).toMatch(/^No host can take the VM until host-1 answers\. host-1: state: it is unreachable/);
    // What it does not have it will not have once it answers.
    expect(await create({ kvm: { network: 'dmz' } })).toMatchObject({ status: 422, body: { code: 'NoHostFits' } });
  });

  it('plans without writing', async () => {
    const rows = state.rows.size;
    const got = await call('POST /v1/vms?dryRun=true', {
      token: operator,
      body: { name: 'web-1', provider: 'kvm', image: 'test' },
    });
    expect(got).toMatchObject({
      status: 200,
      body: { plan: { hostId: 'h-0000000000000001', price: { kind: 'estimate' } } },
    });
    expect(state.rows.size).toBe(rows);
  });

  it('places again where another writer changed the host in between', async () => {
    let raced = false;
    state.beforeWrite = () => {
      if (raced) return;
      raced = true;
      const row = [...state.rows.values()].find(({ entity }) => entity === 'host');
      if (row) row.version = 7;
    };
    expect((await create({})).status).toBe(202);
    expect(raced).toBe(true);
  });
});

describe('creating an EC2 VM', () => {
  it('takes the first type of the size and the home Region', async () => {
    const got = await create({ provider: 'ec2', image: 'al2023', size: 'small' });
    expect(got.status).toBe(202);
    expect(await vms.get(got.body.vmId)).toMatchObject({
      instanceType: 't3.small',
      location: { account: '123456789012', region: 'eu-central-1' },
      spec: { ec2: { instanceTypes: ['t3.small', 't3a.small'] } },
    });
  });

  it.each([
    [{ region: 'us-west-2' }, 422, 'LocationRefused'],
    [{ account: '999999999999' }, 422, 'LocationRefused'],
    [{ image: 'windows' }, 404, 'ImageNotFound'],
    [{ size: 'huge' }, 404, 'SizeNotFound'],
  ])('refuses %o', async (more, status, code) => {
    expect(await create({ provider: 'ec2', image: 'al2023', ...more })).toMatchObject({ status, body: { code } });
  });
});

describe('acting on a VM', () => {
  it.each([
    ['stop', { state: 'running' }, 'stopping', 'stopped'],
    ['start', { state: 'stopped' }, 'pending', 'running'],
    ['reboot', { state: 'running' }, 'running', 'running'],
    ['reset', { state: 'running' }, 'running', 'running'],
  ] as const)('%s locks the VM and moves it', async (action, before, via, desired) => {
    const vm = await insertVm(newVm(before));
    const got = await call(`POST /v1/vms/${vm.id}/actions/${action}`, { token: operator });
    expect(got).toMatchObject({ status: 202, body: { kind: `${action}-vm` } });
    expect(await vms.get(vm.id)).toMatchObject({ state: via, desired, lastState: before.state, version: 2 });
  });

  it.each([
    ['an illegal transition', { state: 'stopped' }, 'reboot', {}, 409, 'InvalidTransition'],
    ['a stranger', { managed: false }, 'stop', {}, 409, 'VmNotManaged'],
    ['an old ETag', {}, 'stop', { 'if-match': '"9"' }, 412, 'PreconditionFailed'],
    [
      'EC2, which cannot',
      { provider: 'ec2', location: { region: 'eu-central-1' } },
      'reset',
      {},
      422,
      'CapabilityMissing',
    ],
  ] as const)('refuses %s', async (_, before, action, headers, status, code) => {
    const vm = await insertVm(newVm(before));
    const got = await call(`POST /v1/vms/${vm.id}/actions/${action}`, { token: operator, headers });
    expect(got).toMatchObject({ status, body: { code, status, requestId: 'request-1' } });
    expect(await vms.get(vm.id)).toEqual(vm);
  });

  const ec2 = { provider: 'ec2', location: { region: 'eu-central-1' } } as const;
  const { spec } = anEc2Vm({ spec: anEc2Spec({ ec2: { hibernate: true } }) });

  it.each([
    ['a mode', {}, {}, { mode: 'stop', graceSeconds: 60 }],
    ['save', {}, { mode: 'save' }, { mode: 'save', graceSeconds: 600 }],
    ['save once more', { state: 'saved' }, { mode: 'save', graceSeconds: 90 }, { mode: 'save', graceSeconds: 90 }],
    ['hibernate', { ...ec2, spec }, { mode: 'hibernate' }, { graceSeconds: 600 }],
  ] as const)('stops by %s, with the time that it needs', async (_, before, body, input) => {
    const vm = await insertVm(newVm(before));
    const got = await call(`POST /v1/vms/${vm.id}/actions/stop`, { token: operator, body });
    expect(got.status).toBe(202);
    expect((await operations.get(got.body.id)).input).toMatchObject(input);
  });

  it.each([
    ['hibernate on KVM', {}, { mode: 'hibernate' }, 422, 'CapabilityMissing', 'by the mode save'],
    ['save on EC2', ec2, { mode: 'save' }, 422, 'CapabilityMissing', 'by the mode hibernate'],
    ['hibernate where it was not enabled', ec2, { mode: 'hibernate' }, 422, 'CapabilityMissing', 'at launch only'],
    ['force with it', {}, { mode: 'save', force: true }, 400, 'InvalidRequest', 'force: a plug that is pulled'],
    ['no shutdown with it', ec2, { mode: 'hibernate', skipOsShutdown: true }, 400, 'InvalidRequest', 'not with'],
    ['an unknown mode', {}, { mode: 'pause' }, 400, 'InvalidRequest', 'mode'],
  ] as const)('refuses %s before anything starts, a dry run too', async (_, before, body, status, code, words) => {
    const vm = await insertVm(newVm(before));
    for (const query of ['', '?dryRun=true']) {
      const got = await call(`POST /v1/vms/${vm.id}/actions/stop${query}`, { token: operator, body });
      expect(got).toMatchObject({ status, body: { code, detail: expect.stringContaining(words) } });
    }
    expect(await vms.get(vm.id)).toEqual(vm);
  });

  it('refuses the second of two at once, naming who holds the VM', async () => {
    const vm = await insertVm(newVm());
    const first = await call(`POST /v1/vms/${vm.id}/actions/stop`, { token: operator });
    const second = await call(`POST /v1/vms/${vm.id}/actions/reboot`, { token: operator });
    expect(second).toMatchObject({ status: 409, body: { code: 'VmLocked' } });
    expect(second.body.detail).toContain(first.body.id);
  });

  it('reads again where only a look at the provider came in between', async () => {
    const vm = await insertVm(newVm());
    let raced = false;
    state.beforeWrite = () => {
      if (raced) return;
      raced = true;
      const row = state.of('vm')[0];
      if (row) state.rows.set(`vm#${vm.id}\nvm`, { ...row, version: 2, addresses: ['10.0.0.9'] });
    };
    expect((await call(`POST /v1/vms/${vm.id}/actions/stop`, { token: operator })).status).toBe(202);
    expect(await vms.get(vm.id)).toMatchObject({ version: 3, addresses: ['10.0.0.9'], state: 'stopping' });
  });

  it('does not delete what is protected, and does once protection is off', async () => {
    const vm = await insertVm(newVm({ deletionProtection: true }));
    expect(await call(`DELETE /v1/vms/${vm.id}`, { token: operator })).toMatchObject({
      status: 409,
      body: { code: 'VmProtected' },
    });
    const patched = await call(`PATCH /v1/vms/${vm.id}`, {
      token: operator,
      body: { deletionProtection: false, tags: { env: 'prod' } },
      headers: { 'if-match': '"1"' },
    });
    expect(patched).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { tags: { env: 'prod' } } });
    expect((await call(`DELETE /v1/vms/${vm.id}?purge=true`, { token: operator })).body.kind).toBe('delete-vm');
  });

  it('renames, and frees the old name', async () => {
    await insertHost(newHost());
    await insertImage(newImage());
    const made = await create({});
    await call(`PATCH /v1/vms/${made.body.vmId}`, { token: operator, body: { name: 'web-9' } });
    expect((await create({})).status).toBe(202);
    expect((await create({ name: 'web-9' })).body.code).toBe('NameTaken');
  });

  it('takes no name for a deleted VM while its kept disks are removed', async () => {
    await insertHost(newHost());
    await insertImage(newImage());
    const { vmId } = (await create({})).body;
    await endOpen(() => true);
    await call(`DELETE /v1/vms/${vmId}`, { token: operator });
    await endOpen(() => true);
    await call(`DELETE /v1/vms/${vmId}?purge=true`, { token: operator });
    const renamed = await call(`PATCH /v1/vms/${vmId}`, { token: operator, body: { name: 'web-9' } });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'InvalidTransition' } });
    expect((await create({ name: 'web-9' })).status).toBe(202);
  });
});
