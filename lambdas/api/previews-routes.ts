import { previewSchedule } from './preview-schedule.ts';
import type { Route } from './route.ts';

/** What needs prices beside the calendar: more than the function of schedules may weigh. */
export const PREVIEWS: readonly Route[] = [previewSchedule];
