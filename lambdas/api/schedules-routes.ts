import { createSchedule } from './create-schedule.ts';
import { deleteSchedule } from './delete-schedule.ts';
import { endOverride } from './end-override.ts';
import { getSchedule } from './get-schedule.ts';
import { listSchedules } from './list-schedules.ts';
import { overrideSchedule } from './override-schedule.ts';
import { patchSchedule } from './patch-schedule.ts';
import type { Route } from './route.ts';

/** All of schedules but what they will do: they need the calendar, which few functions carry. */
export const SCHEDULES: readonly Route[] = [
  listSchedules,
  createSchedule,
  getSchedule,
  patchSchedule,
  deleteSchedule,
  overrideSchedule,
  endOverride,
];
