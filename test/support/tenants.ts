import type { Operation } from '../../lambdas/domain/operation.ts';
import type { Role } from '../../lambdas/domain/principal.ts';
import * as alerts from '../../lambdas/store/alerts.ts';
import * as operations from '../../lambdas/store/operations.ts';
import * as projects from '../../lambdas/store/projects.ts';
import * as silences from '../../lambdas/store/silences.ts';
import * as table from '../../lambdas/store/table.ts';
import { newAlert, newSilence } from './alert-rows.ts';
import {
  AT,
  insertCalendar,
  insertGroup,
  insertHost,
  insertImage,
  insertRule,
  insertSchedule,
  insertVm,
  insertWindow,
  newCalendar,
  newGroup,
  newHost,
  newImage,
  newRule,
  newSchedule,
  newVm,
  newWindow,
  signIn,
} from './api.ts';
import { leaves } from './audited.ts';

/** Two tenants whose rows are told apart by their letter, and by a word that no answer to the other may hold. */
export type Tenant = 'shop' | 'bank';
const LETTER: Record<Tenant, string> = { shop: 'a', bank: 'b' };

/** What nobody but this tenant may read. */
export const canaryOf = (tenant: Tenant): string => `canary-of-${tenant}`;

type Owned = 'vm' | 'operation' | 'token' | 'schedule' | 'calendar' | 'group' | 'window' | 'rule' | 'silence' | 'alert';
const idOf = (kind: Owned, letter: string): string =>
  ({
    vm: `vm-${letter.repeat(16)}`,
    operation: `op-${letter.repeat(26)}`,
    token: `tok-${letter.repeat(16)}`,
    schedule: `sch-${letter.repeat(16)}`,
    calendar: `cal-${letter.repeat(16)}`,
    group: `grp-${letter.repeat(16)}`,
    window: `win-${letter.repeat(16)}`,
    rule: `rul-${letter.repeat(16)}`,
    // A UUID knows no z.
    alert: (letter === 'z' ? 'c' : letter).repeat(16),
    silence: '00000000-0000-4000-8000-000000000000'.replaceAll('0', letter === 'z' ? 'c' : letter),
  })[kind];

/** Of a row of this tenant. */
export const ownId = (kind: Owned, tenant: Tenant): string => idOf(kind, LETTER[tenant]);

/** Of a row that never was. */
export const neverId = (kind: Owned): string => idOf(kind, 'z');

/** The project's token of this role. */
export const tokenOf = (project: string, role: Exclude<Role, 'host'>): Promise<string> =>
  signIn(role, { id: `tok-${project}${role}`.padEnd(20, '0').slice(0, 20), name: role, project, system: false });

const anOperation = (tenant: Tenant): Operation => ({
  id: ownId('operation', tenant),
  project: tenant,
  kind: 'stop-vm',
  state: 'running',
  vmId: ownId('vm', tenant),
  vmName: canaryOf(tenant),
  by: canaryOf(tenant),
  input: {},
  requestHash: 'h',
  steps: [{ name: 'Ask To Stop', state: 'running' }],
  attempt: 1,
  cancelRequested: false,
  createdAt: AT,
  version: 1,
});

const settle = async (tenant: Tenant): Promise<void> => {
  const project = { id: tenant, by: 'test', createdAt: AT, live: true, version: 1 };
  await table.save(projects.inserting(project));
  await insertVm(newVm({ id: ownId('vm', tenant), project: tenant, name: canaryOf(tenant) }));
  await table.save(table.putNew(operations.entity, anOperation(tenant)));
  await insertSchedule(newSchedule({ id: ownId('schedule', tenant), project: tenant, name: canaryOf(tenant) }));
  await insertCalendar(newCalendar({ id: ownId('calendar', tenant), project: tenant, name: canaryOf(tenant) }));
  await insertGroup(newGroup({ id: ownId('group', tenant), project: tenant, name: canaryOf(tenant) }));
  await insertWindow(newWindow({ id: ownId('window', tenant), project: tenant, name: canaryOf(tenant) }));
  await insertRule(newRule({ id: ownId('rule', tenant), project: tenant, name: canaryOf(tenant) }));
  await table.save(
    alerts.writing(
      newAlert({ fingerprint: ownId('alert', tenant), project: tenant, annotations: { summary: canaryOf(tenant) } }),
    ),
  );
  await table.save(
    silences.inserting(newSilence({ id: ownId('silence', tenant), project: tenant, comment: canaryOf(tenant) })),
  );
  await signIn('viewer', { id: ownId('token', tenant), name: canaryOf(tenant), project: tenant, system: false });
};

/** Their operations are rows that nobody began, and the VMs they are about are free. */
export const leavesOfTenants = (): void => leaves('OperationUnswept', 'OperationOverdue', 'OperationsOverlap');

/** One shared host and image, and for each tenant a VM, an operation, a token, a schedule, a calendar, a group, a window, a rule, an alert and a silence. */
export const settleTenants = async (): Promise<void> => {
  leavesOfTenants();
  await insertHost(newHost());
  await insertImage(newImage());
  await settle('shop');
  await settle('bank');
};
