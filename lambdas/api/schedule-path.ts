import * as z from 'zod';
import { ScheduleId } from '../domain/ids.ts';

/** Path of a schedule. */
export const SchedulePath = z.strictObject({ id: ScheduleId });
