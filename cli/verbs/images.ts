import type { Image } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { printItems } from '../output.ts';
import { findAll, findImage } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { sheet } from '../table.ts';
import { clock } from '../times.ts';
import { imageView } from '../views.ts';
import { memory, tagsOf } from '../words.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

const print = (session: Session, images: readonly Image[]): Promise<void> =>
  printItems(session, imageView(Date.now()), images, (image) =>
    sheet(
      [
        ['Name', image.name],
        ['Id', image.id],
        ['Source', image.source],
        ['SHA-256', image.sha256],
        ['Format', image.format],
        ['OS', image.osVariant],
        ['Machine', image.machine],
        ['Needs', `${image.minDiskGiB} GiB disk, ${memory(image.minMemoryMiB)} memory`],
        ['Tags', tagsOf(image.tags)],
        ['Created', clock(image.createdAt)],
      ],
      (text) => session.paint('bold', text),
    ),
  );

/** `image list` */
export const listImages: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, imageView(Date.now()), (query) => session.client.call('GET /v1/images', { query }));

/** `image get` */
export const getImages: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findImage(session, word)));
  return undefined;
};

interface RegisterOptions extends CommonOptions {
  readonly name: string;
  readonly source: string;
  readonly sha256: string;
  readonly format?: Image['format'];
  readonly machine?: Image['machine'];
  readonly os?: string;
  readonly minDisk?: number;
  readonly minMemory?: number;
  readonly tag?: Record<string, string>;
}

/** `image register` */
export const registerImage: Verb<RegisterOptions> = async (session, _args, options) => {
  const { name, source, sha256, format, machine, os, minDisk, minMemory, tag } = options;
  const body = {
    name,
    source,
    sha256,
    ...(format === undefined ? {} : { format }),
    ...(machine === undefined ? {} : { machine }),
    ...(os === undefined ? {} : { osVariant: os }),
    ...(minDisk === undefined ? {} : { minDiskGiB: minDisk }),
    ...(minMemory === undefined ? {} : { minMemoryMiB: minMemory }),
    ...(tag === undefined ? {} : { tags: tag }),
  };
  await print(session, [await session.client.call('POST /v1/images', { body })]);
  return undefined;
};

/** `image delete` */
export const deleteImages: Verb<CommonOptions & { readonly yes?: true }> = async (session, words, { yes }) => {
  const images = await findAll(words, (word) => findImage(session, word));
  const names = images.map(({ name }) => name).join(', ');
  if (!yes) await confirm(session.io, `Delete the image${images.length === 1 ? '' : 's'} ${names}?`);
  for (const { id, name } of images) {
    await session.client.call('DELETE /v1/images/{id}', { path: { id } });
    session.note(`${name} is deleted.`);
  }
  return undefined;
};
