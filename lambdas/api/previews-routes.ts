import { getVmSchedule } from './get-vm-schedule.ts';
import { previewSchedule } from './preview-schedule.ts';
import type { Route } from './route.ts';

/** What schedules will do, and whose a VM is: with prices they are more than the function of schedules may weigh. */
export const PREVIEWS: readonly Route[] = [previewSchedule, getVmSchedule];
