import { getExposition } from './get-exposition.ts';
import { getHostMetrics } from './get-host-metrics.ts';
import { getVmMetrics } from './get-vm-metrics.ts';
import { listPrometheusTargets } from './list-prometheus-targets.ts';
import type { Route } from './route.ts';
import { topHosts } from './top-hosts.ts';
import { topVms } from './top-vms.ts';

/** What is known of what VMs and hosts use, for people and for Prometheus. */
export const METRICS: readonly Route[] = [
  getVmMetrics,
  getHostMetrics,
  topVms,
  topHosts,
  getExposition,
  listPrometheusTargets,
];
