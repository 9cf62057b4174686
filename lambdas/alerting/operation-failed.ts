import * as z from 'zod';
import { handOut } from './hand-out.ts';
import { FailedOperation, noticeOf } from './notice.ts';

/** "Operation Failed" and "Operation Needs Attention" of bus `novacron`. */
const Told = z.object({ detail: FailedOperation });

/** Tells people of an operation that failed. */
export const handler = (event: unknown): Promise<void> => handOut(noticeOf(Told.parse(event).detail));
