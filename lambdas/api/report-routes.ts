import { getInstallScript } from './get-install-script.ts';
import { reportHost } from './report-host.ts';
import type { Route } from './route.ts';

/** What hosts come for with a token of their own: their unit's reports, each 10 s, and once the script that installs it. */
export const REPORT: readonly Route[] = [reportHost, getInstallScript];
