import * as z from 'zod';
import { Link } from './host-proof.ts';
import { Instant, OperationId, VmId } from './ids.ts';
import { CRASHED, PAUSED_ON_IO_ERROR, type Trouble } from './trouble.ts';
import type { Location, Observed } from './vm.ts';

/** Text a host may send: bounded, so that one strange domain cannot make a report too large to store. */
const text = (length: number) => z.string().max(length);

/** The outcome of one command, as the host journalled it: what the answer line carries, and a late result repeats. */
export const HostAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), result: z.record(z.string(), z.json()) }),
  z.strictObject({ ok: z.literal(false), fault: text(64), detail: text(4096) }),
]);
export type HostAnswer = z.infer<typeof HostAnswer>;

/** A domain's state in our words: `suspended` is paused in memory, `saved` has an image of its memory on disk. */
export const DomainState = z.enum(['running', 'stopping', 'stopped', 'suspended', 'saved', 'error']);
export type DomainState = z.infer<typeof DomainState>;

export const DomainEvent = z.strictObject({
  at: Instant,
  domain: z.guid(),
  /** Absent for domains that are not ours. */
  vmId: VmId.optional(),
  kind: z.enum([
    'started',
    'stopped',
    'crashed',
    'paused',
    'resumed',
    'shutdown',
    'ready',
    'not-ready',
    'undefined',
    'defined',
  ]),
  /** libvirt's detail (`booted`, `shutdown`, `destroyed`, `ioerror: enospc on /pool/a` …), or for readiness one CamelCase word (`AgentAnswers`, `AddressKnown`, `PortOpen`, `NotReadyInTime`). */
  reason: text(200),
  addresses: z.array(text(64)).max(64).optional(),
  /** The end of the serial console, sent with `not-ready` and `crashed`; at most 4 KiB. */
  serialTail: text(4096).optional(),
});
export type DomainEvent = z.infer<typeof DomainEvent>;

/** One domain of the host, ours or a stranger's. */
export const InventoryDomain = z.strictObject({
  uuid: z.guid(),
  name: text(512),
  state: DomainState,
  reason: text(200),
  vcpus: z.number().int().nonnegative(),
  memoryMiB: z.number().int().nonnegative(),
  /** From our metadata element, where it is there. */
  vmId: VmId.optional(),
  installation: text(64).optional(),
  operationId: OperationId.optional(),
  addresses: z.array(text(64)).max(64),
  /** Writable disks only; CDs and the seed are left out. Strangers' raw disks may be in size 0 where it is not known. */
  disks: z.array(z.strictObject({ target: text(32), path: text(1024), sizeGiB: z.number().nonnegative() })).max(64),
  nics: z.array(z.strictObject({ mac: text(32), network: text(256).optional() })).max(64),
});
export type InventoryDomain = z.infer<typeof InventoryDomain>;

/** What a host keeps of one VM in our directories; of several files of a kind the bytes are added up. */
const ReportFile = z.strictObject({
  vmId: VmId,
  kind: z.enum(['disk', 'seed', 'console', 'retained']),
  bytes: z.number().int().nonnegative(),
});

/** What changes on a host while it runs; the rest of its facts stays as enrolment found it. */
const ReportFacts = z.strictObject({
  freeGiB: z.number().nonnegative(),
  freeMemoryMiB: z.number().int().nonnegative(),
  /** Ids of the images in the host's cache. */
  images: z.array(text(64)).max(1000),
  /** Left out while nothing came and nothing went, but for once an hour; units of before know nothing of it. */
  files: z.array(ReportFile).max(4000).optional(),
  sizeGiB: z.number().nonnegative().optional(),
  networks: z.array(text(256)).max(256).optional(),
  libvirtVersion: text(64).optional(),
  qemuVersion: text(64).optional(),
  kernel: text(256).optional(),
  /** The last link of the host's chain: told where the plane asks for it. */
  identity: Link.optional(),
});

/** A command's outcome that no document waited for (an image had to be fetched first). */
export const LateResult = z.strictObject({ op: OperationId, attempt: z.number().int().positive(), answer: HostAnswer });
export type LateResult = z.infer<typeof LateResult>;

