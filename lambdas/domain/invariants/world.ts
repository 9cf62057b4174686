import type { Host } from '../host.ts';
import type { Operation } from '../operation.ts';
import type { PlacementSettings } from '../placement.ts';
import type { ProviderName, Vm } from '../vm.ts';
import type { VmState } from '../vm-state.ts';

/** An instance or a domain that carries the mark of this installation, as its place told it last. */
export interface Machine {
  readonly provider: ProviderName;
  /** Region, or id of the host. */
  readonly place: string;
  readonly providerId: string;
  readonly vmId: string;
  readonly state: VmState;
}

/** What a host keeps of one VM in our directories: `retained` is what a deleted VM left until its day. */
export interface HeldFile {
  readonly hostId: string;
  readonly vmId: string;
  readonly kind: 'disk' | 'seed' | 'console' | 'retained';
  readonly bytes: number;
}

/** An EBS volume with our mark. */
export interface Volume {
  readonly region: string;
  readonly id: string;
  readonly vmId?: string;
  readonly attached: boolean;
  readonly createdAt: string;
}

/** User-data that waits for its VM's launch. */
export interface UserData {
  readonly vmId: string;
  readonly at: string;
}

/** A name in use. */
export interface NameRow {
  readonly kind: 'vm' | 'host' | 'image' | 'schedule' | 'calendar' | 'group' | 'window';
  readonly name: string;
  /** Of a VM's, a schedule's, a calendar's, a group's or a window's name, where it is not `default`. */
  readonly project?: string;
  readonly holder: string;
}

/** What has its name within a project. */
interface Named {
  readonly id: string;
  readonly name: string;
  readonly project: string;
}

/** A schedule, and when it is to be looked at next, if ever. */
interface ScheduleRow extends Named {
  readonly nextAt?: string;
}

/** That a VM's disk stands on an image. */
export interface CloneRow {
  readonly imageId: string;
  readonly vmId: string;
  readonly until?: string;
}

/** One row of the outbox of audit entries, as far as an operation's end is told by it. */
export interface AuditRow {
  readonly operationId?: string;
  readonly outcome: string;
  readonly at: string;
}

/** A row at fault by itself: it lies under a key that is not its own, or carries what looks like a secret. */
export interface RowFault {
  readonly subject: string;
  readonly detail: string;
}

/** Everything that is held, beside everything that was seen, at one moment. */
export interface World {
  readonly at: string;
  /** How long what is under way may look wrong: nothing in a test, minutes in production. */
  readonly graceSeconds: number;
  readonly vms: readonly Vm[];
  readonly operations: readonly Operation[];
  /** Ids of the rows by which the sweeper knows open operations. */
  readonly opens: readonly string[];
  /** Ids in each of the rows by which it knows several; one may have ended before the others. */
  readonly openTogether: readonly (readonly string[])[];
  readonly names: readonly NameRow[];
  readonly clones: readonly CloneRow[];
  readonly hosts: readonly Host[];
  readonly images: readonly { readonly id: string; readonly name: string }[];
  readonly schedules: readonly ScheduleRow[];
  readonly calendars: readonly Named[];
  readonly groups: readonly Named[];
  readonly windows: readonly Named[];
  readonly audits: readonly AuditRow[];
  readonly misplaced: readonly RowFault[];
  readonly leaks: readonly RowFault[];
  readonly machines: readonly Machine[];
  /** Places whose machines are all known: a VM that is missed there is missing. */
  readonly looked: ReadonlySet<string>;
  readonly files: readonly HeldFile[];
  readonly volumes: readonly Volume[];
  readonly userData: readonly UserData[];
  readonly overcommit: PlacementSettings;
  /** Ids of the projects there are, deleted ones with their history among them. */
  readonly projects: ReadonlySet<string>;
  /** Those of them that are deleted. */
  readonly deleted: ReadonlySet<string>;
  /** How many VMs each project has counted, where it counts. */
  readonly counts: ReadonlyMap<string, number>;
  /** The state table's own id, and the one that was remembered when a person last approved of it. */
  readonly table?: { readonly id: string; readonly remembered: string };
}

/** The world with what the rules look up in it. */
export interface Known extends World {
  readonly vm: ReadonlyMap<string, Vm>;
  readonly operation: ReadonlyMap<string, Operation>;
  /** Operations by VM, oldest first. */
  readonly ofVm: ReadonlyMap<string, readonly Operation[]>;
  readonly machinesOf: ReadonlyMap<string, readonly Machine[]>;
}

const byKey = <T>(rows: readonly T[], keyOf: (row: T) => string | undefined): Map<string, T[]> => {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const known = found.get(key);
    if (known === undefined) found.set(key, [row]);
    else known.push(row);
  }
  return found;
};

/** Makes the look-ups once for all rules. */
export const known = (world: World): Known => ({
  ...world,
  vm: new Map(world.vms.map((vm) => [vm.id, vm])),
  operation: new Map(world.operations.map((operation) => [operation.id, operation])),
  ofVm: byKey(
    world.operations.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
    ({ vmId }) => vmId,
  ),
  machinesOf: byKey(world.machines, ({ vmId }) => vmId),
});

/** Whether something that began then is past the grace. */
export const isPastGrace = ({ at, graceSeconds }: World, since: string): boolean =>
  Date.parse(at) - Date.parse(since) >= graceSeconds * 1000;

/** Whether the VM shall be there: an operation that holds it may still be making it, or taking it away. */
export const isLive = ({ state }: Vm): boolean => state !== 'deleted';

/** Whether its row is the last word on it: nobody is at work on it. */
export const isSettled = (world: World, vm: Vm): boolean => vm.lock === undefined && isPastGrace(world, vm.changedAt);
