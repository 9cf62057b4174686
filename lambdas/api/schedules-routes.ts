import { createSchedule } from './create-schedule.ts';
import { deleteSchedule } from './delete-schedule.ts';
import { endOverride } from './end-override.ts';
import { overrideSchedule } from './override-schedule.ts';
import { patchSchedule } from './patch-schedule.ts';
import type { Route } from './route.ts';

/** What changes schedules: it needs the calendar, which few functions carry. */
export const SCHEDULES: readonly Route[] = [
  createSchedule,
  patchSchedule,
  deleteSchedule,
  overrideSchedule,
  endOverride,
];
