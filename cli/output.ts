import type { Session } from './session.ts';
import { type Column, table } from './table.ts';

/** How one noun is shown: its columns, and the word that names one of them. */
export interface View<T> {
  readonly columns: readonly Column<T>[];
  readonly nameOf: (item: T) => string;
  /** Instead of an empty table. */
  readonly none: string;
}

/** The part of a session that printing needs. */
type Printer = Pick<Session, 'io' | 'format'>;

const structured = async (session: Printer, value: unknown): Promise<string> => {
  if (session.format === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(value);
};

/** Prints a list: a table, an array, or a name a line. */
export const printList = async <T>(session: Session, view: View<T>, items: readonly T[]): Promise<void> => {
  const { format, io, paint } = session;
  if (format === 'json' || format === 'yaml') {
    io.stdout.write(await structured(session, items));
  } else if (format === 'name') {
    io.stdout.write(items.map((item) => `${view.nameOf(item)}\n`).join(''));
  } else if (items.length === 0) {
    session.note(view.none);
  } else {
    io.stdout.write(table(view.columns, items, (text) => paint('bold', text)));
  }
};

/** Prints what was asked for by name: one thing as itself, several as a list; `page` lays one out for reading. */
export const printItems = async <T>(
  session: Session,
  view: View<T>,
  items: readonly T[],
  page?: (item: T) => string,
): Promise<void> => {
  const [only] = items;
  if (items.length !== 1 || only === undefined) return printList(session, view, items);
  await printValue(
    session,
    only,
    () => (page ? page(only) : table(view.columns, [only], (t) => session.paint('bold', t))),
    view.nameOf(only),
  );
};

/** Prints one value; `text` lays it out for a person. */
export const printValue = async (
  session: Printer,
  value: unknown,
  text: () => string,
  name?: string,
): Promise<void> => {
  const { format, io } = session;
  if (format === 'table') io.stdout.write(text());
  else if (format === 'name' && name !== undefined) io.stdout.write(`${name}\n`);
  else io.stdout.write(await structured(session, value));
};
