import * as z from 'zod';
import { WindowId } from '../domain/ids.ts';

/** Path of a window. */
export const WindowPath = z.strictObject({ id: WindowId });
