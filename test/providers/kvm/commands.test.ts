import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../lambdas/domain/faults.ts';
import { awsFault } from '../../../lambdas/providers/kvm/aws-faults.ts';
import { askOfComment, commentOf, invocationOf, send } from '../../../lambdas/providers/kvm/commands.ts';

const mock = mockClient(SSMClient);
const ssm = new SSMClient({ region: 'us-east-1' });
const named = (name: string, code?: string) => Object.assign(new Error('said AWS'), { name }, code ? { code } : {});

beforeEach(() => mock.reset());

describe('an error of AWS', () => {
  it.each([
    ['InvalidInstanceId', 'HostUnreachable'],
    ['TargetNotConnected', 'HostUnreachable'],
    ['ThrottlingException', 'Throttled'],
    ['TooManyUpdates', 'Throttled'],
    ['InternalServerError', 'ProviderUnreachable'],
    ['TimeoutError', 'ProviderUnreachable'],
    ['AccessDeniedException', 'ProviderDenied'],
    ['UnsupportedPlatformType', 'HostFault'],
    ['InvalidDocument', 'Internal'],
    ['InvalidParameters', 'SpecRefused'],
    ['ValidationException', 'SpecRefused'],
    ['NeverHeardOf', 'Internal'],
  ])('%s of SendCommand is %s', async (name, fault) => {
    mock.on(SendCommandCommand).rejects(named(name));
    const sending = send({ ssm, installation: 'dev' }, 'StartVm', { nodeId: 'mi-1', comment: '', parameters: {} });
    await expect(sending).rejects.toMatchObject({ name: fault, message: expect.stringMatching(/StartVm.*said AWS/) });
  });

  it('of a connection that broke may be tried again', () => {
    expect(awsFault(named('Error', 'ECONNRESET'), 'StartVm').name).toBe('ProviderUnreachable');
    expect(awsFault(named('Error', 'EWHATEVER'), 'StartVm').name).toBe('Internal');
  });

  it('is not needed for a reply without a command id to be refused', async () => {
    mock.on(SendCommandCommand).resolves({});
    const sending = send({ ssm, installation: 'dev' }, 'StartVm', { nodeId: 'mi-1', comment: '', parameters: {} });
    await expect(sending).rejects.toMatchObject({ name: 'ProviderUnreachable' });
  });

  it('that is a Fault already stays, and what is no error is Internal', () => {
    const fault = new Fault('DiskFull', 'no room');
    expect(awsFault(fault, 'StartVm')).toBe(fault);
    expect(awsFault('text', 'StartVm')).toMatchObject({ name: 'Internal', cause: 'text' });
  });
});

describe('an invocation', () => {
  const look = () => invocationOf(ssm, { commandId: 'c-1', nodeId: 'mi-1' });

  it('that SSM does not show yet is pending', async () => {
    mock.on(GetCommandInvocationCommand).rejects(named('InvocationDoesNotExist'));
    expect(await look()).toEqual({ Status: 'Pending' });
  });

  it('that may not be read is a fault', async () => {
    mock.on(GetCommandInvocationCommand).rejects(named('AccessDeniedException'));
    await expect(look()).rejects.toMatchObject({ name: 'ProviderDenied' });
  });
});

describe('the comment on a command', () => {
  it('finds the waiting step again', () => {
    const ask = { operationId: 'op-0123456789abcdefghjkmnpqrs', attempt: 12 };
    expect(askOfComment(commentOf(ask))).toEqual(ask);
  });

  it.each([
    undefined,
    '',
    'console#vm-1',
    'op-0123456789abcdefghjkmnpqrs',
    'op-0123456789abcdefghjkmnpqrs#0',
    'op-short#1',
  ])('%s is of no step', (comment) => expect(askOfComment(comment)).toBeUndefined());
});
