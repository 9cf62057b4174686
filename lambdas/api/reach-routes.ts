import { getConsoleLog } from './get-console-log.ts';
import { reconcileNow } from './reconcile-now.ts';
import type { Route } from './route.ts';

/** What has to ask the places where VMs run while the caller waits. */
export const REACH: readonly Route[] = [getConsoleLog, reconcileNow];
