import { describe, expect, it } from 'vitest';
import { Fault } from '../../../lambdas/domain/faults.ts';
import { codeOf, isDefinite, lacksCapacity, toFault, translated } from '../../../lambdas/providers/ec2/errors.ts';
import { ec2Error, ssmError } from '../../support/aws.ts';

describe('an error of AWS in our words', () => {
  it.each([
    ['InsufficientInstanceCapacity', 500, 'CapacityUnavailable'],
    ['InsufficientHostCapacity', 400, 'CapacityUnavailable'],
    ['Server.InsufficientInstanceCapacity', 400, 'CapacityUnavailable'],
    ['RequestLimitExceeded', 503, 'Throttled'],
    ['ThrottlingException', 400, 'Throttled'],
    ['VcpuLimitExceeded', 400, 'QuotaExceeded'],
    ['InstanceLimitExceeded', 400, 'QuotaExceeded'],
    ['VolumeLimitExceeded', 400, 'QuotaExceeded'],
    ['UnauthorizedOperation', 403, 'ProviderDenied'],
    ['AccessDeniedException', 400, 'ProviderDenied'],
    ['OptInRequired', 401, 'ProviderDenied'],
    ['PendingVerification', 400, 'ProviderDenied'],
    ['InvalidInstanceID.NotFound', 400, 'VmLost'],
    ['InvalidInstanceID.Malformed', 400, 'VmLost'],
    ['IncorrectInstanceState', 400, 'InvalidTransition'],
    ['OperationNotPermitted', 400, 'VmProtected'],
    ['UnsupportedOperation', 400, 'CapabilityMissing'],
    ['IdempotentParameterMismatch', 400, 'ProviderUnreachable'],
    ['InvalidAMIID.NotFound', 400, 'SpecRefused'],
    ['InvalidSubnetID.NotFound', 400, 'SpecRefused'],
    ['InvalidKeyPair.NotFound', 400, 'SpecRefused'],
    ['InvalidGroup.NotFound', 400, 'SpecRefused'],
    ['InvalidLaunchTemplateId.Malformed', 400, 'SpecRefused'],
    ['Unsupported', 400, 'SpecRefused'],
    ['MissingParameter', 400, 'SpecRefused'],
    ['NeverHeardOf', 400, 'Internal'],
    ['InternalError', 500, 'ProviderUnreachable'],
    ['Unavailable', 503, 'ProviderUnreachable'],
  ])('%s (%i) is %s', (code, status, name) => {
    const fault = toFault(ec2Error(code, 'the reason', status), 'Launching web-1');
    expect(fault).toMatchObject({ name, message: expect.stringContaining('Launching web-1: the reason') });
    expect(fault.cause).toBeInstanceOf(Error);
  });

  it('reads errors of Systems Manager alike', () => {
    expect(toFault(ssmError('ParameterNotFound'), 'Finding').name).toBe('SpecRefused');
  });

  it('lets our own faults pass unchanged', () => {
    const fault = new Fault('SizeNotFound', 'none');
    expect(toFault(fault, 'Launching')).toBe(fault);
  });

  it.each([
    ['a lost connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['a time-out', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
    ['what is no Error', 'boom'],
  ])('leaves open what %s left open', (_, error) => {
    expect(isDefinite(error)).toBe(false);
    expect(toFault(error, 'Launching').name).toBe('ProviderUnreachable');
  });

  it('takes an answer without a status for an open question', () => {
    expect(isDefinite(Object.assign(new Error('x'), { $fault: 'client' }))).toBe(false);
  });

  it('does not show ciphertext to a person', () => {
    const message = `You are not authorized. Encoded authorization failure message: ${'x'.repeat(900)}`;
    expect(toFault(ec2Error('UnauthorizedOperation', message, 403), 'Stopping').message).not.toContain('xxx');
  });

  it.each([
    ['InsufficientInstanceCapacity', 500, true],
    ['Unsupported', 400, true],
    ['RequestLimitExceeded', 503, false],
    ['VcpuLimitExceeded', 400, false],
    ['InternalError', 500, false],
  ])('%s (%i) lets the next type be tried: %s', (code, status, next) => {
    expect(lacksCapacity(ec2Error(code, '', status))).toBe(next);
  });

  it('lets only faults out', async () => {
    await expect(translated('Doing', async () => 1)).resolves.toBe(1);
    await expect(translated('Doing', () => Promise.reject(new TypeError('x')))).rejects.toBeInstanceOf(Fault);
  });

  it('has no code for what is no Error', () => expect(codeOf(undefined)).toBe(''));
});
