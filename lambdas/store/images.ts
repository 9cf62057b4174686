import { raise } from '../domain/faults.ts';
import type { Image } from '../domain/image.ts';
import { projectOf } from '../domain/project.ts';
import * as names from './names.ts';
import * as table from './table.ts';

/** Where its row lies. */
export const keyOf = (id: string): table.Key => ({ pk: `image#${id}`, sk: 'image' });

/** How images lie in the state table: by id, listed by name. */
export const entity: table.Entity<Image> = {
  name: 'image',
  key: ({ id }) => keyOf(id),
  indexes: ({ name }) => ({ gsi1: { pk: 'image', sk: name } }),
};

export const find = (id: string): Promise<Image | undefined> => table.get<Image>(keyOf(id));

/** @throws ImageNotFound */
export const get = async (id: string): Promise<Image> =>
  (await find(id)) ?? raise('ImageNotFound', `There is no image ${id}.`);

/** @throws ImageNotFound */
const byName = async (name: string): Promise<Image> => {
  const id = await names.holderOf('image', { name });
  return id === undefined ? raise('ImageNotFound', `There is no image named ${name}.`) : get(id);
};

/** By id where it looks like one, else by name. @throws ImageNotFound */
export const named = (nameOrId: string): Promise<Image> =>
  nameOrId.startsWith('img-') ? get(nameOrId) : byName(nameOrId);

export const page = (range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<Image>> =>
  table.query<Image>({ ...range, index: 'gsi1', pk: 'image' });

/** Every image there is: some dozens. The index lags a moment behind the rows. */
export const all = (): AsyncGenerator<Image> => table.each<Image>({ index: 'gsi1', pk: 'image' });

/** A new image with its name. */
export const inserting = (image: Image): table.Write[] => [table.putNew(entity, image), names.taking('image', image)];

/** The end of an image, its name free again. */
export const removing = async (image: Image): Promise<table.Write[]> => [
  table.deleting(entity, image),
  ...(await names.freeing('image', image)),
];

/** That a VM's disk is a clone of an image: the image may not go while this row is there. */
export interface Clone {
  readonly imageId: string;
  readonly vmId: string;
  readonly vmName: string;
  /** That of the VM; absent in rows of before there were projects: `default`. */
  readonly project?: string;
  /** Deleted, but its disk is kept until then. */
  readonly until?: string;
  readonly version: number;
}

const clone: table.Entity<Clone> = {
  name: 'clone',
  key: ({ imageId, vmId }) => ({ pk: `image#${imageId}`, sk: `clone#${vmId}` }),
  expiresAt: ({ until }) => (until === undefined ? undefined : Math.floor(Date.parse(until) / 1000)),
};

/** Records that a VM stands on its image; `until` for one whose disk is only kept. Several times is once. */
export const cloning = (imageId: string, vm: names.Bearer, until?: string): table.Write => {
  const row: Clone = { imageId, vmId: vm.id, vmName: vm.name, project: projectOf(vm), version: 1 };
  return table.put(clone, until === undefined ? row : { ...row, until });
};

/** The end of that. */
export const uncloning = (imageId: string, vm: { id: string }): table.Write =>
  table.remove(clone.key({ imageId, vmId: vm.id, vmName: '', version: 1 }));

/** The VMs of every project that stand on an image at this moment, kept ones included. */
export const clonesOf = async (imageId: string, at: string): Promise<Clone[]> =>
  (await Array.fromAsync(table.each<Clone>({ pk: `image#${imageId}`, prefix: 'clone#' }))).filter(
    ({ until }) => until === undefined || until > at,
  );
