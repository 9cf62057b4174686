import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Fault } from '../../domain/faults.ts';
import { HostId, ImageId, Instant, Name, VmId } from '../../domain/ids.ts';
import { ReadyPolicy } from '../../domain/vm.ts';

/** What travels to a host: one JSON per verb, base64 in the document's parameter `Payload`, its sha256 in `Digest`. */

/** SSM cuts nothing on the way in, but the documents' allowedPattern stops here. Characters of base64. */
const PAYLOAD_LIMIT = 24_000;

const AbsolutePath = z.string().regex(/^\/[A-Za-z0-9._/-]{1,500}$/, 'an absolute path of plain characters');
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const Subject = z.strictObject({ id: VmId, name: Name });

const BaseImage = z.union([
  z.strictObject({ imageId: ImageId, url: z.httpUrl(), sha256: Sha256, format: z.enum(['qcow2', 'raw']) }),
  z.strictObject({ imageId: ImageId, path: AbsolutePath, sha256: Sha256, format: z.enum(['qcow2', 'raw']) }),
]);

/** The NoCloud seed: small texts inline; the user's own user-data only as a presigned object, for command history shows parameters. */
const Seed = z.strictObject({
  path: AbsolutePath,
  metaData: z.string(),
  userData: z.union([z.strictObject({ text: z.string() }), z.strictObject({ url: z.url(), sha256: Sha256 })]),
  networkConfig: z.string().optional(),
});

export const CreatePayload = z.strictObject({
  vm: z.strictObject({ id: VmId, name: Name, hostname: z.string() }),
  domainXml: z.string(),
  /** Thin qcow2 clones; the first is the boot disk and stands on `base`, one without `base` is empty. */
  disks: z
    .array(z.strictObject({ path: AbsolutePath, sizeGiB: z.number().positive(), base: BaseImage.optional() }))
    .min(1),
  seed: Seed,
  /** Where the XML sends the serial console. */
  console: AbsolutePath,
  ready: ReadyPolicy,
  readyTimeoutSeconds: z.number().int().positive(),
  autostart: z.literal(true),
});
export type CreatePayload = z.infer<typeof CreatePayload>;

/** StartVm, RebootVm, ResetVm, UndeleteVm and UndoCreateVm need the UUID only; the name is for the host's log. */
export const SubjectPayload = z.strictObject({ vm: Subject });
export type SubjectPayload = z.infer<typeof SubjectPayload>;

/** `force` destroys; else ACPI is asked, then the agent, and the document returns at once with state `stopping`. */
export const StopPayload = z.strictObject({
  vm: Subject,
  force: z.boolean(),
  /** Keeps the memory on the host's disk; for that the grace is the time it may take. */
  save: z.boolean(),
  graceSeconds: z.number().int().nonnegative(),
});
export type StopPayload = z.infer<typeof StopPayload>;

/** Undefines; disks, seed and XML move to `retained/` until `retainUntil`, or go at once where that is absent. */
export const RemovePayload = z.strictObject({ vm: Subject, retainUntil: Instant.optional() });
export type RemovePayload = z.infer<typeof RemovePayload>;

export const EnrolPayload = z.strictObject({
  installation: z.string().regex(/^[a-z][a-z0-9-]{1,20}$/),
  hostId: HostId,
  hostName: Name,
  /** Base URL of the API: reports go to `<apiUrl>/v1/hosts/<hostId>/report`. */
  apiUrl: z.url(),
  /** Good for this host's report only; the answer to the first report rotates it, so command history holds a dead one. */
  token: z.string(),
  poolPath: AbsolutePath,
  beatSeconds: z.number().int().positive(),
  proxy: z.url().optional(),
});
export type EnrolPayload = z.infer<typeof EnrolPayload>;

/** UpgradeUnit, and RemoveUnit, which takes the host unit, its configuration and its state away; VMs and their disks stay. */
export const UnitPayload = z.strictObject({ installation: z.string(), hostId: HostId });
export type UnitPayload = z.infer<typeof UnitPayload>;

/** What a verb on one VM answers in `result`; each verb fills what it knows. */
export const VmResult = z.looseObject({
  uuid: z.guid().optional(),
  /** `fetching` and `stopping` mean: under way, a report of the host unit will answer. */
  state: z.enum(['running', 'stopped', 'suspended', 'saved', 'error', 'gone', 'fetching', 'stopping']),
  macs: z.array(z.string()).optional(),
  disks: z.array(z.strictObject({ path: z.string(), sizeGiB: z.number() })).optional(),
  console: z.string().optional(),
  detail: z.string().optional(),
});
export type VmResult = z.infer<typeof VmResult>;

/** One page of the serial console: bytes `start` to `end` of the file, gzip + base64. */
export const ConsolePage = z.strictObject({
  gzip: z.base64(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
});
export type ConsolePage = z.infer<typeof ConsolePage>;

/** Base64 of the payload's JSON, and its digest. @throws SpecRefused when it is larger than a document takes */
export const sealed = (payload: object): { Payload: string; Digest: string } => {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64');
  if (text.length > PAYLOAD_LIMIT) {
    throw new Fault(
      'SpecRefused',
      `What the host must be told takes ${text.length} characters, ${PAYLOAD_LIMIT} fit: give fewer or shorter SSH keys.`,
    );
  }
  return { Payload: text, Digest: createHash('sha256').update(text).digest('hex') };
};
