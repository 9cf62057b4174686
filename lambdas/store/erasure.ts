import type { Erasure, Project } from '../domain/project.ts';
import * as audit from './audit.ts';
import { partitionOf } from './project-keys.ts';
import * as projects from './projects.ts';
import * as table from './table.ts';
import { itemsAfter } from './whole-table.ts';
import { deletingItem, type Item } from './write.ts';

/** Each row is one write of a transaction, which takes a hundred and 4 MB (DynamoDB API reference). */
const AT_ONCE = 50;

/** Who does it, in the audit log. */
const BY = 'novacron:eraser';

/** A deleted project, and how far erasing it has come. */
export type Erasing = Omit<Project, 'erasure'> & { readonly erasure: Erasure };

/** The project as it is erased: at the beginning, or where a run before left off. */
export const erasingOf = (project: Project): Erasing => ({
  ...project,
  erasure: project.erasure ?? { found: 0, removed: {} },
});

/** Whether a row goes with the project: it bears its name, or lies in its partition. What is on its way to the audit log stays. */
const belongsTo = (project: string, item: Item): boolean =>
  item.entity !== 'audit' && (item.project === project || String(item.pk).startsWith(partitionOf(project, '')));

/** What a row is called in the count; the counter of a minute is the one row that no entity writes. */
const kindOf = ({ entity = 'pace' }: Item): string => String(entity);

const countedIn = ({ found, removed, ...rest }: Erasure, rows: readonly Item[]): Erasure => {
  const counts = { ...removed };
  for (const row of rows) counts[kindOf(row)] = (counts[kindOf(row)] ?? 0) + 1;
  return { ...rest, found: found + rows.length, removed: counts };
};

/**
 * Removes rows and counts them in ONE transaction: wherever a run dies, each is counted once. Of two runs at once one goes on.
 * @throws WriteConflict, also where somebody has written one of these rows since it was read
 */
const remove = async (project: Erasing, rows: readonly Item[]): Promise<Erasing> => {
  const after = table.next({ ...project, erasure: countedIn(project.erasure, rows) });
  await table.transact([table.swapping(projects.entity, after), ...rows.map(deletingItem)]);
  return after;
};

/** What is done with rows before they are removed: with what lies elsewhere, and is found by them. */
export type Before = (rows: readonly Item[]) => Promise<void>;

/** Goes through one page of the table. The place is written down with the next rows that are removed, or by `rest`. */
export const erasePage = async (project: Erasing, before: Before): Promise<Erasing> => {
  const { items, last } = await itemsAfter(project.erasure.after);
  const own = items.filter((item) => belongsTo(project.id, item));
  let now = project;
  for (let from = 0; from < own.length; from += AT_ONCE) {
    const rows = own.slice(from, from + AT_ONCE);
    await before(rows);
    now = await remove(now, rows);
  }
  const { after: _, ...counts } = now.erasure;
  return { ...now, erasure: last ? { ...counts, after: { pk: String(last.pk), sk: String(last.sk) } } : counts };
};

/** Writes down how far it has come, for the next run. */
export const rest = (project: Erasing): Promise<void> =>
  table.save(table.swapping(projects.entity, table.next(project)));

/** The same, to begin a new pass: the last one has found something. */
export const passAgain = ({ erasure, ...project }: Erasing): Erasing => ({
  ...project,
  erasure: { ...erasure, found: 0 },
});

/** Leaves the id, so that nobody is given it again, and tells the audit log, in ONE transaction, what was removed. */
export const finish = async ({ id, createdAt, deletedAt, version, erasure }: Erasing, at: string): Promise<void> => {
  const gone = { id, by: BY, createdAt, live: false, ...(deletedAt ? { deletedAt } : {}), erasedAt: at, version };
  const told = {
    at,
    action: 'erase-project',
    by: BY,
    subject: id,
    outcome: 'done',
    after: { removed: erasure.removed },
  };
  await table.transact([table.swapping(projects.entity, table.next(gone)), audit.writing(told)]);
};
