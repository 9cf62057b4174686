import * as z from 'zod';
import { HostId, Instant, Name, OperationId } from './ids.ts';

export const HostState = z.enum(['enrolling', 'ready', 'draining', 'unreachable', 'retired']);
export type HostState = z.infer<typeof HostState>;

/** One check of enrolment: what was looked at, whether it holds, and what to do where it does not. */
export const HostCheck = z.strictObject({
  name: z.string(),
  ok: z.boolean(),
  /** A check that must hold before the host takes VMs. */
  required: z.boolean(),
  detail: z.string(),
  fix: z.string().optional(),
});
export type HostCheck = z.infer<typeof HostCheck>;

/** What the enrolment document found, and the host unit keeps up to date. */
export const HostFacts = z.strictObject({
  libvirtVersion: z.string(),
  qemuVersion: z.string(),
  cpuModel: z.string(),
  cores: z.number().int().positive(),
  memoryMiB: z.number().int().positive(),
  /** What is really free now, strangers' VMs and the host's own processes counted. */
  freeMemoryMiB: z.number().int().nonnegative().optional(),
  accel: z.enum(['kvm', 'tcg', 'none']),
  accelReason: z.string().optional(),
  kernel: z.string(),
  pool: z.strictObject({ path: z.string(), sizeGiB: z.number(), freeGiB: z.number() }),
  networks: z.array(z.string()),
  machineTypes: z.array(z.string()),
  unitVersion: z.string(),
  checks: z.array(HostCheck),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** An upgrade of a host's unit that was sent and not yet seen in a report. */
export const UnitUpgrade = z.strictObject({
  version: z.string(),
  /** Its fence on the host. */
  operationId: OperationId,
  attempt: z.number().int().positive(),
  at: Instant,
});
export type UnitUpgrade = z.infer<typeof UnitUpgrade>;

export const Host = z.strictObject({
  id: HostId,
  name: Name,
  state: HostState,
  /** Placement puts nothing new on an inactive host. */
  active: z.boolean(),
  /** SSM managed node, `mi-…` or `i-…`; absent until it registered. */
  nodeId: z.string().optional(),
  facts: HostFacts.optional(),
  /** The link of its chain of hashes that is known; the host alone can name the one before (host-proof.ts). */
  identity: z.string().optional(),
  tags: z.record(z.string(), z.string()),
  /** Sum over the VMs placed here, kept by compare-and-set with each create and remove. */
  allocated: z.strictObject({ vcpus: z.number(), memoryMiB: z.number(), diskGiB: z.number() }),
  /** Ids of the images in its cache. */
  images: z.array(z.string()),
  upgrade: UnitUpgrade.optional(),
  /** Where the API shows it, from the host's beat. In the row itself only as an earlier release left it. */
  beatAt: Instant.optional(),
  /** The last beat as an earlier release kept it here; 0 once the host has a row of its own for it. */
  beatSeq: z.number().int().nonnegative(),
  /** Why it is not ready, in words. */
  reason: z.string().optional(),
  createdAt: Instant,
  changedAt: Instant,
  version: z.number().int().positive(),
});
export type Host = z.infer<typeof Host>;

/** A host's last sign of life. It comes each 10 s, so it lies in a small row of its own, and the host's row is left alone. */
export interface Beat {
  readonly hostId: string;
  readonly at: string;
  /** The report's `seq`: it rises with each. */
  readonly version: number;
  /** What the last reports took by two clocks, ours less the host's (report-delay.ts); absent in beats of before. */
  readonly delaysMs?: readonly number[];
}

/** The number of the last report that was taken in; a row of an earlier release, or of a roll-back to it, may know a later one. */
export const lastSeqOf = ({ beatSeq }: Pick<Host, 'beatSeq'>, beat: Beat | undefined): number =>
  Math.max(beatSeq, beat?.version ?? 0);

/** Whether it is at work: its word is waited for, and may fail to come. */
export const isAwaited = ({ state }: Pick<Host, 'state'>): boolean => state === 'ready' || state === 'draining';

/** The state of a host that speaks: `draining` is one that is to take nothing new, however long it was silent meanwhile. */
export const atWork = ({ active }: Pick<Host, 'active'>): HostState => (active ? 'ready' : 'draining');

/** The host after a person let placement use it, or not. Only one at work changes its state; any other comes back as it was left. */
export const withActive = (host: Host, active: boolean): Host => {
  const after = { ...host, active };
  return isAwaited(host) ? { ...after, state: atWork(after) } : after;
};
