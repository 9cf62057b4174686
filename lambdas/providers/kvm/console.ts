import { gunzipSync } from 'node:zlib';
import { Fault } from '../../domain/faults.ts';
import type { Result } from './outcome.ts';
import { ConsolePage } from './payload.ts';

/** What one page may unpack to, in bytes: a host that lies cannot fill our memory. */
const PAGE_LIMIT = 1024 * 1024;

export interface Page {
  readonly bytes: Buffer;
  /** Offset of its first byte in the log. */
  readonly start: number;
}

/** Unpacks one page of a console log. @throws CommandGarbled where it is not what it says */
export const pageOf = (result: Result): Page => {
  const page = ConsolePage.safeParse(result);
  if (!page.success) throw new Fault('CommandGarbled', `The host sent no page of a console log: ${page.error.message}`);
  const { gzip, start, end } = page.data;
  const bytes = unpacked(gzip);
  if (bytes.length !== end - start)
    throw new Fault('CommandGarbled', 'The page of the console log has another length.');
  return { bytes, start };
};

const unpacked = (gzip: string): Buffer => {
  if (gzip === '') return Buffer.alloc(0);
  try {
    return gunzipSync(Buffer.from(gzip, 'base64'), { maxOutputLength: PAGE_LIMIT });
  } catch (error) {
    throw new Fault('CommandGarbled', 'The page of the console log cannot be unpacked.', { cause: error });
  }
};

/**
 * The last `wanted` bytes of a log, page by page from its end; `fetchPage` is given the offset where the page shall
 * end (-1: the end of the log). Fewer where the log is shorter or `pages` are used up. Broken UTF-8 at the front,
 * where a page cuts a character, is left out.
 */
export const tailOf = async (
  wanted: number,
  pages: number,
  fetchPage: (end: number, bytes: number) => Promise<Page>,
): Promise<string> => {
  const parts: Buffer[] = [];
  let [end, missing] = [-1, wanted];
  for (let count = 0; count < pages && missing > 0 && end !== 0; count += 1) {
    const page = await fetchPage(end, missing);
    parts.unshift(page.bytes);
    if (page.bytes.length === 0) break;
    missing -= page.bytes.length;
    end = page.start;
  }
  return Buffer.concat(parts)
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
};
