import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Fields, formatFilter, matchesFilter, parseFilter } from '../domain/filter.ts';
import type { Principal } from '../domain/principal.ts';
import { readCursor, writeCursor } from '../store/cursor.ts';
import type * as table from '../store/table.ts';
import type { Reply } from './route.ts';

/** Of every list. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z
    .string()
    .max(4096)
    .regex(/^[\w.-]+$/, 'letters, digits, _ . and -')
    .optional(),
});

/** Rows looked at in one request while few match: then an emptier page with a cursor is answered. */
const MOST_ROWS = 5000;
const ROWS_A_READ = 500;

type Position = Record<string, unknown>;

export interface List<T> {
  /** What the cursor belongs to, beside the asker's project and the filter. */
  readonly name: string;
  readonly fields: Fields<T>;
  /** What is shared reads the same whatever the project. */
  readonly read: (project: string, range: Pick<table.Range, 'limit' | 'after'>) => Promise<table.Slice<T>>;
  /** Where a row lies in the order that `read` follows. */
  readonly position: (row: T) => Position;
  readonly view: (row: T) => unknown;
  /** Rows that are not shown are left out, whatever the filter. */
  readonly shows?: (row: T) => boolean;
}

interface Found<T> {
  readonly rows: readonly T[];
  /** Where to go on; undefined at the end of the list. */
  readonly next: Position | undefined;
}

interface Search<T> {
  readonly project: string;
  readonly holds: (row: T) => boolean;
  readonly limit: number;
  readonly from: Position | undefined;
}

/** Reads on until `limit` rows match, the list ends, or enough was looked at. */
const find = async <T>(list: List<T>, { project, holds, limit, from }: Search<T>): Promise<Found<T>> => {
  const rows: T[] = [];
  let next = from;
  for (let looked = 0; looked < MOST_ROWS; ) {
    // Where all rows match, one more than is asked for tells whether there is a next page.
    const range = { limit: looked === 0 ? limit + 1 : ROWS_A_READ, ...(next ? { after: next } : {}) };
    const slice = await list.read(project, range);
    for (const row of slice.rows) {
      if (rows.length === limit) return { rows, next };
      if (holds(row)) rows.push(row);
      next = list.position(row);
    }
    looked += slice.rows.length;
    next = slice.last;
    if (next === undefined) break;
  }
  return { rows, next };
};

/**
 * A cursor is good in its own project only. Two filters of one meaning in other words are two lists: it goes on with the
 * words it began with.
 */
const nameOf = (project: string, list: string, filter: string): string =>
  `${project}/${list}#${createHash('sha256').update(filter).digest('base64url').slice(0, 16)}`;

/**
 * One page of a list: filtered, in the list's own order. Rows that come or go while a reader pages are seen or not;
 * rows that stay are seen exactly once. @throws InvalidFilter, InvalidCursor
 */
export const listed = async <T>(
  list: List<T>,
  { query, filter }: { query: z.output<typeof PageQuery>; filter: string },
  { project }: Pick<Principal, 'project'>,
): Promise<Reply> => {
  const terms = parseFilter(filter, list.fields);
  const name = nameOf(project, list.name, formatFilter(terms));
  const from = query.cursor === undefined ? undefined : await readCursor(name, query.cursor);
  const holds = (row: T) => matchesFilter(terms, list.fields, row) && (list.shows?.(row) ?? true);
  const { rows, next } = await find(list, { project, holds, limit: query.limit, from });
  const cursor = next === undefined ? {} : { cursor: await writeCursor(name, next) };
  return { status: 200, body: { items: rows.map(list.view), ...cursor } };
};
