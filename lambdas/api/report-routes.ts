import { reportHost } from './report-host.ts';
import type { Route } from './route.ts';

/** What host units tell, each 10 s. */
export const REPORT: readonly Route[] = [reportHost];
