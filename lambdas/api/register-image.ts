import * as z from 'zod';
import { newId } from '../domain/ids.ts';
import { Image } from '../domain/image.ts';
import { assertFetchable } from '../domain/image-url.ts';
import { PlainText } from '../domain/plain-text.ts';
import { ImageView, imageView } from '../domain/view.ts';
import { Tags } from '../domain/vm.ts';
import { csv, env } from '../runtime/env.ts';
import * as images from '../store/images.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import { type Call, type Reply, route } from './route.ts';

const { IMAGE_MIRRORS: mirrors } = env({ IMAGE_MIRRORS: csv.default([]) });

const RegisterImage = z.strictObject({
  name: Image.shape.name,
  /** https URL, or an absolute path on the hosts. */
  source: PlainText(2048),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits, lower case'),
  format: Image.shape.format.default('qcow2'),
  minDiskGiB: z.number().positive().max(65_536).default(1),
  minMemoryMiB: z.number().int().min(16).max(4_194_304).default(64),
  machine: Image.shape.machine.default('q35'),
  osVariant: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.+-]{0,62}$/, 'a libosinfo id such as debian12')
    .default('generic'),
  tags: Tags.default({}),
});

type RegisterImage = z.output<typeof RegisterImage>;

const made = (image: Image): Reply => ({
  status: 201,
  headers: { location: `/v1/images/${image.id}` },
  body: imageView(image),
});

const register = async (body: RegisterImage, call: Call): Promise<Image> => {
  const image: Image = { id: newId('img', Date.parse(call.at)), ...body, createdAt: call.at, version: 1 };
  const told = audited(call, { subject: image.id, after: imageView(image) });
  await table.transact([...told, ...images.inserting(image)]);
  return image;
};

/** POST /v1/images */
export const registerImage = route({
  method: 'POST',
  path: '/v1/images',
  action: 'register-image',
  summary: 'Register an image that KVM hosts fetch once, check, and clone',
  access: 'system',
  body: RegisterImage,
  answers: { 201: ImageView },
  handler: async ({ body }, call) => {
    assertFetchable(body.source, mirrors);
    const before = call.earlier?.subject;
    return made(before === undefined ? await register(body, call) : await images.get(before));
  },
});
