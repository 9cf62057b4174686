import type { AlertRow } from '../domain/alerts/alert-row.ts';
import type { Condition } from '../domain/alerts/condition.ts';
import { type Guests, hostConditions } from '../domain/alerts/host-conditions.ts';
import { isMadeGood, isMet, lateBehind } from '../domain/alerts/noted-conditions.ts';
import { asConditions } from '../domain/alerts/own-alerts.ts';
import { isDownUnasked, vmConditions } from '../domain/alerts/vm-conditions.ts';
import { DEFAULT_PROJECT } from '../domain/ids.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import * as hosts from '../store/hosts.ts';
import * as operations from '../store/operations.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';
import { planOf } from './plan-of-vm.ts';
import { routingOf } from './routing.ts';

/** What is so of a subject of alerts, by the projects that are told of it. */
export interface Judged {
  readonly byProject: ReadonlyMap<string, readonly Condition[]>;
  /** The version of the row that it was judged by; what was read beside it is looked at again each minute. */
  readonly version: number;
}

/** A row that is gone: whatever was open about it is over. */
const GONE: Judged = { byProject: new Map(), version: 0 };

const judgeVm = async (id: string, open: readonly AlertRow[], now: number): Promise<Judged> => {
  const vm = await vms.find(id);
  if (vm === undefined) return GONE;
  const project = projectOf(vm);
  // Only what is down, or was said to be, is asked after what is planned.
  const isToPlan = isDownUnasked(vm) || open.length > 0;
  const plan = isToPlan ? await planOf(vm, now) : undefined;
  return { byProject: new Map([[project, vmConditions(vm, plan)]]), version: vm.version };
};

/** The plane's own project, and those with VMs on a host that have routes of their own: the others' word goes where the first one's does. */
const toldOf = async (guests: ReadonlyMap<string, readonly Vm[]>): Promise<string[]> => {
  const others = [...guests.keys()].filter((project) => project !== DEFAULT_PROJECT);
  const routings = await Promise.all(others.map((project) => routingOf(project)));
  return [DEFAULT_PROJECT, ...routings.filter(({ version }) => version > 0).map(({ project }) => project)];
};

const guestsFor = (project: string, guests: ReadonlyMap<string, readonly Vm[]>): Guests => {
  const own = guests.get(project) ?? [];
  const all = [...guests.values()].reduce((sum, { length }) => sum + length, 0);
  // Whose VMs are beside one's own is for the owner of the hosts alone.
  return { project, names: own.map(({ name }) => name), others: project === DEFAULT_PROJECT ? all - own.length : 0 };
};

const judgeHost = async (id: string): Promise<Judged> => {
  const host = await hosts.find(id);
  if (host === undefined) return GONE;
  const there = (await Array.fromAsync(vms.onHost(id))).filter(({ state }) => state !== 'deleted');
  const guests = Map.groupBy(there, projectOf);
  const projects = await toldOf(guests);
  const conditions = projects.map((project) => [project, hostConditions(host, guestsFor(project, guests))] as const);
  return { byProject: new Map(conditions), version: host.version };
};

const byProjectOf = (
  open: readonly AlertRow[],
  isOver: (row: AlertRow) => boolean,
): ReadonlyMap<string, readonly Condition[]> =>
  new Map(
    [...Map.groupBy(open, ({ project }) => project)].map(([project, rows]) => [project, asConditions(rows, isOver)]),
  );

const judgeSchedule = async (id: string, open: readonly AlertRow[]): Promise<Judged> => {
  const [first] = open;
  if (first === undefined) return GONE;
  const schedule = await schedules.find(first.project, id);
  const late = schedule ? open.flatMap((row) => lateBehind(row, schedule) ?? []) : [];
  const there = await vms.findAll(late);
  return { byProject: byProjectOf(open, (row) => isMet(row, schedule, there)), version: schedule?.version ?? 0 };
};

const judgeOperation = async (id: string, open: readonly AlertRow[], now: number): Promise<Judged> => {
  const failed = await operations.find(id);
  const { vmId, hostId } = failed ?? {};
  const subject = vmId === undefined ? hostId && { hostId } : { vmId };
  const later = subject ? (await operations.pageOf(subject, { limit: 25 })).rows : [];
  return { byProject: byProjectOf(open, (row) => isMadeGood(row, failed, later, now)), version: failed?.version ?? 0 };
};

/** What is so now of what an id names: a VM, a host, a schedule or an operation; `open` are the alerts about it that are known. */
export const judge = (subject: string, open: readonly AlertRow[], now: number): Promise<Judged> => {
  const kind = subject.slice(0, subject.indexOf('-'));
  if (kind === 'vm') return judgeVm(subject, open, now);
  if (kind === 'h') return judgeHost(subject);
  return kind === 'sch' ? judgeSchedule(subject, open) : judgeOperation(subject, open, now);
};
