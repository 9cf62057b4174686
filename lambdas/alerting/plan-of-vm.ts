import type { PlanOfVm } from '../domain/alerts/vm-conditions.ts';
import { plannedAt } from '../domain/planned-times.ts';
import { projectOf } from '../domain/project.ts';
import type { Vm } from '../domain/vm.ts';
import * as plans from '../store/plans.ts';
import { holdersAmong } from './holders.ts';

/** What is planned for a VM at a moment; undefined where no schedule has it, or no time of it has come yet. */
export const planOf = async (vm: Vm, now: number): Promise<PlanOfVm | undefined> => {
  const [holder] = await holdersAmong(projectOf(vm), [vm]);
  const wanted = holder && plannedAt(await plans.planned(holder.schedule), now);
  return wanted && { schedule: holder.schedule, want: wanted.want, at: wanted.at, because: wanted.because };
};
