import { Fault } from '../domain/faults.ts';
import { hmac, isSigned } from '../domain/hmac.ts';
import { signingSecret } from './secrets.ts';

const refused = (why: string): Fault =>
  new Fault('InvalidCursor', `The cursor ${why}. Take it as the last answer gave it, with the same filter.`, {
    errors: [{ pointer: 'query/cursor', detail: why }],
  });

/** A cursor: where to go on, in which list. Opaque and signed, so that nobody reads rows by inventing keys. */
export const writeCursor = async (list: string, position: Record<string, unknown>): Promise<string> => {
  const text = Buffer.from(JSON.stringify({ list, position })).toString('base64url');
  return `${text}.${hmac(text, await signingSecret('cursor')).toString('base64url')}`;
};

/** The position that a cursor of this very list stands for. @throws InvalidCursor */
export const readCursor = async (list: string, cursor: string): Promise<Record<string, unknown>> => {
  const [text = '', signature = '', ...rest] = cursor.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = hmac(text, await signingSecret('cursor'));
  if (rest.length > 0 || !isSigned(given, right)) {
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
