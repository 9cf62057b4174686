import { reportMetrics } from './report-metrics.ts';
import type { Route } from './route.ts';

/** What hosts measure. */
export const INGEST: readonly Route[] = [reportMetrics];
