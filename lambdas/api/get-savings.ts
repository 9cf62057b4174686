import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { Instant } from '../domain/ids.ts';
import { SavedBy, Savings } from '../domain/savings.ts';
import { savingsOf } from '../domain/savings-of.ts';
import { type DayOff, daysOff, endOf } from '../domain/time-off.ts';
import { readCursor, writeCursor } from '../store/cursor.ts';
import type * as table from '../store/table.ts';
import * as timeOff from '../store/time-off.ts';
import { PageQuery } from './page.ts';
import { route } from './route.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 400;

/** So many days are read one by one; of more, whole months. */
const SINGLE_DAYS = 10;

/** Rows of one answer, some 400 bytes each: what is more comes by the cursor. */
const ROWS = 10_000;
const ROWS_A_READ = 1_000;

const SavingsQuery = z.strictObject({
  by: SavedBy.default('schedule'),
  /** Thirty days before `to`, where it is left out. */
  from: Instant.optional(),
  /** Now, where it is left out or lies ahead. */
  to: Instant.optional(),
  cursor: PageQuery.shape.cursor,
});
type Range = readonly [from: number, to: number];

const wrong = (detail: string): Fault =>
  new Fault('InvalidRequest', `from: ${detail}`, { errors: [{ pointer: 'query/from', detail }] });

/** @throws InvalidRequest */
const rangeOf = ({ from, to }: z.output<typeof SavingsQuery>, at: string): Range => {
  const end = Math.min(Date.parse(to ?? at), Date.parse(at));
  const begin = from === undefined ? end - DEFAULT_DAYS * DAY_MS : Date.parse(from);
  if (begin >= end) throw wrong('it must lie before to, and before now');
  if (end - begin > MOST_DAYS * DAY_MS) throw wrong(`at most ${MOST_DAYS} days before to`);
  return [begin, end];
};

const textOf = (at: number, length: number): string => new Date(at).toISOString().slice(0, length);

/** What is read in turn: days or months that are over, and at the end what is still off. */
const partsOf = ([from, to]: Range): string[] => {
  const length = to - from <= SINGLE_DAYS * DAY_MS ? 'yyyy-mm-dd'.length : 'yyyy-mm'.length;
  const parts = new Set<string>();
  for (let at = from; at < to; at += DAY_MS) parts.add(textOf(at, length));
  return [...parts, ...[textOf(to, length)].filter((last) => !parts.has(last)), 'off'];
};

interface Place {
  readonly part: number;
  readonly after?: Record<string, unknown>;
}

const read = async (project: string, part: string, at: string, range: Pick<table.Range, 'limit' | 'after'>) => {
  if (part !== 'off') return timeOff.pageOf(project, part, range);
  const { rows, ...more } = await timeOff.page(project, range);
  return { rows: rows.flatMap((off): DayOff[] => daysOff(off, endOf(off, at), '')), ...more };
};

/** Reads on from a place until there is enough for one answer, or nothing more. */
const gather = async (project: string, range: Range, at: string, from: Place) => {
  const parts = partsOf(range);
  const days: DayOff[] = [];
  let place: Place | undefined = from;
  while (place && days.length < ROWS) {
    const { part, after }: Place = place;
    const slice = await read(project, parts[part] ?? 'off', at, { limit: ROWS_A_READ, ...(after ? { after } : {}) });
    days.push(...slice.rows);
    if (slice.last) place = { part, after: slice.last };
    else place = part + 1 < parts.length ? { part: part + 1 } : undefined;
  }
  return { days, place };
};

/** Signed by us, so it is what was written below. */
const Position = z.object({
  part: z.number(),
  after: z.record(z.string(), z.unknown()).optional(),
  range: z.tuple([z.number(), z.number()]),
});

/** GET /v1/savings */
export const getSavings = route({
  method: 'GET',
  path: '/v1/savings',
  action: 'get-savings',
  summary: 'What schedules really saved: the hours that VMs were off because a schedule stopped them, and their price',
  access: 'viewer',
  query: SavingsQuery,
  answers: { 200: Savings },
  handler: async ({ query }, { by: { project }, at }) => {
    const list = `${project}/savings#${query.by}`;
    const given = query.cursor === undefined ? undefined : Position.parse(await readCursor(list, query.cursor));
    const range = given?.range ?? rangeOf(query, at);
    const { part, after } = given ?? { part: 0 };
    const { days, place } = await gather(project, range, at, { part, ...(after ? { after } : {}) });
    const more = place && { cursor: await writeCursor(list, { ...place, range }) };
    return { status: 200, body: { ...savingsOf(query.by, range, days), ...more } };
  },
});
