import * as z from 'zod';
import { CONTROLS, isPlain, PlainText } from './plain-text.ts';
import { InstanceType } from './size.ts';
import { ProviderName, ReadyPolicy, Tags, VmName } from './vm.ts';

const KEY_TYPES = 'ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\\.com';

/** An OpenSSH public key on one line, as it stands in authorized_keys. */
const SshKey = z
  .string()
  .max(4096)
  .regex(
    new RegExp(`^(${KEY_TYPES}) [A-Za-z0-9+/]+={0,3}( [^{}${CONTROLS}]*)?$`),
    'an OpenSSH public key, e.g. ssh-ed25519 AAAA… name',
  )
  .refine(isPlain, 'one line, no control characters');

/** RFC 1123, one or more labels. */
const Hostname = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/, {
    error: 'labels of a-z, 0-9 and -, joined by dots',
  });

const awsId = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `an id like ${prefix}-0123abcd`);

/** EC2 takes 16 kB of user-data before base64; KVM hosts are held to the same. */
const LONGEST_USER_DATA = 16_384;

/** Only KVM hosts understand these. */
const KvmOptions = z.strictObject({
  network: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, 'a libvirt network name')
    .optional(),
  /** Id or name of the one host that is wanted. */
  host: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a host id or name')
    .optional(),
  hostTags: Tags.optional(),
});

/** Only EC2 understands these. */
const Ec2Options = z.strictObject({
  subnetId: awsId('subnet').optional(),
  securityGroupIds: z.array(awsId('sg')).min(1).max(16).optional(),
  keyName: PlainText(255).optional(),
  /** Id or name, with `:version` where not the default one. */
  launchTemplate: z
    .string()
    .regex(/^[A-Za-z0-9()./_-]{3,128}(:(\d{1,5}|\$Default|\$Latest))?$/, 'a template id or name')
    .optional(),
  volumes: z
    .array(
      z.strictObject({
        device: z.string().regex(/^(\/dev\/)?(sd|xvd)[a-z][a-z0-9]{0,2}$/, 'a device like /dev/sdf'),
        sizeGiB: z.number().int().min(1).max(65_536),
        type: z.enum(['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1']).default('gp3'),
      }),
    )
    .max(20)
    .optional(),
  /** So that it can be stopped by the mode hibernate; EC2 enables it at launch only. */
  hibernate: z.boolean().optional(),
});

const Fields = z.strictObject({
  name: VmName,
  provider: ProviderName,
  /** KVM: name or id of a registered image. EC2: an AMI id or an alias. */
  image: z.string().regex(/^[a-z][a-z0-9.-]{0,62}$/, 'an image name or id'),
  size: z
    .string()
    .regex(/^[a-z0-9]{1,32}$/, 'the name of a size')
    .optional(),
  /** EC2 type, or types in the order in which they are tried. */
  type: z.union([InstanceType, z.array(InstanceType).min(1).max(10)]).optional(),
  vcpus: z.number().int().min(1).max(256).optional(),
  memoryMiB: z.number().int().min(64).max(4_194_304).optional(),
  diskGiB: z.number().int().min(1).max(65_536).optional(),
  ready: ReadyPolicy.default('auto'),
  readyTimeoutSeconds: z.number().int().min(10).max(3600).default(300),
  sshKeys: z.array(SshKey).max(50).default([]),
  /** Never a parameter of a document and never in a row, so that any text is safe here, `{{` of a template included. */
  userData: z
    .string()
    .min(1)
    .max(LONGEST_USER_DATA)
    .refine((text) => new TextEncoder().encode(text).length <= LONGEST_USER_DATA, `at most ${LONGEST_USER_DATA} bytes`)
    .optional(),
  hostname: Hostname.optional(),
  tags: Tags.default({}),
  deletionProtection: z.boolean().default(false),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region like eu-central-1')
    .optional(),
  zone: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z](-[a-z0-9]+)*$/, 'a zone like eu-central-1a')
    .optional(),
  account: z
    .string()
    .regex(/^\d{12}$/, 'an account of 12 digits')
    .optional(),
  /** Let the default seed install qemu-guest-agent. */
  installAgent: z.boolean().default(false),
  kvm: KvmOptions.optional(),
  ec2: Ec2Options.optional(),
});
type Fields = z.output<typeof Fields>;

/** Which fields mean nothing to the other provider, and would be silently ignored. */
const OTHERS: Record<ProviderName, readonly (keyof Fields)[]> = {
  kvm: ['ec2', 'type', 'region', 'zone', 'account'],
  ec2: ['kvm', 'vcpus', 'memoryMiB'],
};

/** Pairs that say the same thing twice. */
const EXCLUDING: readonly [keyof Fields, keyof Fields][] = [
  ['size', 'type'],
  ['size', 'vcpus'],
  ['size', 'memoryMiB'],
];

/** The body of POST /v1/vms. */
export const CreateVm = Fields.check(({ value, issues }) => {
  const wrong = (field: string, message: string) =>
    issues.push({ code: 'custom', path: [field], message, input: value });
  for (const field of OTHERS[value.provider]) {
    if (value[field] !== undefined) wrong(field, `${value.provider} has no such option`);
  }
  for (const [one, other] of EXCLUDING) {
    if (value[one] !== undefined && value[other] !== undefined) wrong(other, `either ${one} or ${other}`);
  }
  if ((value.vcpus === undefined) !== (value.memoryMiB === undefined)) {
    wrong(value.vcpus === undefined ? 'vcpus' : 'memoryMiB', 'vcpus and memoryMiB go together');
  }
});
export type CreateVm = z.output<typeof CreateVm>;
