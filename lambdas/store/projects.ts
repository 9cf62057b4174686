import { Fault, raise } from '../domain/faults.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import * as names from './names.ts';
import * as table from './table.ts';

/** All lie in one partition: some hundreds, read by key and listed by id. */
const PARTITION = 'project';

const keyOf = (id: string): table.Key => ({ pk: PARTITION, sk: id });

/** How projects lie in the state table; `default` has no row. */
export const entity: table.Entity<Project> = { name: 'project', key: ({ id }) => keyOf(id) };

/** `default` as it would lie here; its version is that of no row. */
const ALWAYS_THERE: Project = {
  id: DEFAULT_PROJECT,
  by: 'novacron',
  createdAt: '1970-01-01T00:00:00.000Z',
  live: true,
  version: 1,
};

/** A project that is not deleted. */
export const find = async (id: string): Promise<Project | undefined> => {
  if (id === DEFAULT_PROJECT) return ALWAYS_THERE;
  const project = await table.get<Project>(keyOf(id));
  return project?.live ? project : undefined;
};

/** A project that is there, or that was and is deleted: its audit log can still be read. */
export const findEver = async (id: string): Promise<Project | undefined> =>
  id === DEFAULT_PROJECT ? ALWAYS_THERE : table.get<Project>(keyOf(id));

/** @throws ProjectNotFound, always */
export const notFound = (id: string): never => raise('ProjectNotFound', `There is no project ${id}.`);

/** Where the list goes on after a project; ids begin with a letter, so all come after `!`. */
export const positionOf = ({ id }: Project): Record<string, unknown> => ({
  ...keyOf(id === DEFAULT_PROJECT ? '!' : id),
});

/** One page of projects, `default` first and then by id, deleted ones among them. */
export const page = async (range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Project>> => {
  const slice = await table.query<Project>({ ...range, pk: PARTITION });
  return range.after ? slice : { ...slice, rows: [ALWAYS_THERE, ...slice.rows] };
};

/** The id of every project, `default` first, deleted ones among them: for jobs that leave nothing out. */
export async function* everyId(): AsyncGenerator<string> {
  yield DEFAULT_PROJECT;
  for await (const { id } of table.each<Project>({ pk: PARTITION, limit: 1000 })) yield id;
}

/** Every project that was deleted before this moment, and of which there still are rows. */
export async function* deletedBefore(moment: string): AsyncGenerator<Project> {
  for await (const project of table.each<Project>({ pk: PARTITION, limit: 1000, consistent: true })) {
    const { live, deletedAt = moment, erasedAt } = project;
    if (live === false && deletedAt < moment && erasedAt === undefined) yield project;
  }
}

/** A new project, within a transaction. @throws NameTaken, by a deleted one too */
export const inserting = (project: Project): table.Write =>
  table.putNew(
    entity,
    project,
    () => new Fault('NameTaken', `The project ${project.id} is there already, or was; an id is given once.`),
  );

/** Lets a transaction through only while the project is not deleted. @throws ProjectNotFound */
export const whileLive = (id: string): table.Write[] =>
  id === DEFAULT_PROJECT
    ? []
    : [table.holding(keyOf(id), ['live', true], () => new Fault('ProjectNotFound', `There is no project ${id}.`))];

/**
 * Takes room for one more VM within a transaction: atomic with the VM's own row, whoever else creates at this moment.
 * `default` has no row and no quota: it is the installation's own. @throws ProjectFull, also where the project was deleted: see whyRefused
 */
export const occupying = (id: string): table.Write[] =>
  id === DEFAULT_PROJECT
    ? []
    : [
        table.adding(
          keyOf(id),
          { adds: { vms: 1, version: 1 } },
          {
            condition: 'live = :live AND (attribute_not_exists(maxVms) OR vms < maxVms)',
            values: { ':live': true },
            lost: () => new Fault('ProjectFull', `${id} has all the VMs that it may have.`),
          },
        ),
      ];

/** One VM more, which is there whether there is room or not; or, by -1, one less. A row that this makes is of no live project. */
export const counting = (id: string, vms: 1 | -1): table.Write[] =>
  id === DEFAULT_PROJECT ? [] : [table.adding(keyOf(id), { adds: { vms, version: 1 }, sets: { id } })];

/** What a refused `occupying` really met, in figures. */
export const whyRefused = async (id: string): Promise<Fault> => {
  const project = await find(id);
  if (project === undefined) return new Fault('ProjectNotFound', `There is no project ${id}.`);
  const detail = `${id} has ${project.vms} of ${project.maxVms} VMs. Delete one, or ask an admin of the installation for more.`;
  return new Fault('ProjectFull', detail);
};

/** Counts a project's VMs anew by their names, all of one moment: a VM that came or went meanwhile has changed the version. */
export const recounted = async (id: string): Promise<Project> => {
  const project = (await find(id)) ?? notFound(id);
  return { ...project, vms: await names.countIn(id) };
};
