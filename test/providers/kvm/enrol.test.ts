import {
  CreateActivationCommand,
  DeregisterManagedInstanceCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createActivation,
  deregisterNode,
  endpointsOf,
  findNode,
  lookAtEnrolment,
  prepareHost,
  removeUnit,
  upgradeUnit,
} from '../../../lambdas/providers/kvm/enrol.ts';
import { EnrolPayload, UnitPayload } from '../../../lambdas/providers/kvm/payload.ts';
import { aHost, answerLine } from '../../support/kvm.ts';

const mock = mockClient(SSMClient);
const ssm = new SSMClient({ region: 'us-east-1' });
const channel = { ssm, installation: 'dev' };
const host = aHost();
const ask = { operationId: 'op-0123456789abcdefghjkmnpqrs', attempt: 1, notAfter: '2026-11-25T10:02:00.000Z' };
const failing = (name: string) => Object.assign(new Error('said AWS'), { name });

beforeEach(() => {
  mock.reset();
  mock.on(SendCommandCommand).resolves({ Command: { CommandId: 'c-1' } });
});

describe('an activation', () => {
  const activate = () =>
    createActivation(channel, host, { nodeRole: 'novacron-dev-node', nowMs: Date.parse('2026-11-25T10:00:00.000Z') });

  it('is for one machine, one hour, and marked with the host', async () => {
    mock.on(CreateActivationCommand).resolves({ ActivationId: 'a-1', ActivationCode: 'secret' });
    expect(await activate()).toEqual({ id: 'a-1', code: 'secret', expiresAt: '2026-11-25T11:00:00.000Z' });
    expect(mock.commandCalls(CreateActivationCommand)[0]?.args[0].input).toMatchObject({
      IamRole: 'novacron-dev-node',
      RegistrationLimit: 1,
      Tags: [
        { Key: 'novacron:installation', Value: 'dev' },
        { Key: 'novacron:host', Value: host.id },
      ],
    });
  });

  it.each([
    ['is denied', () => mock.on(CreateActivationCommand).rejects(failing('AccessDeniedException')), 'ProviderDenied'],
    ['comes without its code', () => mock.on(CreateActivationCommand).resolves({ ActivationId: 'a-1' }), 'Internal'],
    ['comes without its id', () => mock.on(CreateActivationCommand).resolves({ ActivationCode: 'secret' }), 'Internal'],
  ])('that %s is a fault', async (_, set, name) => {
    set();
    await expect(activate()).rejects.toMatchObject({ name });
  });
});

it('names the doors that a host needs open', () => {
  expect(endpointsOf('eu-central-1', 'https://abc.execute-api.eu-central-1.amazonaws.com/v1')).toEqual([
    'ssm.eu-central-1.amazonaws.com',
    'ssmmessages.eu-central-1.amazonaws.com',
    'ec2messages.eu-central-1.amazonaws.com',
    's3.eu-central-1.amazonaws.com',
    'amazon-ssm-eu-central-1.s3.eu-central-1.amazonaws.com',
    'abc.execute-api.eu-central-1.amazonaws.com',
  ]);
});

describe('the node of a host', () => {
  it('is the newest that is online', async () => {
    mock.on(DescribeInstanceInformationCommand).resolves({
      InstanceInformationList: [
        { InstanceId: 'mi-old', PingStatus: 'Online', RegistrationDate: new Date(1) },
        { InstanceId: 'mi-new', PingStatus: 'Online', RegistrationDate: new Date(2) },
        { InstanceId: 'mi-off', PingStatus: 'ConnectionLost', RegistrationDate: new Date(3) },
        { InstanceId: 'i-undated', PingStatus: 'Online' },
      ],
    });
    expect(await findNode(channel, host.id)).toBe('mi-new');
  });

  it('is not there while none has registered', async () => {
    mock.on(DescribeInstanceInformationCommand).resolves({});
    expect(await findNode(channel, host.id)).toBeUndefined();
  });

  it('cannot be looked for while SSM throttles', async () => {
    mock.on(DescribeInstanceInformationCommand).rejects(failing('ThrottlingException'));
    await expect(findNode(channel, host.id)).rejects.toMatchObject({ name: 'Throttled' });
  });
});

