import * as z from 'zod';
import { FoundWrong, noticeOfFinding } from './finding-notice.ts';
import { handOut } from './hand-out.ts';

/** "Audit Finding" of bus `novacron`. */
const Told = z.object({ detail: FoundWrong });

/** Tells people of what an audit found for the first time. */
export const handler = (event: unknown): Promise<void> => handOut(noticeOfFinding(Told.parse(event).detail));
