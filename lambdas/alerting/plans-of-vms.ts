import type { PlanOfVm } from '../domain/alerts/vm-conditions.ts';
import { filtersOf } from '../domain/group-members.ts';
import { plannedAt } from '../domain/planned-times.ts';
import type { Schedule } from '../domain/schedule.ts';
import { holdersOf } from '../domain/schedule-cover.ts';
import type { Vm } from '../domain/vm.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as schedules from '../store/schedules.ts';

/** What a schedule wants at a moment; undefined where no time of it has come yet. */
const wishOf = async (schedule: Schedule, now: number): Promise<PlanOfVm | undefined> => {
  const wanted = plannedAt(await plans.planned(schedule), now);
  return wanted && { schedule, want: wanted.want, at: wanted.at, because: wanted.because };
};

/** What is planned for each of these VMs of a project at a moment, by their ids; those that no schedule has are left out. */
export const plansOf = async (
  project: string,
  vms: readonly Vm[],
  now: number,
): Promise<ReadonlyMap<string, PlanOfVm>> => {
  const all = vms.length === 0 ? [] : await schedules.allOf(project);
  if (all.length === 0) return new Map();
  const asked = await groups.askedBy(project, all.flatMap(filtersOf));
  const holders = holdersOf(all, vms, asked);
  const own = new Map(holders.map(({ schedule }) => [schedule.id, schedule]));
  const wishes = new Map(
    await Promise.all([...own].map(async ([id, schedule]) => [id, await wishOf(schedule, now)] as const)),
  );
  return new Map(
    holders.flatMap(({ vm, schedule }) => {
      const wish = wishes.get(schedule.id);
      return wish ? [[vm.id, wish] as const] : [];
    }),
  );
};
