import { SQSClient, StartMessageMoveTaskCommand, UnsupportedOperation } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { handOutUnsent } from '../../lambdas/alerting/hand-out-unsent.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => void sqs.reset());

const refusing = (message: string) =>
  sqs.on(StartMessageMoveTaskCommand).rejects(new UnsupportedOperation({ message, $metadata: {} }));

it('moves what lies unsent, each to where it came from', async () => {
  sqs.on(StartMessageMoveTaskCommand).resolves({ TaskHandle: 'task' });
  await handOutUnsent();
  // Without a destination SQS takes the queues from which it came.
  expect(sqs.calls().map(({ args }) => args[0].input)).toEqual([{ SourceArn: process.env.UNSENT_ARN }]);
});

it('is content where it is being moved already', async () => {
  refusing('There is already a task running. Only one active task is allowed for a source queue arn at a given time.');
  await expect(handOutUnsent()).resolves.toBeUndefined();
});

it('is tried again by whoever called it where SQS takes it for another reason', async () => {
  refusing('Failed to start the task: the queue is no dead letter queue.');
  await expect(handOutUnsent()).rejects.toThrow('no dead letter queue');
});
