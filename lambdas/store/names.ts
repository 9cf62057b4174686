import { Fault } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { projectOf } from '../domain/project.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

export type Named = 'vm' | 'host' | 'image' | 'schedule' | 'calendar' | 'group' | 'window';

/** Who bears a name: VMs, schedules, calendars, groups and windows within their project, hosts and images within the installation. */
export interface Bearer {
  readonly id: string;
  readonly name: string;
  readonly project?: string | undefined;
}

/** A name in use: it belongs to one row of its kind, by a put-new of this row. */
interface Reservation {
  readonly kind: Named;
  readonly name: string;
  readonly project?: string;
  /** Id of the row that holds the name. */
  readonly holder: string;
  readonly version: number;
}

/** A project's names lie together, so that what is left in it is known for certain; those of `default` where they always lay. */
const entity: table.Entity<Reservation> = {
  name: 'name',
  key: ({ kind, name, project = DEFAULT_PROJECT }) =>
    project === DEFAULT_PROJECT
      ? { pk: `name#${kind}#${name}`, sk: 'name' }
      : { pk: partitionOf(project, 'name'), sk: `${kind}#${name}` },
};

const reservation = (kind: Named, bearer: Bearer): Reservation => {
  const project = projectOf(bearer);
  const of = project === DEFAULT_PROJECT ? {} : { project };
  return { kind, name: bearer.name, ...of, holder: bearer.id, version: 1 };
};

/** Takes a name within a transaction. @throws NameTaken */
export const taking = (kind: Named, bearer: Bearer): table.Write =>
  table.putNew(
    entity,
    reservation(kind, bearer),
    () => new Fault('NameTaken', `There is already a ${kind} named ${bearer.name}.`),
  );

/** Gives a name back, within a transaction; one that is held by another row, or by none, is left as it is. */
export const freeing = async (kind: Named, bearer: Bearer): Promise<table.Write[]> => {
  const row = await table.get<Reservation>(entity.key(reservation(kind, bearer)));
  return row?.holder === bearer.id ? [table.deleting(entity, row)] : [];
};

/** Who holds a name. */
export const holderOf = async (kind: Named, name: Omit<Bearer, 'id'>): Promise<string | undefined> =>
  (await table.get<Reservation>(entity.key(reservation(kind, { id: '', ...name }))))?.holder;

/** Whether any VM bears a name in this project (not `default`), as of now: strongly consistent. */
export const areHeldIn = async (project: string): Promise<boolean> =>
  (await table.query({ pk: partitionOf(project, 'name'), prefix: 'vm#', limit: 1, consistent: true })).rows.length > 0;

/** How many VMs bear a name in this project (not `default`), strongly consistent. */
export const countIn = async (project: string): Promise<number> => {
  let count = 0;
  const range = { pk: partitionOf(project, 'name'), prefix: 'vm#', limit: 1000, consistent: true } as const;
  for await (const _ of table.each(range)) count += 1;
  return count;
};

/** Who holds these names of one kind in a project, by name; those that nobody holds are left out. */
export const holdersOf = async (
  kind: Named,
  project: string,
  all: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const keys = [...new Set(all)].map((name) => entity.key(reservation(kind, { id: '', name, project })));
  return new Map((await table.getEach<Reservation>(keys)).map(({ name, holder }) => [name, holder]));
};
