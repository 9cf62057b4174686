import { silenceIdOf } from '../domain/alerts/derived-silence.ts';
import { isQuietByPlan, silenceOfSchedule } from '../domain/alerts/quiet-by-plan.ts';
import { silenceOfWindow } from '../domain/alerts/quiet-by-window.ts';
import type { Silence } from '../domain/alerts/silence.ts';
import type { Maker } from '../domain/alerts/silence-view.ts';
import { Fault } from '../domain/faults.ts';
import { filtersOf } from '../domain/group-members.ts';
import type { MaintenanceWindow } from '../domain/maintenance-window.ts';
import { windowsOver } from '../domain/schedule-cover.ts';
import type { Vm } from '../domain/vm.ts';
import type { Opening } from '../domain/window-times.ts';
import * as groups from '../store/groups.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';
import * as windows from '../store/windows.ts';
import { holdersAmong } from './holders.ts';

/** A silence that nobody has made, what makes it, and how many VMs it is about. */
export interface Derived {
  readonly silence: Silence;
  readonly by: Maker;
  readonly vms: number;
}

const namesOf = (all: readonly Vm[]): string[] => all.map(({ name }) => name);

const ofSchedules = async (project: string, all: readonly Vm[], now: number): Promise<Derived[]> => {
  const [known, holders] = await Promise.all([schedules.allOf(project), holdersAmong(project, all)]);
  return known.flatMap((schedule): Derived[] => {
    const quiet = holders.filter((each) => each.schedule.id === schedule.id && isQuietByPlan(each.vm, schedule, now));
    const silence = silenceOfSchedule(schedule, namesOf(quiet.map(({ vm }) => vm)), now);
    const by = { noun: 'schedule', id: schedule.id, name: schedule.name } as const;
    return silence ? [{ silence, by, vms: quiet.length }] : [];
  });
};

/** A window that keeps alerts about its VMs quiet, and its opening now or next. */
interface Silencing {
  readonly window: MaintenanceWindow;
  readonly opening: Opening;
}

/** Those of a project of which an opening is to come, as they are at a moment. */
const silencingIn = async (project: string, now: number): Promise<Silencing[]> => {
  const silencing = (await windows.allOf(project)).filter(({ silence }) => silence === true);
  if (silencing.length === 0) return [];
  const [timed, { openingAround }] = await Promise.all([windows.timed(project, silencing), import('#zoned-times')]);
  return timed.flatMap((window) => {
    const opening = openingAround(window, now);
    return opening ? [{ window, opening }] : [];
  });
};

/** Of which of its windows each VM of a project is one, by the VMs' ids. */
const windowsByVm = async (
  project: string,
  all: readonly MaintenanceWindow[],
  about: readonly Vm[],
): Promise<ReadonlyMap<string, readonly MaintenanceWindow[]>> => {
  if (all.length === 0) return new Map();
  const known = await groups.askedBy(project, all.flatMap(filtersOf));
  return new Map(about.map((vm) => [vm.id, windowsOver(vm, all, known)]));
};

/** The open windows by which alerts about each of these VMs of a project are quiet at a moment, by the VMs' ids. */
export const silencedByWindows = async (
  project: string,
  about: readonly Vm[],
  now: number,
): Promise<ReadonlyMap<string, readonly MaintenanceWindow[]>> => {
  const open = (await silencingIn(project, now)).filter(({ opening }) => opening.from <= now);
  const all = open.map(({ window }) => window);
  return windowsByVm(project, all, about);
};

const ofWindows = async (project: string, all: readonly Vm[], now: number): Promise<Derived[]> => {
  const silencing = await silencingIn(project, now);
  const known = silencing.map(({ window }) => window);
  const byVm = await windowsByVm(project, known, all);
  return silencing.map(({ window, opening }) => {
    const covered = all.filter(({ id }) => byVm.get(id)?.includes(window));
    const by = { noun: 'window', id: window.id, name: window.name } as const;
    return { silence: silenceOfWindow(window, opening, namesOf(covered)), by, vms: covered.length };
  });
};

/** The silences that schedules and windows of a project make, now or next. */
export const silencesDerived = async (project: string, now: number): Promise<Derived[]> => {
  const all = (await Array.fromAsync(vms.allOf(project))).filter(({ state }) => state !== 'deleted');
  return (await Promise.all([ofSchedules(project, all, now), ofWindows(project, all, now)])).flat();
};

/** The one of this id; undefined where none of them makes it. */
export const silenceDerived = async (project: string, id: string, now: number): Promise<Derived | undefined> => {
  const makers = [...(await schedules.allOf(project)), ...(await windows.allOf(project))];
  if (!makers.some((maker) => silenceIdOf(maker.id) === id)) return undefined;
  return (await silencesDerived(project, now)).find(({ silence }) => silence.id === id);
};

const WAYS = {
  schedule: (name: string) => `novacron schedule override ${name}, or another time for it`,
  window: (name: string) => `novacron window update ${name} --no-silence, or another time for it`,
} as const;

/** That nobody can change what nobody has made, and what can be changed in its stead. */
export const refusalOfDerived = ({ silence, by: { noun, name } }: Derived): Fault =>
  new Fault('SilenceDerived', `Silence ${silence.id} is made by the ${noun} ${name}: ${WAYS[noun](name)}, ends it.`);
