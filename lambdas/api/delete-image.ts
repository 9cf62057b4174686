import { etagOf, matches } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { imageView } from '../domain/view.ts';
import * as images from '../store/images.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { ImagePath } from './image-path.ts';
import { route } from './route.ts';

/** Names enough to act on, not a page of them. */
const MOST_NAMED = 20;

const assertUnused = async (id: string, at: string): Promise<void> => {
  const clones = await images.clonesOf(id, at);
  if (clones.length === 0) return;
  const named = clones.slice(0, MOST_NAMED).join(', ');
  throw new Fault(
    'ImageInUse',
    `${clones.length} VMs stand on it: ${named}${clones.length > MOST_NAMED ? ', …' : ''}.`,
  );
};

/** DELETE /v1/images/{id} */
export const deleteImage = route({
  method: 'DELETE',
  path: '/v1/images/{id}',
  action: 'delete-image',
  summary: 'Forget an image on which no VM stands; hosts drop it from their caches',
  access: 'admin',
  params: ImagePath,
  answers: { 204: null },
  handler: async ({ params }, call) => {
    const image = await images.named(params.id);
    if (!matches(call.ifMatch, image)) {
      throw new Fault('PreconditionFailed', `${image.name} is ${etagOf(image)} now, not ${call.ifMatch}.`);
    }
    await assertUnused(image.id, call.at);
    await table.transact([
      ...(await images.removing(image)),
      ...audited(call, { subject: image.id, before: imageView(image) }),
    ]);
    return { status: 204 };
  },
});
