import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';

/** Ids are `<prefix>-<16 characters of base 32>`: 9 of time in ms (sortable until 2081), 7 random. Lower case, no i l o u. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 9;
const RANDOM_LENGTH = 7;

export type IdPrefix = 'vm' | 'h' | 'img' | 'tok' | 'ev' | 'aud' | 'sch' | 'cal' | 'grp' | 'win' | 'rul';

const idOf = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-[0-9a-hjkmnp-tv-z]{16}$`));

export const VmId = idOf('vm');
export const HostId = idOf('h');
export const ImageId = idOf('img');
export const TokenId = idOf('tok');
export const ScheduleId = idOf('sch');
export const CalendarId = idOf('cal');
export const GroupId = idOf('grp');
export const WindowId = idOf('win');
export const RuleId = idOf('rul');
/** `op-` and 26 characters of base 32 of a hash of (principal, Idempotency-Key): the row is the idempotency record. */
export const OperationId = z.string().regex(/^op-[0-9a-hjkmnp-tv-z]{26}$/);

/** An instant as ISO 8601 in UTC with milliseconds, the only form of time in rows and payloads. */
export const Instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof Instant>;

/** What we mint names by, in API, document and host script alike (first letter: virsh takes digits for an id, `-x` for an option). */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is 1 to 63 characters of a-z, 0-9 and -, beginning with a letter');

const base32 = (bytes: Uint8Array, length: number): string =>
  Array.from(bytes.subarray(0, length), (byte) => ALPHABET[byte & 31]).join('');

const timePart = (millis: number): string => {
  let rest = millis;
  let text = '';
  for (let i = 0; i < TIME_LENGTH; i += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/** A new id, sortable by its time. `millis` is the clock's reading, given so that tests own time. */
export const newId = (prefix: IdPrefix, millis: number): string =>
  `${prefix}-${timePart(millis)}${base32(randomBytes(RANDOM_LENGTH), RANDOM_LENGTH)}`;

/** The project that is always there, without a row: the installation's own, and that of every row from before there were projects. */
export const DEFAULT_PROJECT = 'default';

/** Whose key it is: one key of one person in two projects is two. */
export interface KeyOwner {
  readonly id: string;
  readonly project?: string;
}

/** No principal's id begins as a project's prefix does, so that no two owners are spelt alike. */
const spelt = ({ id, project = DEFAULT_PROJECT }: KeyOwner): string =>
  project === DEFAULT_PROJECT ? id : `p#${project}\n${id}`;

/** The operation that this principal's key stands for; without a key the caller passes a random one. */
export const operationIdOf = (owner: KeyOwner, key: string): string =>
  `op-${base32(
    createHash('sha256')
      .update(`${spelt(owner)}\n${key}`)
      .digest(),
    26,
  )}`;

/** The id of a rule that is built in: the same in each look at its project. */
export const ruleIdOf = (project: string, name: string): string =>
  `rul-${base32(createHash('sha256').update(`${project}\n${name}`).digest(), 16)}`;

/** A stable id for a VM that we did not make: the same stranger keeps its id over every look. */
export const strangerIdOf = (installation: string, providerKey: string): string =>
  `vm-${base32(createHash('sha256').update(`${installation}\n${providerKey}`).digest(), 16)}`;

/** RFC 9562 UUIDv5 of (installation, VM id): the libvirt UUID, so that a second define of the same VM is a no-op. */
export const domainUuidOf = (installation: string, vmId: string): string => {
  const namespace = createHash('sha1').update(`novacron:${installation}`).digest().subarray(0, 16);
  const hash = createHash('sha1').update(namespace).update(vmId).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** A locally administered MAC in QEMU's range 52:54:00, of (VM id, NIC index): unique per VM and stable over retries. */
export const macOf = (vmId: string, index: number): string => {
  const hash = createHash('sha256').update(`${vmId}/${index}`).digest();
  return `52:54:00:${[0, 1, 2].map((i) => hash.readUInt8(i).toString(16).padStart(2, '0')).join(':')}`;
};
