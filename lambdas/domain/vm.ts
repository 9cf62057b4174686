import * as z from 'zod';
import { Fault } from './faults.ts';
import { HostId, ImageId, Instant, Name, VmId } from './ids.ts';
import { ProjectId } from './project.ts';
import { VmState } from './vm-state.ts';

/** What a VM is, wherever it runs, and what may happen to it: the state chart as data. */

export const ProviderName = z.enum(['ec2', 'kvm']);
export type ProviderName = z.infer<typeof ProviderName>;

/** How a VM is judged ready; `auto` = agent where it answers, else address, else running. */
export const ReadyPolicy = z.union([
  z.enum(['auto', 'agent', 'address', 'running']),
  z.string().regex(/^port:([1-9][0-9]{0,4})$/, 'port:<number>'),
]);
export type ReadyPolicy = z.infer<typeof ReadyPolicy>;

/** Kubernetes' condition shape, one condition: a VM may be running and not ready, which is no failure. */
export const Readiness = z.strictObject({
  status: z.enum(['true', 'false', 'unknown']),
  /** One CamelCase word, e.g. AgentAnswers, AddressKnown, NotReadyInTime. */
  reason: z.string(),
  message: z.string(),
  at: Instant,
});
export type Readiness = z.infer<typeof Readiness>;

export const Location = z.strictObject({
  account: z.string().optional(),
  region: z.string().optional(),
  zone: z.string().optional(),
  hostId: HostId.optional(),
  hostName: z.string().optional(),
});
export type Location = z.infer<typeof Location>;

export const Disk = z.strictObject({
  name: z.string(),
  sizeGiB: z.number().positive(),
  boot: z.boolean(),
  /** EBS volume id, or the path of the file on the host. */
  providerId: z.string().optional(),
});
export type Disk = z.infer<typeof Disk>;

export const Nic = z.strictObject({
  mac: z.string().optional(),
  /** libvirt network or EC2 subnet. */
  network: z.string().optional(),
  addresses: z.array(z.string()),
});
export type Nic = z.infer<typeof Nic>;

