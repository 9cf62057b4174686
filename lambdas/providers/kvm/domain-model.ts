import * as z from 'zod';
import { Name, OperationId, VmId } from '../../domain/ids.ts';
import { ReadyPolicy } from '../../domain/vm.ts';

/** The part of a libvirt domain that NovaCron writes. What is not here cannot be in our XML. */

/** Any text XML 1.0 can carry on one line: metacharacters become entities, control characters are refused. */
const OneLine = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]*$/u, 'no control characters')
  .regex(/\S/u, 'not blank');

const AbsolutePath = z.string().regex(/^\/[A-Za-z0-9._/-]{1,500}$/, 'an absolute path of plain characters');

const DomainDisk = z.strictObject({ path: AbsolutePath, format: z.enum(['qcow2', 'raw']) });

const DomainNic = z.strictObject({ mac: z.string().regex(/^52:54:00(:[0-9a-f]{2}){3}$/), network: OneLine });

/** Our mark on a domain: by it the host unit, reconcile and a person with virsh know whose it is. */
const Mark = z.strictObject({
  installation: z.string().regex(/^[a-z][a-z0-9-]{1,20}$/),
  vmId: VmId,
  operationId: OperationId,
  ready: ReadyPolicy,
  readyTimeoutSeconds: z.number().int().positive(),
});

export const DomainModel = z.strictObject({
  uuid: z.guid(),
  name: Name,
  title: OneLine,
  mark: Mark,
  /** `tcg` emulates the CPU: chosen only where the boot probe found no working KVM, and shown to people. */
  accel: z.enum(['kvm', 'tcg']),
  machine: z.enum(['q35', 'pc']),
  vcpus: z.number().int().min(1).max(512),
  memoryMiB: z.number().int().min(16).max(16_777_216),
  disks: z.array(DomainDisk).min(1).max(20),
  seed: AbsolutePath,
  nics: z.array(DomainNic).max(20),
  console: AbsolutePath,
});
export type DomainModel = z.infer<typeof DomainModel>;
