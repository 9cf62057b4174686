import { newAllowance } from '../../../lambdas/domain/alerts/rate-limit.ts';
import type { Asked } from '../../../lambdas/domain/asked.ts';
import type { AuditEntry } from '../../../lambdas/domain/audit-entry.ts';
import { daysOff, type TimeOff } from '../../../lambdas/domain/time-off.ts';
import type { Vm } from '../../../lambdas/domain/vm.ts';
import * as alertGroups from '../../../lambdas/store/alert-groups.ts';
import * as alerts from '../../../lambdas/store/alerts.ts';
import * as allowances from '../../../lambdas/store/allowances.ts';
import * as audit from '../../../lambdas/store/audit.ts';
import * as calendars from '../../../lambdas/store/calendars.ts';
import * as digests from '../../../lambdas/store/digests.ts';
import * as events from '../../../lambdas/store/events.ts';
import * as groups from '../../../lambdas/store/groups.ts';
import * as images from '../../../lambdas/store/images.ts';
import * as keys from '../../../lambdas/store/keys.ts';
import { isBegunBefore } from '../../../lambdas/store/launches.ts';
import * as names from '../../../lambdas/store/names.ts';
import * as operations from '../../../lambdas/store/operations.ts';
import * as pace from '../../../lambdas/store/pace.ts';
import * as projects from '../../../lambdas/store/projects.ts';
import * as routings from '../../../lambdas/store/routing.ts';
import * as rules from '../../../lambdas/store/rules.ts';
import * as schedules from '../../../lambdas/store/schedules.ts';
import * as silences from '../../../lambdas/store/silences.ts';
import * as table from '../../../lambdas/store/table.ts';
import * as timeOff from '../../../lambdas/store/time-off.ts';
import * as vms from '../../../lambdas/store/vms.ts';
import * as windows from '../../../lambdas/store/windows.ts';
import { newAlert, newAlertGroup, newRouting, newSilence } from '../../support/alert-rows.ts';
import {
  insertProject,
  newCalendar,
  newGroup,
  newRule,
  newSchedule,
  newVm,
  newWindow,
  signIn,
} from '../../support/api.ts';
import { anOperation } from '../../support/world.ts';

const IMAGE = 'img-0000000000000001';

/** A tenant, and how much it has of everything. */
export interface Tenant {
  readonly project: string;
  /** Stands in each id and each text of it, and nowhere else. */
  readonly word: string;
  readonly count: number;
}

const askedBy = ({ project, word }: Tenant, number: number, at: string): Asked => ({
  by: { id: `token:${word}`, name: word, project, role: 'operator', system: false },
  action: 'update-vm',
  from: '192.0.2.7',
  requestId: 'r',
  at,
  key: `${word}-${number}`,
  hash: `hash-${word}`,
});

const entryOf = ({ project, word }: Tenant, at: string): Omit<AuditEntry, 'id' | 'version'> => ({
  at,
  project,
  action: 'stop-vm',
  by: word,
  outcome: 'accepted',
});

const timeOffOf = ({ project, word }: Tenant, vm: Vm, since: string): TimeOff => ({
  vmId: vm.id,
  vmName: vm.name,
  project,
  scheduleId: `sch-${word}`,
  scheduleName: word,
  owner: word,
  tags: { of: word },
  usdPerHour: 1,
  priceKind: 'list',
  since,
  version: 1,
});

