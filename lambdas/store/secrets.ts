import { randomBytes } from 'node:crypto';
import * as table from './table.ts';

/** What a key signs: a key of its own for each, so that nothing signed for one is taken for another. */
type Purpose = 'cursor' | 'answer';

/** A key by which the plane knows again what it gave away: made by whoever needs it first. */
interface Secret {
  readonly purpose: Purpose;
  readonly value: string;
  readonly version: number;
}

const KEY_BYTES = 32;

const keyOf = (purpose: Purpose): table.Key => ({ pk: `secret#${purpose}`, sk: 'secret' });

const entity: table.Entity<Secret> = { name: 'secret', key: ({ purpose }) => keyOf(purpose) };

const stored = (purpose: Purpose): Promise<Secret | undefined> => table.get<Secret>(keyOf(purpose));

const made = async (purpose: Purpose): Promise<Secret> => {
  const secret: Secret = { purpose, value: randomBytes(KEY_BYTES).toString('base64url'), version: 1 };
  try {
    await table.save(table.putNew(entity, secret));
    return secret;
  } catch (error) {
    const other = await stored(purpose);
    if (other) return other;
    throw error;
  }
};

const known = new Map<Purpose, Promise<string>>();

const read = async (purpose: Purpose): Promise<string> => {
  try {
    return ((await stored(purpose)) ?? (await made(purpose))).value;
  } catch (error) {
    known.delete(purpose);
    throw error;
  }
};

/** The plane's key for this. Read once per process; a failed read is tried again by the next request. */
export const signingSecret = (purpose: Purpose): Promise<string> => {
  const before = known.get(purpose);
  if (before) return before;
  const reading = read(purpose);
  known.set(purpose, reading);
  return reading;
};
