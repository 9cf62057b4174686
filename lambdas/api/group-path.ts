import * as z from 'zod';
import { GroupId } from '../domain/ids.ts';

/** Path of a group. */
export const GroupPath = z.strictObject({ id: GroupId });
