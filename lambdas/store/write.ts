import { Fault } from '../domain/faults.ts';

/** Where a row lies. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}
/** The two indexes: gsi1 lists, gsi2 finds. */
export type IndexName = 'gsi1' | 'gsi2';

/** How rows of one kind lie in the state table. `version` rises by one with every write and is what compare-and-set compares. */
export interface Entity<T extends { readonly version: number }> {
  readonly name: string;
  readonly key: (row: T) => Key;
  readonly indexes?: (row: T) => Partial<Record<IndexName, Key>>;
  /** Epoch seconds after which DynamoDB may delete the row; undefined keeps it. */
  readonly expiresAt?: (row: T) => number | undefined;
}

/** A row as it lies in the table, keys included. */
export type Item = Record<string, unknown>;

/** One conditional write; `lost` says what it means that the condition did not hold. */
export interface Write {
  readonly kind: 'put' | 'delete' | 'check' | 'update';
  readonly key: Key;
  readonly item?: Item;
  /** Of an update: numbers to add to fields, and fields to set, whatever else the row holds. */
  readonly adds?: Readonly<Record<string, number>>;
  readonly sets?: Item;
  readonly condition?: string;
  readonly values?: Record<string, unknown>;
  readonly lost: () => Fault;
}

const toItem = <T extends { version: number }>(entity: Entity<T>, row: T): Item => {
  const item: Item = Object.assign(JSON.parse(JSON.stringify(row)), entity.key(row));
  for (const [index, key] of Object.entries(entity.indexes?.(row) ?? {})) {
    item[`${index}pk`] = key.pk;
    item[`${index}sk`] = key.sk;
  }
  item.entity = entity.name;
  const expiresAt = entity.expiresAt?.(row);
  if (expiresAt !== undefined) item.expiresAt = expiresAt;
  return item;
};

/** The row without its keys. Rows are written through `toItem` only, so the type is what was stored. */
export const toRow = <T>(item: Item): T => {
  const { pk, sk, gsi1pk, gsi1sk, gsi2pk, gsi2sk, entity, expiresAt, ...row } = item;
  return row as T;
};

/** What a lost condition means where nobody says it better. */
export const changed = (): Fault => new Fault('WriteConflict', 'It was changed by another writer at the same moment.');

/** A row that must not be there yet. */
export const putNew = <T extends { version: number }>(entity: Entity<T>, row: T, lost = changed): Write => ({
  kind: 'put',
  key: entity.key(row),
  item: toItem(entity, row),
  condition: 'attribute_not_exists(pk)',
  lost,
});

/** Writes a row whatever was there. */
export const put = <T extends { version: number }>(entity: Entity<T>, row: T): Write => ({
  kind: 'put',
  key: entity.key(row),
  item: toItem(entity, row),
  lost: changed,
});

/** Writes a row unless one of its own or of a higher version is there. */
export const putNewer = <T extends { version: number }>(entity: Entity<T>, row: T): Write => ({
  kind: 'put',
  key: entity.key(row),
  item: toItem(entity, row),
  condition: 'attribute_not_exists(pk) OR version < :version',
  values: { ':version': row.version },
  lost: changed,
});

/** Deletes a row whether it is there or not. */
export const remove = (key: Key): Write => ({ kind: 'delete', key, lost: changed });

/** The next version of a row: as given, one higher. */
export const next = <T extends { version: number }>(row: T): T => ({ ...row, version: row.version + 1 });

/** Replaces `before` by `after` if nobody has written in between; `after.version` must be `before.version + 1`. */
export const swapping = <T extends { version: number }>(entity: Entity<T>, after: T, lost = changed): Write => ({
  kind: 'put',
  key: entity.key(after),
  item: toItem(entity, after),
  condition: 'version = :before',
  values: { ':before': after.version - 1 },
  lost,
});

/** Changes nothing, and lets a transaction through only while the row is there with this field of this value. */
export const holding = (key: Key, [field, value]: readonly [string, unknown], lost: () => Fault): Write => ({
  kind: 'check',
  key,
  condition: `${field} = :wanted`,
  values: { ':wanted': value },
  lost,
});

/** The next version of a row, or its first where it is of version 0: nobody has written it yet. */
export const writing = <T extends { version: number }>(entity: Entity<T>, before: T): Write => {
  const after = next(before);
  return before.version === 0 ? putNew(entity, after) : swapping(entity, after);
};

/**
 * Adds to numbers of a row without having read it, so that many at once need not take turns; for counts alone. Only within a
 * transaction, whose request token keeps a repeat from counting twice.
 */
export const adding = (
  key: Key,
  change: Pick<Write, 'adds' | 'sets'>,
  only?: Pick<Write, 'condition' | 'values' | 'lost'>,
): Write => ({ kind: 'update', key, ...change, lost: changed, ...only });

/** Raises the version of a row that is still of the given one: for what has been reckoned with it, and it alone. */
export const raising = (key: Key, version: number): Write =>
  adding(
    key,
    { adds: { version: 1 } },
    { condition: 'version = :before', values: { ':before': version }, lost: changed },
  );

/** Deletes a row that is still of the given version. */
export const deleting = <T extends { version: number }>(entity: Entity<T>, row: T, lost = changed): Write => ({
  kind: 'delete',
  key: entity.key(row),
  condition: 'version = :before',
  values: { ':before': row.version },
  lost,
});

/** Deletes a row as it was read, whatever its kind; one that somebody has written since is not. */
export const deletingItem = ({ pk, sk, version }: Item): Write => ({
  kind: 'delete',
  key: { pk: String(pk), sk: String(sk) },
  // A row that is only counted up has no version.
  ...(version === undefined ? {} : { condition: 'version = :before', values: { ':before': version } }),
  lost: changed,
});

/** The position of a row in the table or in an index, to go on after it. */
export const positionOf = <T extends { version: number }>(entity: Entity<T>, row: T, index?: IndexName): Item => {
  const at = index && entity.indexes?.(row)[index];
  return { ...entity.key(row), ...(at ? { [`${index}pk`]: at.pk, [`${index}sk`]: at.sk } : {}) };
};