describe('preparing and clearing a host', () => {
  const payload = () => {
    const input = mock.commandCalls(SendCommandCommand)[0]?.args[0].input;
    return {
      name: input?.DocumentName,
      json: JSON.parse(Buffer.from(input?.Parameters?.Payload?.[0] ?? '', 'base64').toString()),
    };
  };

  it('is one document each', async () => {
    const told: EnrolPayload = {
      installation: 'dev',
      hostId: host.id,
      hostName: host.name,
      apiUrl: 'https://api.example.org',
      token: 'once',
      poolPath: '/var/lib/libvirt/images/novacron/dev',
      beatSeconds: 10,
    };
    expect(await prepareHost(channel, 'i-0123456789abcdef0', ask, told)).toEqual({
      commandId: 'c-1',
      nodeId: 'i-0123456789abcdef0',
    });
    expect(payload().name).toBe('NovaCron-dev-EnrolHost');
    expect(EnrolPayload.parse(payload().json)).toEqual(told);
    expect(mock.commandCalls(SendCommandCommand)[0]?.args[0].input.Parameters).not.toHaveProperty('Domain');
  });

  it.each([
    ['goes', removeUnit, 'NovaCron-dev-RemoveUnit'],
    ['is upgraded', upgradeUnit, 'NovaCron-dev-UpgradeUnit'],
  ])('names the installation whose unit %s', async (_, act, document) => {
    await act(channel, 'mi-1', ask, host.id);
    expect(payload().name).toBe(document);
    expect(UnitPayload.parse(payload().json)).toEqual({ installation: 'dev', hostId: host.id });
  });
});

describe('deregistering', () => {
  it('leaves EC2 instances alone', async () => {
    await deregisterNode(ssm, 'i-0123456789abcdef0');
    expect(mock.calls()).toHaveLength(0);
  });

  it('ends a registration, and is content where it is gone', async () => {
    mock.on(DeregisterManagedInstanceCommand).resolvesOnce({}).rejects(failing('InvalidInstanceId'));
    await deregisterNode(ssm, 'mi-1');
    await expect(deregisterNode(ssm, 'mi-1')).resolves.toBeUndefined();
  });

  it('that is denied is a fault', async () => {
    mock.on(DeregisterManagedInstanceCommand).rejects(failing('AccessDeniedException'));
    await expect(deregisterNode(ssm, 'mi-1')).rejects.toMatchObject({ name: 'ProviderDenied' });
  });
});

describe('a look at enrolment', () => {
  const look = () => lookAtEnrolment(ssm, { commandId: 'c-1', nodeId: 'mi-1' });
  const found = (result: object) =>
    mock
      .on(GetCommandInvocationCommand)
      .resolves({ Status: 'Success', ResponseCode: 0, StandardOutputContent: answerLine({ ok: true, result }) });
  const check = { name: 'agent', required: true, detail: 'version 3.2' };

  it('has no facts while it runs', async () => {
    mock.on(GetCommandInvocationCommand).resolves({ Status: 'InProgress' });
    expect(await look()).toBeUndefined();
  });

  it('has the facts of a host that passes, advice aside', async () => {
    const facts = {
      ...host.facts,
      checks: [
        { ...check, ok: true },
        { ...check, name: 'guests', required: false, ok: false },
      ],
    };
    found(facts);
    expect(await look()).toEqual(facts);
  });

  it('refuses a host that fails, saying what to do', async () => {
    found({
      ...host.facts,
      checks: [
        { ...check, ok: false, fix: 'upgrade it' },
        { ...check, name: 'kvm', ok: false },
      ],
    });
    await expect(look()).rejects.toMatchObject({
      name: 'EnrolmentRefused',
      message: 'agent: version 3.2 → upgrade it; kvm: version 3.2',
    });
  });

  it('does not guess at facts it cannot read', async () => {
    found({ cores: 'many' });
    await expect(look()).rejects.toMatchObject({ name: 'CommandGarbled' });
  });
});
