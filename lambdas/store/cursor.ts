import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Fault } from '../domain/faults.ts';
import * as table from './table.ts';

/** The key that signs cursors: one a plane, made by whoever needs it first. */
interface Secret {
  readonly value: string;
  readonly version: number;
}
const entity: table.Entity<Secret> = { name: 'secret', key: () => ({ pk: 'secret#cursor', sk: 'secret' }) };
const KEY_BYTES = 32;

const stored = (): Promise<Secret | undefined> => table.get<Secret>({ pk: 'secret#cursor', sk: 'secret' });

const makeSecret = async (): Promise<Secret> => {
  const secret: Secret = { value: randomBytes(KEY_BYTES).toString('base64url'), version: 1 };
  try {
    await table.save(table.putNew(entity, secret));
    return secret;
  } catch (error) {
    const other = await stored();
    if (other) return other;
    throw error;
  }
};

let key: Promise<string> | undefined;

/** Read once per process; a failed read is tried again by the next request. */
const signingKey = (): Promise<string> => {
  key ??= (async () => ((await stored()) ?? (await makeSecret())).value)().catch((error: unknown) => {
    key = undefined;
    throw error;
  });
  return key;
};

const sign = (text: string, secret: string): Buffer => createHmac('sha256', secret).update(text).digest();

const refused = (why: string): Fault =>
  new Fault('InvalidCursor', `The cursor ${why}. Take it as the last answer gave it, with the same filter.`, {
    errors: [{ pointer: 'query/cursor', detail: why }],
  });

/** A cursor: where to go on, in which list. Opaque and signed, so that nobody reads rows by inventing keys. */
export const writeCursor = async (list: string, position: Record<string, unknown>): Promise<string> => {
  const text = Buffer.from(JSON.stringify({ list, position })).toString('base64url');
  return `${text}.${sign(text, await signingKey()).toString('base64url')}`;
};

/** The position that a cursor of this very list stands for. @throws InvalidCursor */
export const readCursor = async (list: string, cursor: string): Promise<Record<string, unknown>> => {
  const [text = '', signature = '', ...rest] = cursor.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = sign(text, await signingKey());
  if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) {
    throw refused('was not made by this plane');
  }
  // Signed by us, so it is what writeCursor wrote.
  const read = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
    list: string;
    position: Record<string, unknown>;
  };
  if (read.list !== list) throw refused('belongs to another list or filter');
  return read.position;
};