/** EC2 tag limits, held on KVM too so that a VM can be described alike: 128/256 characters, at most 40 of the user's. */
export const Tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128)
      .regex(
        /^(?!aws:|novacron:)[\p{L}\p{N} _.:/=+@-]+$/u,
        'a tag key is letters, digits and _.:/=+@-, not aws: or novacron:',
      ),
    z
      .string()
      .max(256)
      .regex(/^(?!.*\{\{)[\p{L}\p{N} _.:/=+@-]*$/u, 'a tag value is letters, digits and _.:/=+@-'),
  )
  .refine((tags) => Object.keys(tags).length <= 40, 'at most 40 tags')
  .meta({ maxProperties: 40 });
export type Tags = z.infer<typeof Tags>;

/** Who holds the VM for what; it never expires while its operation's execution is open. */
export const Lock = z.strictObject({
  operationId: z.string(),
  reason: z.string(),
  by: z.string(),
  since: Instant,
  /** After this the sweeper asks whether the execution is still open, and only then frees the VM. */
  expiresAt: Instant,
});
export type Lock = z.infer<typeof Lock>;

/** What the user asked for at create, kept for undo, undelete and drift. */
export const VmSpec = z.strictObject({
  image: z.string(),
  imageId: ImageId.optional(),
  size: z.string().optional(),
  vcpus: z.number().int().positive().optional(),
  memoryMiB: z.number().int().positive().optional(),
  diskGiB: z.number().int().positive().optional(),
  ready: ReadyPolicy,
  readyTimeoutSeconds: z.number().int().min(10).max(3600),
  hostname: z.string(),
  sshKeys: z.array(z.string()),
  /** Where the user-data lies (an encrypted object, deleted after launch); never the text itself. */
  userDataKey: z.string().optional(),
  installAgent: z.boolean(),
  kvm: z
    .strictObject({
      network: z.string().optional(),
      hostTags: z.record(z.string(), z.string()).optional(),
      host: z.string().optional(),
    })
    .optional(),
  ec2: z
    .strictObject({
      instanceTypes: z.array(z.string()).optional(),
      subnetId: z.string().optional(),
      securityGroupIds: z.array(z.string()).optional(),
      keyName: z.string().optional(),
      launchTemplate: z.string().optional(),
      /** It may be hibernated: EC2 enables that at launch only. */
      hibernate: z.boolean().optional(),
      volumes: z
        .array(z.strictObject({ device: z.string(), sizeGiB: z.number().int().positive(), type: z.string() }))
        .optional(),
    })
    .optional(),
});
export type VmSpec = z.infer<typeof VmSpec>;

/** The row of a VM. The API shows it without `spec`, `version`, `key`. */
export const Vm = z.strictObject({
  id: VmId,
  name: z.string(),
  /** Whose it is; absent in rows of before there were projects, and of strangers: `default`. */
  project: ProjectId.optional(),
  provider: ProviderName,
  managed: z.boolean(),
  state: VmState,
  /** The last state that was seen, beside `unknown`. */
  lastState: VmState.optional(),
  desired: z.enum(['running', 'stopped', 'deleted']),
  ready: Readiness,
  location: Location,
  /** EC2 instance id or libvirt UUID; absent until the provider gave one. */
  providerId: z.string().optional(),
  size: z.string().optional(),
  instanceType: z.string().optional(),
  vcpus: z.number().int().nonnegative(),
  memoryMiB: z.number().int().nonnegative(),
  image: z.string().optional(),
  disks: z.array(Disk),
  nics: z.array(Nic),
  addresses: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  deletionProtection: z.boolean(),
  lock: Lock.optional(),
  /** Deleted, but disks and definition are kept until then. */
  retainedUntil: Instant.optional(),
  spec: VmSpec.optional(),
  /** Who made it; absent in strangers, and in rows of before it was written. */
  by: z.string().optional(),
  createdAt: Instant,
  changedAt: Instant,
  observedAt: Instant.optional(),
  version: z.number().int().positive(),
});
export type Vm = z.infer<typeof Vm>;

export const OperationKind = z.enum([
  'create-vm',
  'start-vm',
  'stop-vm',
  'reboot-vm',
  'reset-vm',
  'delete-vm',
  'undelete-vm',
  'enrol-host',
]);
export type OperationKind = z.infer<typeof OperationKind>;
export type VmOperationKind = Exclude<OperationKind, 'create-vm' | 'enrol-host'>;

/** For each action: the states it may be asked in, the state while it runs, and the one it ends in. */
export const TRANSITIONS: Record<VmOperationKind, { from: readonly VmState[]; via: VmState; to: VmState }> = {
  'start-vm': { from: ['stopped', 'saved', 'suspended', 'error', 'running'], via: 'pending', to: 'running' },
  'stop-vm': { from: ['running', 'suspended', 'error', 'stopped', 'saved'], via: 'stopping', to: 'stopped' },
  'reboot-vm': { from: ['running'], via: 'running', to: 'running' },
  'reset-vm': { from: ['running', 'suspended', 'saved'], via: 'running', to: 'running' },
  'delete-vm': {
    from: ['running', 'stopped', 'saved', 'suspended', 'error', 'lost', 'deleted'],
    via: 'deleting',
    to: 'deleted',
  },
  'undelete-vm': { from: ['deleted'], via: 'pending', to: 'stopped' },
};

/** The actions a VM in this state may be asked for. */
export const allowedActions = (vm: Pick<Vm, 'state' | 'managed' | 'retainedUntil'>): VmOperationKind[] =>
  !vm.managed
    ? []
    : (Object.keys(TRANSITIONS) as VmOperationKind[]).filter(
        (kind) =>
          TRANSITIONS[kind].from.includes(vm.state) && (vm.state !== 'deleted' || vm.retainedUntil !== undefined),
      );

/** Refuses what the state chart does not allow, naming the state and what is allowed. @throws VmNotManaged, VmLocked, VmProtected, InvalidTransition */
export const assertMay = (vm: Vm, kind: VmOperationKind): void => {
  if (!vm.managed) throw new Fault('VmNotManaged', `${vm.name} was not made by NovaCron: it is shown, never touched.`);
  if (vm.lock) {
    throw new Fault(
      'VmLocked',
      `${vm.name} is held by ${vm.lock.operationId} (${vm.lock.reason}, asked by ${vm.lock.by}) since ${vm.lock.since}. Wait for it, or cancel it.`,
    );
  }
  if (kind === 'delete-vm' && vm.deletionProtection) {
    throw new Fault('VmProtected', `${vm.name} has deletion protection: take it off first (PATCH deletionProtection).`);
  }
  const allowed = allowedActions(vm);
  if (allowed.includes(kind)) return;
  throw new Fault(
    'InvalidTransition',
    `${vm.name} is ${vm.state}; ${kind} is not possible. Allowed now: ${allowed.join(', ') || 'nothing'}.`,
  );
};

/** What a provider reports of one VM, in our words. */
export const Observed = z.strictObject({
  providerId: z.string(),
  name: z.string(),
  state: VmState,
  /** Why it is in this state, where that is a trouble: one CamelCase word. */
  reason: z.string().optional(),
  /** What brought that about, where its host can tell. */
  cause: z.string().optional(),
  /** Ours by its mark (tag or metadata of this installation): the VM id it carries. */
  vmId: VmId.optional(),
  operationId: z.string().optional(),
  location: Location,
  instanceType: z.string().optional(),
  vcpus: z.number().int().nonnegative(),
  memoryMiB: z.number().int().nonnegative(),
  disks: z.array(Disk),
  nics: z.array(Nic),
  addresses: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
});
export type Observed = z.infer<typeof Observed>;

export const VmName = Name;
