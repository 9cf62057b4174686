import * as z from 'zod';
import { ImageId, Name } from '../domain/ids.ts';

/** Path of an image, by id or by name. */
export const ImagePath = z.strictObject({ id: z.union([ImageId, Name]) });
