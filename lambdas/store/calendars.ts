import type { Calendar } from '../domain/calendar.ts';
import { Fault, raise } from '../domain/faults.ts';
import { type Holidays, holidaysOf } from '../domain/holidays.ts';
import * as names from './names.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

export const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'calendar'), sk: id });

/** Of every calendar that lives by something else than its own dates, in the order in which they are to be asked about. */
const DUE = 'calendar-due';

/** How calendars lie in the state table: with their project, and found by when they are next to be refreshed. */
export const entity: table.Entity<Calendar> = {
  name: 'calendar',
  key: ({ project, id }) => keyOf(project, id),
  indexes: ({ dueAt, id }) => (dueAt === undefined ? {} : { gsi2: { pk: DUE, sk: `${dueAt}#${id}` } }),
};

export const find = (project: string, id: string): Promise<Calendar | undefined> =>
  table.get<Calendar>(keyOf(project, id));

const none = (id: string): string => `There is no calendar ${id}.`;

/** @throws CalendarNotFound */
export const get = async (project: string, id: string): Promise<Calendar> =>
  (await find(project, id)) ?? raise('CalendarNotFound', none(id));

/** One page of a project's calendars, oldest first. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Calendar>> =>
  table.query<Calendar>({ ...range, pk: partitionOf(project, 'calendar') });

/** Those of these ids that there are, in the order of the ids. */
export const these = async (project: string, ids: readonly string[]): Promise<Calendar[]> => {
  const found = new Map(
    (await table.getEach<Calendar>(ids.map((id) => keyOf(project, id)))).map((calendar) => [calendar.id, calendar]),
  );
  return ids.flatMap((id) => found.get(id) ?? []);
};

/** Those that are to be refreshed, the longest waiting first. The index lags a moment behind the rows. */
export async function* due(at: string): AsyncGenerator<Calendar> {
  for await (const calendar of table.each<Calendar>({ index: 'gsi2', pk: DUE })) {
    if (calendar.dueAt === undefined || calendar.dueAt > at) return;
    yield calendar;
  }
}

/** The days that the calendars of a schedule or a window close, by what these are. */
export const holidaysIn = (
  known: readonly Calendar[],
  { calendars = [] }: { readonly calendars?: readonly string[] | undefined },
): Holidays => holidaysOf(calendars.flatMap((id) => known.find((calendar) => calendar.id === id) ?? []));

/** For a window that begins to refer to it: it cannot be deleted, or be changed unnoticed, at the same moment. */
export const referringTo = (project: string, ids: readonly string[]): table.Write[] =>
  ids.map((id) =>
    table.adding(
      keyOf(project, id),
      { adds: { version: 1 } },
      { condition: 'id = :id', values: { ':id': id }, lost: () => new Fault('CalendarNotFound', none(id)) },
    ),
  );

/** A new one with its name. @throws NameTaken */
export const inserting = (calendar: Calendar): table.Write[] => [
  table.putNew(entity, calendar),
  names.taking('calendar', calendar),
];

/** Its next version. */
export const swapping = (after: Calendar): table.Write => table.swapping(entity, after);

/** Its name is another. @throws NameTaken */
export const renaming = async (before: Calendar, after: Calendar): Promise<table.Write[]> =>
  before.name === after.name ? [] : [names.taking('calendar', after), ...(await names.freeing('calendar', before))];

/** The end of one, its name free again. */
export const removing = async (calendar: Calendar): Promise<table.Write[]> => [
  table.deleting(entity, calendar),
  ...(await names.freeing('calendar', calendar)),
];
