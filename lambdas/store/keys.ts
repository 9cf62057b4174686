import type { Asked, Earlier } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { operationIdOf } from '../domain/ids.ts';
import type { Operation } from '../domain/operation.ts';
import * as operations from './operations.ts';
import * as table from './table.ts';

/** What an Idempotency-Key made or changed where no operation remembers it: an image, a token, a VM's name. */
interface Kept {
  readonly id: string;
  readonly hash: string;
  /** Id of what was made or changed. */
  readonly subject: string;
  /** In which it was asked for; absent in rows of before it was written. */
  readonly project?: string;
  readonly at: string;
  readonly version: number;
}

const KEPT_SECONDS = 86_400;

const keyOf = (id: string): table.Key => ({ pk: `key#${id}`, sk: 'key' });

const entity: table.Entity<Kept> = {
  name: 'key',
  key: ({ id }) => keyOf(id),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + KEPT_SECONDS,
};

const assertSame = ({ key, hash }: Asked, stored: string | undefined, what: string): void => {
  if (stored === undefined || stored === hash) return;
  throw new Fault('KeyReused', `Idempotency-Key ${key} was used for another request (${what}).`);
};

/** What this very request has done before; nothing where it is new, or has no key. @throws KeyReused */
export const earlierOf = async (asked: Asked): Promise<Earlier> => {
  if (asked.key === undefined) return {};
  const id = operationIdOf(asked.by, asked.key);
  const rows = await table.getAll([operations.keyOf(id), keyOf(id)]);
  // Each key was asked for by its entity's own sort key, which names the type of the row.
  const { op: operation, key: kept } = Object.fromEntries(rows) as { op?: Operation; key?: Kept };
  assertSame(asked, operation?.requestHash, `${operation?.id}, ${operation?.kind}`);
  assertSame(asked, kept?.hash, `about ${kept?.subject}`);
  return { ...(operation ? { operation } : {}), ...(kept ? { subject: kept.subject } : {}) };
};

/**
 * Remembers, within its transaction, what is made or changed without an operation. Of two that come at once by one key the
 * later is told to try again, and then finds what the earlier was.
 */
export const remembering = ({ by, key, hash, at, earlier }: Asked, subject: string): table.Write[] => {
  if (key === undefined) return [];
  const row: Kept = { id: operationIdOf(by, key), hash, subject, project: by.project, at, version: 1 };
  return [earlier?.subject === undefined ? table.putNew(entity, row) : table.put(entity, row)];
};
