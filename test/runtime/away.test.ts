import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { succeed } from '../../lambdas/runtime/answer.ts';
import { mayPass } from '../../lambdas/runtime/away.ts';
import * as table from '../../lambdas/store/table.ts';
import { StateTable } from '../support/state-table.ts';

const aws = (name: string, more: object = {}): Error => Object.assign(new Error('x'), { name, ...more });

describe('what may pass', () => {
  it.each<[string, unknown, boolean]>([
    ['a throttle of DynamoDB', aws('ProvisionedThroughputExceededException', { $fault: 'client' }), true],
    ['a throttle of SSM', aws('ThrottlingException', { $fault: 'client' }), true],
    ['a throttle of EC2', aws('RequestLimitExceeded', { $fault: 'client' }), true],
    ['an error of the service', aws('InternalServerError', { $fault: 'server' }), true],
    ['a reply that was cut', aws('Error', { code: 'ECONNRESET' }), true],
    ['a time-out', aws('TimeoutError'), true],
    ['a fault that says so', new Fault('WriteConflict', 'x'), true],
    ['a fault that does not', new Fault('Internal', 'x'), false],
    ['what AWS does not take', aws('ValidationException', { $fault: 'client' }), false],
    ['what AWS does not allow', aws('AccessDeniedException', { $fault: 'client' }), false],
    ['a bug', new TypeError('x is undefined'), false],
    ['no error at all', 'x', false],
  ])('%s', (_, error, isSo) => {
    expect(mayPass(error)).toBe(isSo);
  });

  it('a transaction that DynamoDB cancels for haste is told so', async () => {
    const CancellationReasons = [{ Code: 'None' }, { Code: 'ThrottlingError' }];
    const cancelled = new TransactionCanceledException({ message: 'x', $metadata: {}, CancellationReasons });
    new StateTable().mock.on(TransactWriteCommand).rejects(cancelled);
    const writes = [table.remove({ pk: 'a', sk: 'a' }), table.remove({ pk: 'b', sk: 'b' })];
    await expect(table.transact(writes)).rejects.toMatchObject({ name: 'Throttled' });
  });

  it.each([
    ['ThrottlingException', 'Throttled'],
    ['InternalFailure', 'ProviderUnreachable'],
  ])('a step whose answer meets %s fails by %s, which its state tries again', async (name, fault) => {
    mockClient(SFNClient).on(SendTaskSuccessCommand).rejects(aws(name));
    await expect(succeed('token', {})).rejects.toMatchObject({ name: fault });
  });
});
