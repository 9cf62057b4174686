import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { isResolvedAt } from '../domain/alerts/alert.ts';
import { sourcesAround } from '../domain/metrics/sources.ts';
import { totalsOf } from '../domain/metrics/totals.ts';
import { measure } from '../runtime/powertools.ts';
import { readLatest } from '../runtime/read-samples.ts';
import * as alerts from '../store/alerts.ts';
import * as hosts from '../store/hosts.ts';
import * as vms from '../store/vms.ts';

/** A host that has been silent for longer is not measured now. */
const CURRENT_MS = 60_000;

const UNITS = { HostCpuUtilization: MetricUnit.Percent, HostMemoryUtilization: MetricUnit.Percent };

/** "Rules Due" of bus `novacron`, each minute while something is measured: what the whole plane is, as CloudWatch's own metrics. */
export const handler = async (): Promise<void> => {
  const now = Date.now();
  const [every, machines] = [await Array.fromAsync(vms.all()), await hosts.all()];
  const latest = await readLatest(sourcesAround(every, machines), CURRENT_MS, now);
  const firing = (await Array.fromAsync(alerts.all())).filter((alert) => !isResolvedAt(alert, now));
  const plane = { vms: every, hosts: machines, latest, alertsFiring: firing.length };
  for (const { of, figures } of totalsOf(plane)) measure(figures, of, UNITS);
};
