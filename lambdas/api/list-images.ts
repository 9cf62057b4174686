import type { Image } from '../domain/image.ts';
import { pageOf } from '../domain/page.ts';
import { ImageView, imageView } from '../domain/view.ts';
import * as images from '../store/images.ts';
import * as table from '../store/table.ts';
import { listed, PageQuery } from './page.ts';
import { filterNames, route } from './route.ts';

const FIELDS = {
  plain: {
    id: ({ id }: Image) => id,
    name: ({ name }: Image) => name,
    format: ({ format }: Image) => format,
    osVariant: ({ osVariant }: Image) => osVariant,
  },
  tags: ({ tags }: Image) => tags,
};

const LIST = {
  name: 'images',
  fields: FIELDS,
  read: (_: string, range: Parameters<typeof images.page>[0]) => images.page(range),
  position: (image: Image) => table.positionOf(images.entity, image, 'gsi1'),
  view: imageView,
};

/** GET /v1/images */
export const listImages = route({
  method: 'GET',
  path: '/v1/images',
  action: 'list-images',
  summary: 'List the images of KVM hosts by name',
  access: 'viewer',
  query: PageQuery,
  filter: filterNames(FIELDS),
  answers: { 200: pageOf(ImageView) },
  handler: (input, { by }) => listed(LIST, input, by),
});