/** What a host unit sends to POST /v1/hosts/{id}/report: each 10 s, and at once when something happens. */
export const Report = z.strictObject({
  unitVersion: text(64),
  /** Rises with each report, over restarts too (several that waited go as one, by the number of the last); a lower one than the last is a late repeat. */
  seq: z.number().int().positive(),
  /** The host's clock when it was sent, for the last time; it may have waited for an hour by then. */
  sentAt: Instant,
  /** The host's clock when the inventory was taken. */
  seenAt: Instant.optional(),
  facts: ReportFacts.optional(),
  /** Since when, by the host's clock, libvirt has not answered the unit; absent while it does, and from units of before. */
  libvirtAwaySince: Instant.optional(),
  events: z.array(DomainEvent).max(500),
  /** Every domain of the host: at the unit's start, on any change, and at least each 60 s. */
  inventory: z.array(InventoryDomain).max(2000).optional(),
  results: z.array(LateResult).max(100).optional(),
});
export type Report = z.infer<typeof Report>;

/** What the plane answers to a report. */
export const ReportAnswer = z.strictObject({
  beatSeconds: z.number().int().positive(),
  wanted: z
    .strictObject({
      /** Images that the plane needs no more: the host drops its copies, but for those its own disks stand on. */
      dropImages: z.array(z.string()).optional(),
      /** Nothing is known yet by which the host could be told from another machine. */
      identity: z.literal(true).optional(),
    })
    .optional(),
  /** The rotated host token; the unit stores it before it uses it. */
  token: z.string().optional(),
});
export type ReportAnswer = z.infer<typeof ReportAnswer>;

/** The trouble that a domain is in, by its state and libvirt's reason for it; undefined where it is none. */
export const troubleOf = (state: DomainState, reason: string): Trouble | undefined => {
  // One that libvirt takes away, or keeps, as it crashed is off, or paused.
  if (state === 'error' || (state !== 'running' && reason === 'crashed')) return { reason: CRASHED };
  return state === 'suspended' ? ioErrorOf(reason) : undefined;
};

const IO_ERROR = 'ioerror';

/** A unit of before, or one that began after the error, sends the bare word. */
const ioErrorOf = (reason: string): Trouble | undefined => {
  if (reason === IO_ERROR) return { reason: PAUSED_ON_IO_ERROR };
  const prefix = `${IO_ERROR}: `;
  return reason.startsWith(prefix) ? { reason: PAUSED_ON_IO_ERROR, cause: reason.slice(prefix.length) } : undefined;
};

/** A domain of an inventory as every provider reports a VM; the mark counts only where it is this installation's. */
export const observedOf = (
  domain: InventoryDomain,
  where: { readonly installation: string; readonly location: Location },
): Observed => {
  const ours = domain.installation === where.installation;
  const trouble = troubleOf(domain.state, domain.reason);
  return {
    providerId: domain.uuid,
    name: domain.name,
    state: domain.state,
    ...trouble,
    ...(ours && domain.vmId ? { vmId: domain.vmId } : {}),
    ...(ours && domain.operationId ? { operationId: domain.operationId } : {}),
    location: where.location,
    vcpus: domain.vcpus,
    memoryMiB: domain.memoryMiB,
    disks: domain.disks
      .filter((disk) => disk.sizeGiB > 0)
      .map((disk, index) => ({
        name: disk.target,
        sizeGiB: disk.sizeGiB,
        boot: index === 0,
        providerId: disk.path,
      })),
    nics: domain.nics.map((nic) => ({
      mac: nic.mac,
      ...(nic.network === undefined ? {} : { network: nic.network }),
      addresses: [],
    })),
    addresses: domain.addresses,
    tags: {},
  };
};

/** The VM state that a lifecycle event proves; undefined for events that say nothing of it. */
export const stateAfter = ({ kind, reason }: Pick<DomainEvent, 'kind' | 'reason'>): DomainState | undefined =>
  kind === 'stopped' && reason === 'saved' ? 'saved' : STATE_AFTER[kind];

const STATE_AFTER: Partial<Record<DomainEvent['kind'], DomainState>> = {
  started: 'running',
  resumed: 'running',
  ready: 'running',
  'not-ready': 'running',
  paused: 'suspended',
  shutdown: 'stopping',
  stopped: 'stopped',
  crashed: 'error',
};
