import { readFileSync } from 'node:fs';
import { AddTagsToResourceCommand, CreateActivationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import * as hosts from '../../lambdas/store/hosts.ts';
import { call, insertHost, newHost, signIn } from '../support/api.ts';
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
