import { isOpen, type Operation } from '../domain/operation.ts';
import * as operations from './operations.ts';
import * as table from './table.ts';
import { type Item, toRow } from './write.ts';

/** Rows by which the sweeper knows operations that are not at their end: it reads these, not the history. */

/** A small one of an operation that was begun alone: the end of it takes it away. */
interface Open {
  readonly operationId: string;
  readonly version: number;
}

/** One for all that were begun by one call. The end of each leaves it as it is; the sweeper takes it away after the last. */
interface OpenTogether {
  readonly operationIds: readonly string[];
  readonly version: number;
}

type Row = Open | OpenTogether;

const entity: table.Entity<Row> = {
  name: 'open-operation',
  key: (row) => ({ pk: 'open', sk: 'operationId' in row ? row.operationId : `together#${row.operationIds[0]}` }),
};

const idsOf = (row: Row): readonly string[] => ('operationId' in row ? [row.operationId] : row.operationIds);

/** The ids of a row, and whether they share it. Rows are written here only, so what is in them is what was stored. */
export const idsIn = (item: Item): { readonly ids: readonly string[]; readonly isShared: boolean } => {
  const row = toRow<Row>(item);
  return { ids: idsOf(row), isShared: 'operationIds' in row };
};

/** What one row tells of. */
export interface StillOpen {
  /** Without those that have ended since. */
  readonly operations: readonly Operation[];
  /** Takes the row away. */
  readonly forget: () => Promise<void>;
}

/** Every row, as of a moment ago, and its operations as of now. */
export async function* rows(): AsyncGenerator<StillOpen> {
  for await (const row of table.each<Row>({ pk: 'open' })) {
    yield {
      operations: (await operations.findAll(idsOf(row))).filter(isOpen),
      forget: () => table.save(table.remove(entity.key(row))),
    };
  }
}

/** Every operation that is not at its end. */
export async function* all(): AsyncGenerator<Operation> {
  for await (const row of rows()) yield* row.operations;
}

/** The row of one that is begun alone, to be written with its first. */
export const opening = ({ id }: Operation): table.Write => table.putNew(entity, { operationId: id, version: 1 });

/** The row of several, to be written with the first of each. */
export const openingTogether = (begun: readonly Operation[]): table.Write[] => {
  const [first, ...more] = begun;
  if (first === undefined) return [];
  if (more.length === 0) return [opening(first)];
  return [table.putNew(entity, { operationIds: begun.map(({ id }) => id), version: 1 })];
};

/** The end of a row of its own, to be written with an operation's last; one that shares a row has none. */
export const closing = ({ id }: Operation): table.Write => table.remove(entity.key({ operationId: id, version: 1 }));
