import type { Calendar } from '../domain/calendar.ts';
import type { Host } from '../domain/host.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import type { Image } from '../domain/image.ts';
import { secretsIn } from '../domain/invariants/own-rows.ts';
import type { AuditRow, CloneRow, NameRow, RowFault, World } from '../domain/invariants/world.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import type { Operation } from '../domain/operation.ts';
import type { Project } from '../domain/project.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { Vm } from '../domain/vm.ts';
import type { VmGroup } from '../domain/vm-group.ts';
import * as alertGroups from './alert-groups.ts';
import * as alerts from './alerts.ts';
import * as allowances from './allowances.ts';
import * as audit from './audit.ts';
import * as calendars from './calendars.ts';
import * as digests from './digests.ts';
import * as events from './events.ts';
import * as groups from './groups.ts';
import * as holdings from './holdings.ts';
import * as hosts from './hosts.ts';
import * as images from './images.ts';
import * as opens from './opens.ts';
import * as operations from './operations.ts';
import * as routings from './routing.ts';
import * as rules from './rules.ts';
import * as schedules from './schedules.ts';
import * as silences from './silences.ts';
import * as timeOff from './time-off.ts';
import * as vms from './vms.ts';
import * as windows from './windows.ts';
import { type Entity, type Item, toRow } from './write.ts';

/** All rows that the invariants are about, by their kind. */
export interface Held {
  readonly vms: Vm[];
  readonly operations: Operation[];
  readonly opens: string[];
  readonly openTogether: (readonly string[])[];
  readonly names: NameRow[];
  readonly clones: CloneRow[];
  readonly hosts: Host[];
  readonly images: Image[];
  readonly schedules: World['schedules'][number][];
  readonly calendars: World['calendars'][number][];
  readonly groups: World['groups'][number][];
  readonly windows: World['windows'][number][];
  readonly audits: AuditRow[];
  readonly holdings: holdings.Holdings[];
  readonly projects: Set<string>;
  readonly deleted: Set<string>;
  readonly counts: Map<string, number>;
  readonly misplaced: RowFault[];
  readonly leaks: RowFault[];
}

const nothing = (): Held => ({
  vms: [],
  operations: [],
  opens: [],
  openTogether: [],
  names: [],
  clones: [],
  hosts: [],
  images: [],
  schedules: [],
  calendars: [],
  groups: [],
  windows: [],
  audits: [],
  holdings: [],
  projects: new Set([DEFAULT_PROJECT]),
  deleted: new Set(),
  counts: new Map(),
  misplaced: [],
  leaks: [],
});

// Rows are written through the entities only, so `entity` names their type; what is kept is as long as the table, so rows lose
// here what no invariant reads.
const KEEP: Readonly<Record<string, (held: Held, item: Item) => void>> = {
  vm: (held, item) => held.vms.push(toRow<Vm>(item)),
  operation: (held, item) => held.operations.push({ ...toRow<Operation>(item), input: {}, requestHash: '' }),
  'open-operation': (held, item) => {
    const { ids, isShared } = opens.idsIn(item);
    if (isShared) held.openTogether.push(ids);
    else held.opens.push(...ids);
  },
  name: (held, item) => held.names.push(toRow<NameRow>(item)),
  clone: (held, item) => held.clones.push(toRow<CloneRow>(item)),
  host: (held, item) => held.hosts.push(toRow<Host>(item)),
  image: (held, item) => held.images.push(toRow<Image>(item)),
  schedule: (held, item) => {
    const { id, name, project, nextAt } = toRow<Schedule>(item);
    held.schedules.push({ id, name, project, ...(nextAt === undefined ? {} : { nextAt }) });
  },
  calendar: (held, item) => {
    const { id, name, project } = toRow<Calendar>(item);
    held.calendars.push({ id, name, project });
  },
  group: (held, item) => {
    const { id, name, project } = toRow<VmGroup>(item);
    held.groups.push({ id, name, project });
  },
  window: (held, item) => {
    const { id, name, project } = toRow<MaintenanceWindow>(item);
    held.windows.push({ id, name, project });
  },
  holdings: (held, item) => held.holdings.push(toRow<holdings.Holdings>(item)),
  project: (held, item) => {
    const { id, vms, live } = toRow<Project>(item);
    held.projects.add(id);
    if (!live) held.deleted.add(id);
    if (live && vms !== undefined) held.counts.set(id, vms);
  },
  audit: (held, item) => {
    for (const { operationId, outcome, at } of audit.entriesIn(item))
      held.audits.push({ outcome, at, ...(operationId === undefined ? {} : { operationId }) });
  },
};

// Each is asked for rows of its own name only.
const ENTITIES = new Map<string, Entity<never>>(
  [
    vms.entity,
    operations.entity,
    hosts.entity,
    images.entity,
    schedules.entity,
    calendars.entity,
    groups.entity,
    windows.entity,
    events.entity,
    holdings.entity,
    timeOff.offEntity,
    timeOff.dayEntity,
    alerts.entity,
    alertGroups.entity,
    allowances.entity,
    digests.entity,
    silences.entity,
    routings.entity,
    rules.entity,
    rules.setEntity,
  ].map((entity) => [entity.name, entity as Entity<never>]),
);

/** Where a row lies that lies where its kind does not; undefined where all is well. */
const strayOf = (item: Item): string | undefined => {
  const entity = ENTITIES.get(String(item.entity));
  if (entity === undefined) return undefined;
  const row = toRow<never>(item);
  const { gsi1, gsi2 } = entity.indexes?.(row) ?? {};
  const keys = { ...entity.key(row), gsi1pk: gsi1?.pk, gsi1sk: gsi1?.sk, gsi2pk: gsi2?.pk, gsi2sk: gsi2?.sk };
  const wrong = Object.entries(keys).find(([name, value]) => item[name] !== value);
  return wrong && `${wrong[0]} is ${String(item[wrong[0]])}; its kind lies at ${wrong[1]}.`;
};

/** Takes rows in one by one, so that a table larger than memory's half passes through. */
export const heldOf = async (items: AsyncIterable<Item> | Iterable<Item>): Promise<Held> => {
  const held = nothing();
  for await (const item of items) {
    KEEP[String(item.entity)]?.(held, item);
    const subject = `${item.pk} ${item.sk}`;
    const stray = strayOf(item);
    if (stray !== undefined) held.misplaced.push({ subject, detail: stray });
    for (const secret of secretsIn(item)) held.leaks.push({ subject, detail: `It carries what looks like ${secret}.` });
  }
  return held;
};
