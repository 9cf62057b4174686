import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler as lookAgain } from '../../lambdas/events/look-again.ts';
import { handler as stateStreamed } from '../../lambdas/events/state-streamed.ts';
import { AT } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';
import { CONTEXT, queued, streamed } from '../support/stream.ts';

/** F-22: one record in ten thousand that nobody can handle; the others are handled, and it lies in the dead letters. */
const COUNT = 10_000;
const POISONED = 4_711;

const bus = mockClient(EventBridgeClient);
const sqs = mockClient(SQSClient);
let table: StateTable;
beforeEach(() => {
  bus.reset();
  sqs.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  sqs.on(SendMessageCommand).resolves({});
  table = new StateTable();
});

const aside = (): string[] =>
  sqs
    .commandCalls(SendMessageCommand)
    .map(({ args: [{ input }] }) => input)
    .filter(({ QueueUrl }) => QueueUrl?.endsWith('dead-letters'))
    .map(({ MessageBody = '' }) => MessageBody);

/** How often each record was delivered, by its number. */
const counter = () => {
  const tries = Array.from({ length: COUNT }, () => 0);
  return {
    tries,
    count: (number: number): void => {
      tries[number] = (tries[number] ?? 0) + 1;
    },
  };
};

/** As Lambda reads a stream (lib/constructs/feeds.ts): batches of 25; a batch comes again from the first that failed, for hours. */
const stream = async (records: readonly DynamoDBRecord[]): Promise<number[]> => {
  const { tries, count } = counter();
  for (let at = 0; at < records.length; ) {
    const Records = records.slice(at, at + 25);
    for (const [index] of Records.entries()) count(at + index);
    if ((tries[at] ?? 0) > 9) throw new Error(`record ${at} holds up all others`);
    const { batchItemFailures } = await stateStreamed({ Records }, CONTEXT);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = Records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
    at += first < 0 ? Records.length : first;
  }
  return tries;
};

const audit = (number: number | string) => ({
  after: { entity: 'audit', id: `aud-${number}`, at: AT, action: 'a', by: 'b', outcome: 'done', version: 1 },
});
const host = (number: number) => ({ after: { entity: 'host', id: `h-${number}`, state: 'ready' } });
const unreadable = { entity: 'vm', id: 'vm-poison', ready: null };

describe('one poisoned change of a row among ten thousand', () => {
  it.each([
    ['a VM’s row that cannot be read', host, { before: unreadable, after: unreadable }],
    ['an audit entry that DynamoDB does not take', audit, audit('poison')],
  ])('%s is tried at most three times, and the others are done', async (_, changeOf, poison) => {
    table.beforeTransaction = (ids) => {
      if (ids.includes('told#aud-poison'))
        throw Object.assign(new Error('too large'), { name: 'ValidationException', $fault: 'client' });
    };
    const changes = Array.from({ length: COUNT }, (_, number) => (number === POISONED ? poison : changeOf(number)));
    const tries = await stream(streamed(...changes).Records);
    expect(Math.max(...tries)).toBeLessThanOrEqual(3);
    expect(aside()).toHaveLength(1);
    expect(aside()[0]).toContain(poison.after.id);
    const told = bus.commandCalls(PutEventsCommand).flatMap(({ args: [{ input }] }) => input.Entries ?? []);
    const done = changeOf === audit ? table.audit.size / 2 : told.length;
    expect(done).toBe(COUNT - 1);
  });
});

/** As SQS and Lambda do (lib/constructs/delayed-queue.ts): batches of ten; the third receive is the last. */
const RECEIVES = 3;

describe('one poisoned message among ten thousand', () => {
  it('is tried at most three times, and the others are done', async () => {
    const { tries, count } = counter();
    const deadLetters: SQSRecord[] = [];
    const stale = { operationId: `op-${'0'.repeat(26)}`, attempt: 1, look: 0 };
    const bodies = Array.from({ length: COUNT }, (_, number) => (number === POISONED ? '{"nonsense' : stale));
    let waiting = queued(...bodies).Records;
    let done = 0;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, 10);
      for (const { messageId } of batch) count(Number(messageId.replace('message-', '')));
      const failed = await lookAgain({ Records: batch }, CONTEXT).then(
        ({ batchItemFailures }) => new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
        // A batch of which nothing was handled fails as a whole.
        () => new Set(batch.map(({ messageId }) => messageId)),
      );
      done += batch.length - failed.size;
      const again = batch.filter(({ messageId }) => failed.has(messageId));
      for (const record of again) {
        if (tries[POISONED] === RECEIVES) deadLetters.push(record);
        else waiting = [...waiting, record];
      }
    }
    expect(done).toBe(COUNT - 1);
    expect(deadLetters.map(({ body }) => body)).toEqual(['{"nonsense']);
    expect(tries[POISONED]).toBe(3);
    expect(Math.max(...tries)).toBe(3);
  });
});
