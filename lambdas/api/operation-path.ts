import * as z from 'zod';
import { OperationId } from '../domain/ids.ts';

/** Path of an operation. */
export const OperationPath = z.strictObject({ id: OperationId });
