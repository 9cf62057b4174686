import { expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import type * as Table from '../../lambdas/store/table.ts';

interface Row {
  readonly id: string;
  readonly list: string;
  readonly rank: string;
  readonly text?: string | undefined;
  readonly version: number;
}

const entity: Table.Entity<Row> = {
  name: 'sample',
  key: ({ id }) => ({ pk: `sample#${id}`, sk: 'sample' }),
  indexes: ({ list, rank }) => ({ gsi1: { pk: `list#${list}`, sk: `rank#${rank}` } }),
};

/** What store/table.ts relies on DynamoDB for: run on the double of unit tests and on a real endpoint alike. */
export const tableContract = (open: () => Promise<typeof Table>): void => {
  let count = 0;
  const fresh = (more: Partial<Row> = {}): Row => {
    count += 1;
    return { id: `r${process.pid}-${Date.now()}-${count}`, list: `l${count}`, rank: '1', version: 1, ...more };
  };
  const taken = () => new Fault('NameTaken', 'there already');

  it('puts a row once, and leaves out what is undefined', async () => {
    const table = await open();
    const row = fresh({ text: undefined });
    await table.save(table.putNew(entity, row, taken));
    expect(await table.get(entity.key(row))).toEqual({ id: row.id, list: row.list, rank: '1', version: 1 });
    await expect(table.save(table.putNew(entity, { ...row, text: 'other' }, taken))).rejects.toMatchObject({
      name: 'NameTaken',
    });
  });

  it('takes the repeat of a write whose answer was lost for that write', async () => {
    const table = await open();
    const row = fresh();
    await table.save(table.putNew(entity, row, taken));
    await table.save(table.putNew(entity, row, taken));
    const after = table.next({ ...row, text: 'x' });
    await table.save(table.swapping(entity, after));
    await table.save(table.swapping(entity, after));
    expect(await table.get(entity.key(row))).toEqual(after);
    await table.save(table.deleting(entity, after));
    await table.save(table.deleting(entity, after));
    expect(await table.get(entity.key(row))).toBeUndefined();
  });

  it('swaps only the version it knows', async () => {
    const table = await open();
    const row = fresh();
    await table.save(table.putNew(entity, row));
    const settled = await Promise.allSettled(
      ['a', 'b', 'c'].map((text) => table.save(table.swapping(entity, table.next({ ...row, text })))),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason.name] : []));
    expect(lost).toEqual(['WriteConflict', 'WriteConflict']);
  });

  it('writes all of a transaction or nothing, and names the first lost condition', async () => {
    const table = await open();
    const [there, missing, old] = [fresh(), fresh(), fresh()];
    await table.transact([table.putNew(entity, there), table.putNew(entity, old)]);
    const broken = [
      table.putNew(entity, missing),
      table.putNew(entity, there, taken),
      table.swapping(entity, { ...old, version: 9 }),
    ];
    await expect(table.transact(broken)).rejects.toMatchObject({ name: 'NameTaken' });
    expect(await table.get(entity.key(missing))).toBeUndefined();
    await expect(table.transact([table.swapping(entity, { ...old, version: 9 })])).rejects.toMatchObject({
      name: 'WriteConflict',
    });
    await table.transact([table.remove(entity.key(there)), table.put(entity, missing)]);
    expect(await table.get(entity.key(there))).toBeUndefined();
    expect((await table.getAll([entity.key(missing)])).get('sample')).toEqual(missing);
  });

  it('writes many groups in a few transactions, each wholly or not at all, and says of each refused one why', async () => {
    const table = await open();
    const there = fresh();
    await table.save(table.putNew(entity, there));
    const rows = Array.from({ length: 130 }, () => fresh());
    const pairs = Array.from({ length: 65 }, (_, index) => rows.slice(2 * index, 2 * index + 2));
    const groups: Table.Group[] = pairs.map((pair, index) => [
      ...pair.map((row) => table.putNew(entity, row)),
      ...(index === 7 ? [table.putNew(entity, there, taken)] : []),
      ...(index === 40 ? [table.swapping(entity, { ...fresh(), version: 4 })] : []),
    ]);
    const refused = await table.transactEach(groups);
    expect([...refused].map(([group, { name }]) => [groups.indexOf(group), name])).toEqual([
      [7, 'NameTaken'],
      [40, 'WriteConflict'],
    ]);
    const kept = await table.getEach<Row>(rows.map(entity.key));
    const lost = new Set([...(pairs[7] ?? []), ...(pairs[40] ?? [])]);
    expect(new Set(kept.map(({ id }) => id))).toEqual(
      new Set(rows.filter((row) => !lost.has(row)).map(({ id }) => id)),
    );
  });

  it('writes with the last of many groups what says that all are written, where that is so', async () => {
    const table = await open();
    const [there, said] = [fresh(), fresh()];
    await table.transact([table.putNew(entity, there), table.putNew(entity, said)]);
    const last = (version: number) => table.swapping(entity, { ...said, version, rank: 'said' });
    const many = () => Array.from({ length: 120 }, () => fresh());
    const groupsOf = (rows: readonly Row[]) => rows.map((row) => [table.putNew(entity, row)]);
    const written = async (rows: readonly Row[]) => (await table.getEach<Row>(rows.map(entity.key))).length;
    const some = many();
    const refusing = [...groupsOf(some), [table.putNew(entity, there, taken)]];
    const { refused, isLastWritten } = await table.transactEachThen(refusing, () => [], last(2));
    expect([[...refused.values()].map(({ name }) => name), isLastWritten]).toEqual([['NameTaken'], false]);
    expect([await written(some), (await table.get<Row>(entity.key(said)))?.rank]).toEqual([120, said.rank]);

    const all = many();
    expect(await table.transactEachThen(groupsOf(all), () => [], last(2))).toEqual({
      refused: new Map(),
      isLastWritten: true,
    });
    expect([await written(all), (await table.get<Row>(entity.key(said)))?.rank]).toEqual([120, 'said']);

    const late = many();
    await expect(table.transactEachThen(groupsOf(late), () => [], last(2))).rejects.toMatchObject({
      name: 'WriteConflict',
    });
    expect(await written(late)).toBe(99);
  });

  it('adds within a transaction without having read, only under its condition, and makes a row that is not there', async () => {
    const table = await open();
    const row = fresh();
    const key = entity.key(row);
    const only = {
      condition: 'attribute_not_exists(begun) OR begun < :most',
      values: { ':most': 3 },
      lost: taken,
    };
    const one = () =>
      table.transact([table.adding(key, { adds: { begun: 1, version: 1 }, sets: { id: row.id } }, only)]);
    for (let times = 0; times < 3; times += 1) await one();
    await expect(one()).rejects.toMatchObject({ name: 'NameTaken' });
    expect(await table.get(key)).toEqual({ id: row.id, begun: 3, version: 3 });
    await table.transact([table.adding(key, { adds: { begun: -1 } })]);
    expect(await table.get(key)).toMatchObject({ begun: 2 });
  });

  it('reads an index in order, page by page, either way, and by prefix', async () => {
    const table = await open();
    const list = `pages-${Date.now()}`;
    for (const rank of ['3', '1', '2', '10']) await table.save(table.putNew(entity, fresh({ list, rank })));
    const range = { index: 'gsi1', pk: `list#${list}` } as const;
    const ranks = (rows: readonly Row[]) => rows.map(({ rank }) => rank);
    expect(ranks(await Array.fromAsync(table.each<Row>({ ...range, limit: 2 })))).toEqual(['1', '10', '2', '3']);
    expect(ranks((await table.query<Row>({ ...range, newestFirst: true, limit: 3 })).rows)).toEqual(['3', '2', '10']);
    expect(ranks((await table.query<Row>({ ...range, prefix: 'rank#1' })).rows)).toEqual(['1', '10']);
    const [first] = (await table.query<Row>({ ...range, limit: 1 })).rows;
    const after = table.positionOf(entity, first as Row, 'gsi1');
    expect(ranks((await table.query<Row>({ ...range, after })).rows)).toEqual(['10', '2', '3']);
  });
};
