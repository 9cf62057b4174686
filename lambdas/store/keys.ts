import type { Asked } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { operationIdOf } from '../domain/ids.ts';
import * as table from './table.ts';

/** What an Idempotency-Key made where no operation remembers it: an image, a token. */
interface Kept {
  readonly id: string;
  readonly hash: string;
  /** Id of what was made. */
  readonly subject: string;
  readonly at: string;
  readonly version: number;
}

const KEPT_SECONDS = 86_400;

const entity: table.Entity<Kept> = {
  name: 'key',
  key: ({ id }) => ({ pk: `key#${id}`, sk: 'key' }),
  expiresAt: ({ at }) => Math.floor(Date.parse(at) / 1000) + KEPT_SECONDS,
};

const rowOf = ({ by, key = '', hash, at }: Asked, subject: string): Kept => ({
  id: operationIdOf(by.id, key),
  hash,
  subject,
  at,
  version: 1,
});

/** What this very request has made before; undefined where it is new, or has no key. @throws KeyReused */
export const madeBefore = async (asked: Asked): Promise<string | undefined> => {
  if (asked.key === undefined) return undefined;
  const kept = await table.get<Kept>(entity.key(rowOf(asked, '')));
  if (kept === undefined || kept.hash === asked.hash) return kept?.subject;
  throw new Fault('KeyReused', `Idempotency-Key ${asked.key} was used for another request (it made ${kept.subject}).`);
};

/** Remembers what is made, within its transaction. The loser of two at once is told to try again, and then finds it. */
export const remembering = (asked: Asked, subject: string): table.Write[] =>
  asked.key === undefined ? [] : [table.putNew(entity, rowOf(asked, subject))];

/** The same, for what is made anew at each repeat because its answer cannot be given twice. */
export const replacing = (asked: Asked, subject: string): table.Write[] =>
  asked.key === undefined ? [] : [table.put(entity, rowOf(asked, subject))];
