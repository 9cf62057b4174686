import { etagOf } from '../domain/asked.ts';
import { ImageView, imageView } from '../domain/view.ts';
import * as images from '../store/images.ts';
import { ImagePath } from './image-path.ts';
import { route } from './route.ts';

/** GET /v1/images/{id} */
export const getImage = route({
  method: 'GET',
  path: '/v1/images/{id}',
  action: 'get-image',
  summary: 'Show an image, by id or name',
  access: 'viewer',
  params: ImagePath,
  answers: { 200: ImageView },
  handler: async ({ params }) => {
    const image = await images.named(params.id);
    return { status: 200, headers: { etag: etagOf(image) }, body: imageView(image) };
  },
});
