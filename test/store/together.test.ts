import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, type GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import * as table from '../../lambdas/store/table.ts';
import * as together from '../../lambdas/store/together.ts';
import { StateTable } from '../support/state-table.ts';

interface Row {
  readonly id: string;
  readonly text: string;
  readonly version: number;
}

const keyOf = (id: string): table.Key => ({ pk: 'row', sk: id });
const entity: table.Entity<Row> = { name: 'row', key: ({ id }) => keyOf(id) };
const row = (id: string, text = id): Row => ({ id, text, version: 0 });
const saving = (one: Row) => together.save(table.writing(entity, one));
const read = (id: string) => together.get<Row>(keyOf(id));

let state: StateTable;
beforeEach(() => {
  state = new StateTable();
});
const calls = (command: typeof BatchGetCommand | typeof GetCommand | typeof PutCommand | typeof TransactWriteCommand) =>
  // The classes differ in what they send only.
  state.mock.commandCalls(command as typeof GetCommand).length;
const texts = async (...ids: string[]) => (await Promise.all(ids.map(read))).map((one) => one?.text);
const ends = async (...all: Promise<void>[]) =>
  (await Promise.allSettled(all)).map((end) => (end.status === 'fulfilled' ? 'well' : end.reason.name));

/** Lets transactions be refused while there is a refusal for one of their rows. */
const refusing = (codes: Record<string, string>) => {
  const transacted = TransactWriteCommand;
  state.mock.on(transacted).callsFake(({ TransactItems = [] }) => {
    const CancellationReasons = TransactItems.map(({ Put }: { Put: { Item: { id: string } } }) => ({
      Code: codes[Put.Item.id] ?? 'None',
    }));
    if (CancellationReasons.some(({ Code }: { Code: string }) => Code !== 'None'))
      throw new TransactionCanceledException({ $metadata: {}, message: 'cancelled', CancellationReasons });
    for (const { Put } of TransactItems) state.write(Put);
    return {};
  });
};

describe('rows of one turn', () => {
  it('are read by one call, each once, and those that are not there are not', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => saving(row(id))));
    expect(await texts('a', 'b', 'a', 'x', 'c')).toEqual(['a', 'b', 'a', undefined, 'c']);
    expect([calls(BatchGetCommand), calls(TransactWriteCommand), calls(PutCommand)]).toEqual([1, 1, 0]);
  });

  it('are written by themselves where there is one', async () => {
    await saving(row('a'));
    expect([calls(TransactWriteCommand), calls(PutCommand)]).toEqual([0, 1]);
  });

  it('are all written but for the one that another writer came before', async () => {
    await saving(row('b', 'theirs'));
    expect(await ends(saving(row('a')), saving(row('b')), saving(row('c')))).toEqual(['well', 'WriteConflict', 'well']);
    expect(await texts('a', 'b', 'c')).toEqual(['a', 'theirs', 'c']);
  });

  it('are all written but for the one that another transaction is at', async () => {
    refusing({ b: 'TransactionConflict' });
    expect(await ends(saving(row('a')), saving(row('b')), saving(row('c')))).toEqual(['well', 'WriteConflict', 'well']);
    expect(await texts('a', 'b', 'c')).toEqual(['a', undefined, 'c']);
  });

  it('for which the table is too busy are written by themselves, so that what was told is not forgotten', async () => {
    refusing({ b: 'ThrottlingError' });
    expect(await ends(saving(row('a')), saving(row('b')))).toEqual(['well', 'well']);
    expect(await texts('a', 'b')).toEqual(['a', 'b']);
  });

  it('of which one cannot be written at all are written one by one', async () => {
    refusing({ b: 'ValidationError' });
    state.mock.on(PutCommand).callsFake((input) => {
      if (input.Item.id === 'b') throw Object.assign(new Error('too large'), { name: 'ValidationException' });
      return state.write(input);
    });
    expect(await ends(saving(row('a')), saving(row('b')))).toEqual(['well', 'ValidationException']);
    expect(await texts('a', 'b')).toEqual(['a', undefined]);
  });

  it('that are the same row are written once, whoever was first', async () => {
    const all = await ends(saving(row('a', 'first')), saving(row('a', 'second')), saving(row('b')));
    expect(all).toEqual(['well', 'WriteConflict', 'well']);
    expect(await texts('a', 'b')).toEqual(['first', 'b']);
  });

  it('are more than a call takes, and all are read and written', async () => {
    const ids = Array.from({ length: 130 }, (_, index) => `r-${index}`);
    await Promise.all(ids.map((id) => saving(row(id))));
    expect(await texts(...ids)).toEqual(ids);
    expect([calls(BatchGetCommand), calls(TransactWriteCommand)]).toEqual([2, 2]);
  });
});
