import * as z from 'zod';
import { VmId } from '../domain/ids.ts';

/** Path of a VM. */
export const VmPath = z.strictObject({ id: VmId });
