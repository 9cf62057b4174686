import { readFileSync } from 'node:fs';
import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as names from '../../lambdas/store/names.ts';
import * as table from '../../lambdas/store/table.ts';
import { call, insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

const ssm = mockClient(SSMClient);
let state: StateTable;
let admin: string;
beforeEach(async () => {
  state = new StateTable();
  admin = await signIn('admin');
  ssm.reset();
  ssm.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: "it's" });
  ssm.on(AddTagsToResourceCommand).resolves({});
});

const enrol = (body: object, headers = {}) =>
  call('POST /v1/hosts/enrol', { token: admin, body: { name: 'rack-1', ...body }, headers });

describe('enrolling a host', () => {
  it('writes host and operation, makes one short activation for it, and prints one line', async () => {
    const got = await enrol({ tags: { room: 'a' }, proxy: 'http://proxy.corp:3128' });
    expect(got).toMatchObject({
      status: 202,
      body: { host: { state: 'enrolling' }, operation: { kind: 'enrol-host' } },
    });
    const { command, host, activation } = got.body;
    expect(command).not.toContain('\n');
    expect(command).toContain(`https://api.test/v1/hosts/${host.id}/install-script`);
    expect(command).toContain("--activation-id a-1 --activation-code 'it'\\''s' --proxy http://proxy.corp:3128");
    expect(activation).not.toHaveProperty('code');
    const [sent] = ssm.commandCalls(CreateActivationCommand);
    expect(sent?.args[0].input).toMatchObject({ RegistrationLimit: 1, IamRole: 'novacron-unit-node' });
    expect(sent?.args[0].input.Tags).toContainEqual({ Key: 'novacron:host', Value: host.id });
  });

  it('gives the script to the token of the line, and nothing else', async () => {
    const { host, command } = (await enrol({})).body;
    const token = /Bearer (nc_[\w-]+)/.exec(command)?.[1] ?? '';
    const got = await call(`GET /v1/hosts/${host.id}/install-script`, { token });
    expect(got.status).toBe(200);
    expect(got.body).toBe(readFileSync('ssm-documents/host-unit/install.sh', 'utf8'));
    expect((await call('GET /v1/hosts/h-0000000000000009/install-script', { token })).status).toBe(403);
    expect((await call('GET /v1/vms', { token })).status).toBe(403);
  });

  it('of a name that still waits gives a new line for the same operation', async () => {
    const first = await enrol({});
    const again = await enrol({});
    expect(again.body.operation.id).toBe(first.body.operation.id);
    expect(again.body.command).not.toBe(first.body.command);
    expect(state.of('host')).toHaveLength(1);
  });

  it('keeps the intent where AWS fails, so that the same request goes on', async () => {
    ssm
      .on(CreateActivationCommand)
      .rejectsOnce(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
      .resolves({ ActivationId: 'a-1', ActivationCode: 'c' });
    const key = { 'idempotency-key': 'k' };
    expect(await enrol({}, key)).toMatchObject({ status: 502, body: { code: 'ProviderDenied' } });
    expect((await enrol({}, key)).status).toBe(202);
    expect(state.of('operation')).toHaveLength(1);
  });

  it('tags an EC2 node in place of an activation', async () => {
    const got = await enrol({ nodeId: 'i-0123456789abcdef0' });
    expect(got.body.command).toContain('--resources i-0123456789abcdef0');
    expect(ssm.commandCalls(CreateActivationCommand)).toHaveLength(0);
  });

  it.each(['http://ann:s3cret@proxy.corp:3128', 'https://t0ken@proxy.corp:3128'])(
    'takes no password of a proxy, says where it belongs and keeps nothing of it: %s',
    async (proxy) => {
      expect(await enrol({ proxy })).toMatchObject({
        status: 400,
        body: {
          code: 'InvalidRequest',
          errors: [
            { pointer: '/proxy', detail: expect.stringContaining('a proxy that needs a password is set on the host') },
          ],
        },
      });
      expect(JSON.stringify([...state.rows.values()])).not.toMatch(/s3cret|t0ken/);
    },
  );

  describe('anew', () => {
    const silent = newHost({ name: 'rack-1', state: 'unreachable', reason: 'No beat.', identity: 'a'.repeat(64) });
    const given = async (more: Partial<Host> = {}) => {
      await insertHost({ ...silent, ...more });
      await table.save(names.taking('host', silent));
    };

    it('gives a line to a host that is unreachable, and leaves its row as it is but for its version', async () => {
      await given();
      await insertVm(newVm());
      const got = await enrol({ anew: true, proxy: 'http://proxy.corp:3128', tags: { room: 'b' } });
      expect(got).toMatchObject({ status: 202, body: { host: { id: silent.id, state: 'unreachable' } } });
      expect(got.body.host).not.toHaveProperty('identity');
      expect(got.body.operation).toMatchObject({
        steps: ['Prove Host', 'Take Over', 'Prepare Host', 'Record'].map((name) => ({ name })),
      });
      expect(await hosts.get(silent.id)).toEqual({ ...silent, version: 2 });
      expect(state.of('operation')[0]).toMatchObject({ input: { anew: true, proxy: 'http://proxy.corp:3128' } });
    });

    it('gives another line for the same wait', async () => {
      await given();
      const first = await enrol({ anew: true });
      const again = await enrol({ anew: true });
      expect(again.body.operation.id).toBe(first.body.operation.id);
      expect(again.body.command).not.toBe(first.body.command);
    });

    it('is what an unreachable host is told of that is enrolled as a new one', async () => {
      await given();
      expect(await enrol({})).toMatchObject({
        status: 409,
        body: { code: 'NameTaken', detail: expect.stringContaining('enrol it anew (--anew') },
      });
    });

    it.each([
      ['ready', 'Its unit still reports'],
      ['draining', 'systemctl stop novacron-unit'],
      ['enrolling', 'Enrol it without anew'],
      ['retired', 'Enrol it without anew'],
    ] as const)('is refused to a host that is %s', async (its, said) => {
      await given({ state: its });
      const refused = { code: 'InvalidTransition', detail: expect.stringContaining(said) };
      expect(await enrol({ anew: true })).toMatchObject({ status: 409, body: refused });
      expect(await hosts.get(silent.id)).toEqual({ ...silent, state: its });
      expect(state.of('operation')).toEqual([]);
    });

    it('is refused to a name that no host has', async () => {
      expect(await enrol({ anew: true })).toMatchObject({ status: 404, body: { code: 'HostNotFound' } });
    });

    it('is refused to instances of EC2', async () => {
      await given();
      const refused = { status: 400, body: { code: 'InvalidRequest' } };
      expect(await enrol({ anew: true, nodeId: 'i-0123456789abcdef0' })).toMatchObject(refused);
      const row = await hosts.get(silent.id);
      await hosts.swap(row, { ...row, nodeId: 'i-0123456789abcdef0' });
      expect(await enrol({ anew: true })).toMatchObject(refused);
    });

    it('is for those who administer the installation', async () => {
      await given();
      const token = await signIn('operator');
      const body = { name: 'rack-1', anew: true };
      expect((await call('POST /v1/hosts/enrol', { token, body })).status).toBe(403);
    });
  });

  it('refuses the name of a host that works', async () => {
    const { host } = (await enrol({})).body;
    const row = await hosts.get(host.id);
    await hosts.swap(row, { ...row, state: 'ready' });
    expect(await enrol({})).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
  });
});

describe('a host', () => {
  beforeEach(() => insertHost(newHost()));

  it('is deactivated and activated', async () => {
    const path = 'POST /v1/hosts/h-0000000000000001/actions';
    const shown = async (verb: string) => (await call(`${path}/${verb}`, { token: admin })).body;
    expect(await shown('deactivate')).toMatchObject({ active: false, state: 'draining' });
    expect(await shown('activate')).toMatchObject({ active: true, state: 'ready' });
    expect(state.of('audit')).toHaveLength(2);
  });
});