/** Writes of one VM's life and what goes with it: one row at least of each kind that a project has, by the modules that write them. */
const rowsOf = async (tenant: Tenant, vm: Vm, number: number, at: string): Promise<readonly table.Write[]> => {
  const { project, word } = tenant;
  const id = `op-${word}-${number}`;
  const operation = anOperation(number, { id, project, vmId: vm.id, vmName: vm.name, by: word, endedAt: at });
  return [
    table.putNew(vms.entity, vm),
    table.putNew(operations.entity, operation),
    events.writing({ vmId: vm.id, project, at, type: 'OperationSucceeded', message: word, operationId: id }),
    events.writing({ vmId: vm.id, project, at, type: 'StateChanged', message: word }),
    names.taking('vm', { ...vm, project }),
    images.cloning(IMAGE, vm, at),
    ...keys.remembering(askedBy(tenant, number, at), vm.id),
    ...schedules.inserting(
      newSchedule({ id: `sch-${word}-${number}`, name: `s-${word}-${number}`, project, by: word, description: word }),
    ),
    table.put(timeOff.offEntity, timeOffOf(tenant, vm, at)),
    ...daysOff(timeOffOf(tenant, vm, '2026-11-25T23:00:00.000Z'), '2026-11-26T01:00:00.000Z', word).map((day) =>
      table.put(timeOff.dayEntity, day),
    ),
    ...calendars.inserting(
      newCalendar({ id: `cal-${word}-${number}`, name: `c-${word}-${number}`, project, by: word, description: word }),
    ),
    ...groups.inserting(
      newGroup({ id: `grp-${word}-${number}`, name: `g-${word}-${number}`, project, by: word, description: word }),
    ),
    ...windows.inserting(
      newWindow({ id: `win-${word}-${number}`, name: `w-${word}-${number}`, project, by: word, description: word }),
    ),
    table.putNew(
      rules.entity,
      newRule({ id: `rul-${word}-${number}`, name: `r-${word}-${number}`, project, by: word, description: word }),
    ),
    alerts.writing(newAlert({ project, labels: { alertname: word, number: `${number}` } })),
    alertGroups.writing(newAlertGroup({ project, id: `agr-${word}-${number}`, receiver: word })),
    table.putNew(
      allowances.entity,
      newAllowance({ project, receiver: word, key: `${word}/webhook[${number}]` }, Date.parse(at)),
    ),
    table.putNew(digests.entity, {
      project,
      id: `alw-${word}-${number}`,
      alerts: [],
      more: 0,
      keptUntil: at,
      version: 1,
    }),
    silences.inserting(newSilence({ project, id: `${word}-${number}`, createdBy: word })),
    audit.writing(entryOf(tenant, at)),
  ];
};

/** Fills a project with every kind of row. All its VMs are gone, and all its tokens have ended. */
export const fill = async (tenant: Tenant, at: string): Promise<void> => {
  const { project, word, count } = tenant;
  if (project !== 'default') await insertProject({ id: project, by: word, maxOperationsPerMinute: 99 });
  for (let number = 0; number < count; number += 1) {
    const id = `vm-${word}-${number}`;
    const vm = newVm({ id, name: `${word}-${number}`, project, state: 'deleted', changedAt: at, version: 3 });
    await table.transact(await rowsOf(tenant, vm, number, at));
    await isBegunBefore({ operationId: `op-${word}-${number}`, project, attempt: 1, refused: 1 });
    await signIn('operator', { id: `tok-${word}-${number}`, name: word, project, revokedAt: at });
  }
  await table.transact([
    routings.writing(newRouting({ project, by: word })),
    table.writing(rules.setEntity, { project, version: 0 }),
  ]);
  await table.transact([...(await pace.keeping(project, at)), audit.writing(entryOf(tenant, at))]);
  pace.forget(project);
};

/** Deletes it, as its route does. */
export const deleteProject = async (id: string, at: string): Promise<void> => {
  const project = await projects.find(id);
  if (project === undefined) throw new Error(`no project ${id}`);
  await table.save(table.swapping(projects.entity, table.next({ ...project, live: false, deletedAt: at })));
};

/** Kinds of rows that projects have, and of which `fill` makes some; `pace`, which no entity writes, is counted up. */
export const PROJECTS_KINDS = [
  'vm',
  'operation',
  'event',
  'token',
  'name',
  'clone',
  'key',
  'launch-begun',
  'schedule',
  'time-off',
  'day-off',
  'calendar',
  'group',
  'rule',
  'rule-set',
  'window',
  'alert',
  'alert-group',
  'allowance',
  'digest',
  'silence',
  'routing',
] as const;

/** Kinds of rows that are the installation's own, and tell of no project's people but what is said here. */
export const INSTALLATIONS_KINDS: Readonly<Record<string, string>> = {
  project: 'is left as an id that nobody is given again',
  audit: 'is the audit log on its way to its chain',
  'open-operation': 'goes with the end of its operations; a project with an open one is not erased',
  host: 'belongs to the installation',
  beat: 'belongs to a host',
  measured: 'says that there are hosts, or were',
  holdings: 'belongs to a host, and is what it holds now',
  image: 'belongs to the installation',
  'audit-run': 'is written anew each hour',
  collector: 'is written anew each hour',
  secret: 'is the key of cursors',
};
