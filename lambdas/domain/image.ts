import * as z from 'zod';
import { ImageId, Instant, Name } from './ids.ts';

/** A bootable qcow2 or raw disk that KVM hosts fetch once and clone; on EC2 an image is an AMI id or alias instead. */
export const Image = z.strictObject({
  id: ImageId,
  name: Name,
  /** https URL, or an absolute path on the hosts (`file:` of a shared or pre-seeded directory). */
  source: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  format: z.enum(['qcow2', 'raw']),
  /** Least disk of a clone. */
  minDiskGiB: z.number().positive(),
  minMemoryMiB: z.number().int().positive(),
  /** Machine type and firmware the guest needs; the test image wants `pc`. */
  machine: z.enum(['q35', 'pc']),
  osVariant: z.string(),
  tags: z.record(z.string(), z.string()),
  createdAt: Instant,
  version: z.number().int().positive(),
});
export type Image = z.infer<typeof Image>;
