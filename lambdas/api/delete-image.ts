import { assertUnchanged } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { projectOf } from '../domain/project.ts';
import { imageView } from '../domain/view.ts';
import * as images from '../store/images.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { ImagePath } from './image-path.ts';
import { named } from './named.ts';
import { type Call, route } from './route.ts';

const assertUnused = async (id: string, { at, by: { project } }: Call): Promise<void> => {
  const clones = await images.clonesOf(id, at);
  if (clones.length === 0) return;
  const own = clones
    .filter((clone) => projectOf(clone) === project)
    .map(({ vmName, until }) => (until === undefined ? vmName : `${vmName} (deleted, kept until ${until})`));
  throw new Fault('ImageInUse', `${clones.length} VMs stand on it: ${named(own, clones.length - own.length)}.`);
};

/** DELETE /v1/images/{id} */
export const deleteImage = route({
  method: 'DELETE',
  path: '/v1/images/{id}',
  action: 'delete-image',
  summary: 'Forget an image on which no VM stands; hosts drop it from their caches',
  access: 'system',
  params: ImagePath,
  answers: { 204: null },
  handler: async ({ params }, call) => {
    const image = await images.named(params.id);
    assertUnchanged(image, call);
    await assertUnused(image.id, call);
    await table.transact([
      ...(await images.removing(image)),
      ...audited(call, { subject: image.id, before: imageView(image) }),
    ]);
    return { status: 204 };
  },
});
