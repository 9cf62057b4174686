import { ALERTS } from './alerts-routes.ts';
import { ANSWERS } from './answers-routes.ts';
import { AUDIT } from './audit-routes.ts';
import { CALENDARS } from './calendars-routes.ts';
import { CHANNELS } from './channels-routes.ts';
import { GROUPS } from './groups-routes.ts';
import { HOSTS } from './hosts-routes.ts';
import { INGEST } from './ingest-routes.ts';
import { METRICS } from './metrics-routes.ts';
import { PREVIEWS } from './previews-routes.ts';
import { PROJECTS } from './projects-routes.ts';
import { REACH } from './reach-routes.ts';
import { READ } from './read-routes.ts';
import { REPORT } from './report-routes.ts';
import type { Route } from './route.ts';
import { RULES } from './rules-routes.ts';
import { SCHEDULES } from './schedules-routes.ts';
import { SILENCES } from './silences-routes.ts';
import { WINDOWS } from './windows-routes.ts';
import { WRITE } from './write-routes.ts';

/** The whole table, of all functions: for OpenAPI, the CLI and tests. */
export const ROUTES: readonly Route[] = [
  ...READ,
  ...WRITE,
  ...PROJECTS,
  ...HOSTS,
  ...REACH,
  ...REPORT,
  ...AUDIT,
  ...SCHEDULES,
  ...PREVIEWS,
  ...CALENDARS,
  ...GROUPS,
  ...WINDOWS,
  ...ALERTS,
  ...SILENCES,
  ...INGEST,
  ...METRICS,
  ...RULES,
  ...CHANNELS,
  ...ANSWERS,
];
