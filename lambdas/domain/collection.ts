import * as z from 'zod';
import { Instant } from './ids.ts';
import type { Finding } from './invariants/kinds.ts';
import { isLive, type World } from './invariants/world.ts';
import type { Operation } from './operation.ts';
import { ProviderName, type Vm } from './vm.ts';

/** What a create that came to nothing left at its provider: the one thing that is ever taken away without being asked. */
export const Leftover = z.strictObject({
  vmId: z.string(),
  name: z.string(),
  operationId: z.string(),
  provider: ProviderName,
  place: z.string().optional(),
});
export type Leftover = z.infer<typeof Leftover>;

/** What the collector knows of itself: which table it may trust, and what a person has let it take. */
export interface Collector {
  /** The state table's id when a person last said that its rows may be acted on. */
  readonly tableId: string;
  /** The id that was seen last; another one means that the table was restored. */
  readonly seenTableId: string;
  /** VMs that were too many for one run. */
  readonly refused: readonly string[];
  /** Those of them that a person has looked through. */
  readonly approved: readonly string[];
  /** The audit whose leftovers were taken last: each is worked through once. */
  readonly workedOn?: string;
  readonly version: number;
}

/** A create's own undo, and the looks that cover a lost answer, are over by then. */
const GRACE_MS = 15 * 60_000;

const isUndone = ({ kind, state }: Operation): boolean =>
  kind === 'create-vm' && (state === 'failed' || state === 'cancelled');

/** Whether the rows say that nothing is meant to be there: asked once more of fresh rows before anything is taken. */
export const isLeftBehind = (vm: Vm | undefined, last: Operation | undefined, at: string): boolean =>
  vm !== undefined &&
  last !== undefined &&
  vm.managed &&
  vm.spec !== undefined &&
  !isLive(vm) &&
  vm.lock === undefined &&
  vm.retainedUntil === undefined &&
  last.vmId === vm.id &&
  isUndone(last) &&
  Date.parse(at) - Date.parse(last.endedAt ?? at) >= GRACE_MS;

/** Of what an audit found, that which may be taken away. What has no row, or any other history, is a person's to judge. */
export const leftoversOf = (world: World, findings: readonly Finding[]): Leftover[] => {
  const vms = new Map(world.vms.map((vm) => [vm.id, vm]));
  const last = new Map<string, Operation>();
  for (const operation of world.operations.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))) {
    if (operation.vmId !== undefined) last.set(operation.vmId, operation);
  }
  const subjects = findings.filter(({ kind }) => kind === 'MachineLeft' || kind === 'FileLeft');
  return [...new Map(subjects.map((finding) => [finding.subject, finding])).values()].flatMap(({ subject, place }) => {
    const [vm, operation] = [vms.get(subject), last.get(subject)];
    if (vm === undefined || operation === undefined || !isLeftBehind(vm, operation, world.at)) return [];
    const { id: vmId, name, provider } = vm;
    return [{ vmId, name, operationId: operation.id, provider, ...(place === undefined ? {} : { place }) }];
  });
};

/** VMs of ours that are there, or shall be. */
export const fleetOf = ({ vms }: World): number => vms.filter((vm) => vm.managed && isLive(vm)).length;

/** The most that one run takes without a person: a twentieth of the fleet, and three where the fleet is tiny. */
export const allowanceOf = (fleet: number): number => Math.max(3, Math.floor(fleet / 20));

/** What one run would do. */
export const Plan = z.strictObject({
  /** `locked`: the table is not the one that was trusted. `tripped`: too many for one run. */
  state: z.enum(['open', 'locked', 'tripped']),
  reason: z.string().optional(),
  /** What is taken by the next run. */
  take: z.array(Leftover),
  /** What is left there until a person approves. */
  held: z.array(Leftover),
});
export type Plan = z.infer<typeof Plan>;

const locked = (leftovers: readonly Leftover[], { tableId, seenTableId }: Collector): Plan => ({
  state: 'locked',
  reason: `The state table is ${seenTableId}, not ${tableId}: it was restored, and its rows may be older than what is there.`,
  take: [],
  held: [...leftovers],
});

/** Decides over all leftovers of one audit. */
export const planOf = (leftovers: readonly Leftover[], fleet: number, collector: Collector): Plan => {
  if (collector.tableId !== collector.seenTableId) return locked(leftovers, collector);
  const approved = new Set(collector.approved);
  const take = leftovers.filter(({ vmId }) => approved.has(vmId));
  const rest = leftovers.filter(({ vmId }) => !approved.has(vmId));
  const allowance = allowanceOf(fleet);
  if (rest.length <= allowance) return { state: 'open', take: [...take, ...rest], held: [] };
  const reason = `${rest.length} leftovers in a fleet of ${fleet}: one run takes ${allowance} at most.`;
  return { state: 'tripped', reason, take, held: rest };
};

/** One audit of the installation, as it is kept until the next. */
export const AuditRun = z.strictObject({
  at: Instant,
  total: z.number().int().nonnegative(),
  counts: z.record(z.string(), z.number().int().nonnegative()),
  fleet: z.number().int().nonnegative(),
});
export type AuditRun = z.infer<typeof AuditRun>;
