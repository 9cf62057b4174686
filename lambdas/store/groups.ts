import { Fault, raise } from '../domain/faults.ts';
import { filtersOf, groupsAbout, groupsIn } from '../domain/group-members.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as names from './names.ts';
import { partitionOf } from './project-keys.ts';
import * as schedules from './schedules.ts';
import * as table from './table.ts';
import * as windows from './windows.ts';

const keyOf = (project: string, id: string): table.Key => ({ pk: partitionOf(project, 'group'), sk: id });

/** How groups lie in the state table: with their project. */
export const entity: table.Entity<VmGroup> = { name: 'group', key: ({ project, id }) => keyOf(project, id) };

/** What is about VMs, and so about groups of them. */
type About = Schedule | MaintenanceWindow;

const none = (id: string): string => `There is no group ${id}.`;

/** @throws GroupNotFound */
export const get = async (project: string, id: string): Promise<VmGroup> =>
  (await table.get<VmGroup>(keyOf(project, id))) ?? raise('GroupNotFound', none(id));

/** One page of a project's groups, oldest first. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<VmGroup>> =>
  table.query<VmGroup>({ ...range, pk: partitionOf(project, 'group') });

/** All of a project, strongly consistent. */
const allOf = (project: string): Promise<VmGroup[]> =>
  Array.fromAsync(table.each<VmGroup>({ pk: partitionOf(project, 'group'), limit: 500, consistent: true }));

/** The groups of a project that these filters are about; none is read where they are about none. */
export const askedBy = async (project: string, filters: readonly string[]): Promise<VmGroup[]> => {
  const asked = new Set(filters.flatMap(groupsIn));
  return asked.size === 0 ? [] : (await allOf(project)).filter(({ name }) => asked.has(name));
};

/** The schedules and windows that are about it, strongly consistent. */
export const usersOf = async ({ project, name }: Pick<VmGroup, 'project' | 'name'>): Promise<About[]> =>
  [...(await schedules.allOf(project)), ...(await windows.allOf(project))].filter((each) =>
    groupsAbout(each).includes(name),
  );

/** For a schedule or a window that begins to be about these: none of them can be deleted at the same moment. */
export const referringTo = (groups: readonly VmGroup[]): table.Write[] =>
  groups.map(({ project, id }) =>
    table.adding(
      keyOf(project, id),
      { adds: { version: 1 } },
      { condition: 'id = :id', values: { ':id': id }, lost: () => new Fault('GroupNotFound', none(id)) },
    ),
  );

/** The same for one that is changed: of the groups that it was not about before. @throws GroupNotFound where one is gone by now */
export const begunWith = async (before: About, after: About): Promise<table.Write[]> => {
  const known = new Set(groupsAbout(before));
  const fresh = groupsAbout(after).filter((name) => !known.has(name));
  if (fresh.length === 0) return [];
  const asked = await askedBy(after.project, filtersOf(after));
  const gone = fresh.find((each) => !asked.some(({ name }) => name === each));
  if (gone !== undefined) throw new Fault('GroupNotFound', none(gone));
  return referringTo(asked.filter(({ name }) => !known.has(name)));
};

/** A new one with its name. @throws NameTaken */
export const inserting = (group: VmGroup): table.Write[] => [table.putNew(entity, group), names.taking('group', group)];

/** Its next version. */
export const swapping = (after: VmGroup): table.Write => table.swapping(entity, after);

/** The end of one, its name free again. */
export const removing = async (group: VmGroup): Promise<table.Write[]> => [
  table.deleting(entity, group),
  ...(await names.freeing('group', group)),
];
