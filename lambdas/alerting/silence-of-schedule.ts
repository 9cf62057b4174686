import { isQuietByPlan, silenceIdOf, silenceOfSchedule } from '../domain/alerts/quiet-by-plan.ts';
import type { Silence } from '../domain/alerts/silence.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';
import { holdersAmong } from './holders.ts';

/** The silence of this id that a schedule of the project makes; undefined where none does. */
export const silenceDerived = async (project: string, id: string, now: number): Promise<Silence | undefined> => {
  const found = (await schedules.allOf(project)).find((schedule) => silenceIdOf(schedule.id) === id);
  if (found === undefined) return undefined;
  const holders = await holdersAmong(project, await Array.fromAsync(vms.allOf(project)));
  const quiet = holders.filter(({ vm, schedule }) => schedule.id === found.id && isQuietByPlan(vm, schedule, now));
  return silenceOfSchedule(
    found,
    quiet.map(({ vm }) => vm.name),
    now,
  );
};
