import { checkFindings } from './check-findings.ts';
import { getConsoleLog } from './get-console-log.ts';
import { getOpenapi } from './get-openapi.ts';
import { listFindings } from './list-findings.ts';
import { reconcileNow } from './reconcile-now.ts';
import type { Route } from './route.ts';

/** What asks the places where VMs run while the caller waits; and the long description, lest the functions that serve much carry it. */
export const REACH: readonly Route[] = [getConsoleLog, reconcileNow, listFindings, checkFindings, getOpenapi];
