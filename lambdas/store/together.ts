import type { Fault } from '../domain/faults.ts';
import { gathered } from '../runtime/gathered.ts';
import * as table from './table.ts';

/** Rows that many pieces of work read and write one by one at the same time, in as few calls as there may be. */

const nameOf = ({ pk, sk }: table.Key): string => `${pk}\n${sk}`;

const readers = /* @__PURE__ */ gathered(async (keys: readonly table.Key[]) => {
  const distinct = new Map(keys.map((key) => [nameOf(key), key]));
  const rows = await table.getByKey([...distinct.values()]);
  return (key: table.Key) => rows(key);
});

/** As `table.get`, with what else is read in the same turn of the event loop. */
export const get = async <T>(key: table.Key): Promise<T | undefined> =>
  // Rows of one key are of one kind.
  (await readers(key)) as T | undefined;

/** The first write of each row, since a transaction takes one, and the others. */
const firstOfRows = (writes: readonly table.Write[]) => {
  const first = new Map<string, table.Write>();
  for (const write of writes) if (!first.has(nameOf(write.key))) first.set(nameOf(write.key), write);
  return [...first.values()];
};

/** What the table was too busy for among many is written by itself, with the patience of the SDK. */
const saved = (write: table.Write, fault: Fault | undefined): Promise<void> | undefined => {
  if (fault === undefined) return undefined;
  if (fault.name === 'Throttled') return table.save(write);
  throw fault;
};

const writers = /* @__PURE__ */ gathered(async (writes: readonly table.Write[]) => {
  const [only, ...more] = writes;
  if (only && more.length === 0) {
    await table.save(only);
    return () => undefined;
  }
  const groups = new Map(firstOfRows(writes).map((write) => [write, [write]]));
  const refused = await table.transactEach([...groups.values()]);
  return (write: table.Write) => {
    const group = groups.get(write);
    return group ? saved(write, refused.get(group)) : table.save(write);
  };
});

/** As `table.save`, with what else is written in the same turn of the event loop; none of them hangs on another. @throws as it does */
export const save = async (write: table.Write): Promise<void> => {
  await writers(write);
};
