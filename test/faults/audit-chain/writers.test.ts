import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { checkChain } from '../../../lambdas/domain/chain-check.ts';
import { handler as stateStreamed } from '../../../lambdas/events/state-streamed.ts';
import { from } from '../../../lambdas/store/chain.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { anEntry } from '../../support/ledger.ts';
import { Random } from '../../support/random.ts';
import { StateTable } from '../../support/state-table.ts';
import { CONTEXT, streamed } from '../../support/stream.ts';

const soon = () => new Promise<void>((wake) => setImmediate(wake));

// The pauses between tries are chance; what happens in them is the seed's.
vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise((wake) => setImmediate(wake)) }));

/** Worlds in all, of some hundred deliveries each. More by NOVACRON_CASES. */
const CASES = casesOr(1_000) / 10;
const PROJECTS = ['default', 'shop'];

type Row = Record<string, unknown>;

const refusal = (Code: string): TransactionCanceledException =>
  new TransactionCanceledException({ $metadata: {}, message: 'cancelled', CancellationReasons: [{ Code }] });

/** Others go first by chance; some transactions meet another, some answers are lost with the write done or not. */
const disturb = (table: StateTable, random: Random): void => {
  table.turn = async () => {
    for (let turns = random.whole(0, 3); turns > 0; turns -= 1) await soon();
    if (random.chance(0.02)) throw new Error('the answer is lost');
  };
  table.beforeTransaction = () => {
    if (random.chance(0.1)) throw refusal('TransactionConflict');
    if (random.chance(0.02)) throw refusal('ThrottlingError');
  };
  table.afterTransaction = () => {
    if (random.chance(0.03)) throw new Error('the answer is lost, the write is done');
  };
};

const rowsOf = (random: Random, count: number): Row[] =>
  Array.from({ length: count }, (_, number) => ({
    ...anEntry(random, number),
    ...(random.chance(0.5) ? { project: random.pick(PROJECTS) } : {}),
    ...{ entity: 'audit', pk: `audit#${number}`, sk: 'audit', expiresAt: 1 },
  }));

/** One consumer: its share in batches, each delivered until nothing of it fails, some of them again and out of their order. */
const consume = async (random: Random, rows: readonly Row[]): Promise<void> => {
  const batches: Row[][] = [];
  for (let start = 0; start < rows.length; ) {
    const size = random.whole(1, 25);
    batches.push(rows.slice(start, start + size));
    start += size;
  }
  const again = batches.filter(() => random.chance(0.3)).toSorted(() => random.next() - 0.5);
  for (const batch of [...batches, ...again]) {
    for (let left = batch; left.length > 0; ) {
      const { batchItemFailures } = await stateStreamed(streamed(...left.map((after) => ({ after }))), CONTEXT).catch(
        () => ({ batchItemFailures: left.map((__, index) => ({ itemIdentifier: String(index + 1) })) }),
      );
      left = batchItemFailures.map(({ itemIdentifier }) => left[Number(itemIdentifier) - 1] ?? {});
    }
  }
};

describe(`consumers of the audit outbox (NOVACRON_SEED=${SEED})`, () => {
  it(`chain each entry once, however they meet and whatever comes twice, in ${CASES} worlds`, async () => {
    for (let world = 0; world < CASES; world += 1) {
      const random = new Random(SEED + world);
      const table = new StateTable();
      const rows = rowsOf(random, random.whole(20, 80));
      disturb(table, random.fork());
      // Two shards, and a third consumer that was taken for dead and goes on.
      const halves = [rows.filter((_, i) => i % 2 === 0), rows.filter((_, i) => i % 2 === 1), rows.slice(0, 15)];
      await Promise.all(halves.map((half) => consume(random.fork(), half)));
      table.turn = undefined;
      const ids: string[] = [];
      for (const project of PROJECTS) {
        const entries = await Array.fromAsync(from(project, 1));
        const { faults } = await checkChain(entries, { project, heads: [], keys: [] });
        expect(faults, `seed ${SEED + world}`).toEqual([]);
        ids.push(...entries.map(({ id }) => id));
      }
      expect(ids.toSorted(), `seed ${SEED + world}`).toEqual(rows.map(({ id }) => id).toSorted());
    }
  });
});
